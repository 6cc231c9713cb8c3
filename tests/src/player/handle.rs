//! A test's hold on its player.

use std::thread::JoinHandle;
use std::time::Duration;

use kube::api::PostParams;
use kube::{Api, Client, Config};
use tokio::sync::{oneshot, watch};

use super::node::Nodes;
use super::perform::perform;
use super::pod::Stage;
use super::script::{Binding, Script};
use super::{PlayerError, Seen, claim};
use crate::cluster::TestCluster;

const TIMEOUT: Duration = Duration::from_mins(1);

/// Plays the kubelets and the storage of one namespace, from [`Player::start`] until it is stopped or dropped; or, from
/// [`Player::start_storage`] on, only the storage.
///
/// It has a thread and a client of its own: a test may block while it waits for a program.
#[must_use = "a player stops when it is dropped"]
pub struct Player {
    client: Client,
    namespace: String,
    script: watch::Sender<Script>,
    seen: watch::Receiver<Seen>,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), PlayerError>>,
}

impl Running {
    /// Stops the player and waits until it has left its nodes.
    fn end(self) -> Result<(), PlayerError> {
        // It may have ended by itself.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| PlayerError::Ended)?
    }
}

impl Player {
    /// Starts playing a namespace, which need not exist yet, and waits until pods can be scheduled.
    ///
    /// # Errors
    /// When the API server refuses, or the cluster has schedulable nodes of its own.
    pub async fn start(cluster: &TestCluster, namespace: &str, script: Script) -> Result<Self, PlayerError> {
        Self::begin(cluster, namespace, script, Kubelets::Played).await
    }

    /// Starts serving the claims of a namespace, which need not exist yet, and whose pods run on the cluster's own nodes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start_storage(cluster: &TestCluster, namespace: &str) -> Result<Self, PlayerError> {
        Self::begin(cluster, namespace, Script::ready_after(Duration::ZERO), Kubelets::Real).await
    }

    async fn begin(
        cluster: &TestCluster,
        namespace: &str,
        script: Script,
        kubelets: Kubelets,
    ) -> Result<Self, PlayerError> {
        let (script, script_changes) = watch::channel(script);
        let (sightings, seen) = watch::channel(Seen::default());
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = oneshot::channel();
        let config = cluster.config().clone();
        let owned = namespace.to_owned();
        let thread = std::thread::Builder::new()
            .name("node-player".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.map_err(|_| PlayerError::Ended)?;
                let player = Part { namespace: owned, kubelets, script: script_changes, seen: sightings };
                runtime.block_on(run(config, player, started, stopped))
            })
            .map_err(|_| PlayerError::Ended)?;
        let running = Running { stop, thread };
        if starting.await.is_err() {
            return Err(running.end().err().unwrap_or(PlayerError::Ended));
        }
        let namespace = namespace.to_owned();
        Ok(Self { client: cluster.client(), namespace, script, seen, running: Some(running) })
    }

    /// Changes the script. Containers go on from where they are.
    pub fn script(&self, change: impl FnOnce(Script) -> Script) {
        self.script.send_modify(|script| *script = change(script.clone()));
    }

    /// Creates a storage class whose claims this player serves, and returns its name: `name`, after the namespace's.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn storage_class(&self, name: &str, binding: Binding) -> Result<String, PlayerError> {
        let full = format!("{}-{name}", self.namespace);
        let class = claim::storage_class(&full, &self.namespace, binding);
        Api::all(self.client.clone())
            .create(&PostParams::default(), &class)
            .await
            .map_err(PlayerError::when(format!("create storage class {full}")))?;
        self.script(|script| script.provision_when(&full, binding));
        Ok(full)
    }

    /// What it has seen so far.
    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until it has seen what a test waits for; `what` is for the message.
    ///
    /// # Errors
    /// When that does not come within a minute.
    pub async fn wait_until(&self, what: &str, holds: impl FnMut(&Seen) -> bool) -> Result<Seen, PlayerError> {
        let mut seen = self.seen.clone();
        let wait = async { seen.wait_for(holds).await.map(|seen| seen.clone()) };
        match tokio::time::timeout(TIMEOUT, wait).await {
            Ok(Ok(seen)) => Ok(seen),
            Ok(Err(_)) => Err(PlayerError::Ended),
            Err(_) => Err(PlayerError::NotSeen { what: what.to_owned(), within: TIMEOUT, seen: Box::new(self.seen()) }),
        }
    }

    /// Stops playing, and leaves the nodes to the other players or deletes them.
    ///
    /// # Errors
    /// When the nodes could not be left.
    pub async fn stop(mut self) -> Result<(), PlayerError> {
        let Some(running) = self.running.take() else { return Ok(()) };
        tokio::task::spawn_blocking(|| running.end()).await.unwrap_or(Err(PlayerError::Ended))
    }
}

impl Drop for Player {
    /// A test that panics leaves its nodes, too.
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            drop(running.end());
        }
    }
}

/// Who runs the pods.
enum Kubelets {
    Played,
    Real,
}

/// What a player plays, and how it says what it sees.
struct Part {
    namespace: String,
    kubelets: Kubelets,
    script: watch::Receiver<Script>,
    seen: watch::Sender<Seen>,
}

async fn run(
    config: Config,
    part: Part,
    started: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), PlayerError> {
    let Part { namespace, kubelets, script, seen } = part;
    let client = Client::try_from(config).map_err(PlayerError::when("make a client"))?;
    let nodes = match kubelets {
        Kubelets::Played => Some(Nodes::join(client.clone(), &namespace).await?),
        Kubelets::Real => None,
    };
    // Nobody may be waiting any more; then `stopped` is closed, which ends the performance as well.
    let _ = started.send(());
    let (ending, ended) = oneshot::channel();
    let play = async move {
        perform(Stage { client, namespace, script, seen }, stopped).await;
        drop(ending);
    };
    let Some(nodes) = nodes else {
        play.await;
        return Ok(());
    };
    tokio::join!(play, nodes.keep(ended));
    nodes.leave().await
}
