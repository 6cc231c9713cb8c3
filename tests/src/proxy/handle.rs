//! A test's hold on its proxy.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use kube::{Client, Config};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use super::record::Seen;
use super::rule::{Rule, Rules};
use super::serve::{Shared, serve};
use crate::cluster::TestCluster;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Stands between programs and the API server, from [`Proxy::start`] until it is dropped.
///
/// It has a thread of its own: a test may block while it waits for a program.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    folder: TempDir,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Proxy {
    /// Listens at a free port of this machine.
    ///
    /// # Panics
    /// When there is none, or the cluster's configuration makes no client.
    pub fn start(cluster: &TestCluster) -> Self {
        let shared = Arc::new(Shared { rules: Mutex::new(Rules::default()), seen: watch::Sender::new(Vec::new()) });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that need not block");
        let address = listener.local_addr().expect("a listener has an address");
        let mut config = cluster.config().clone();
        // What goes wrong is the program's to mend.
        config.default_retry = false;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("proxy".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(run(listener, config, serving, stopped));
            })
            .expect("a thread");
        Self { shared, folder: kubeconfig(address), running: Some((stop, thread)) }
    }

    /// A kubeconfig for programs whose requests shall go through here.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// Lets requests go wrong from now on. Of rules that apply to the same request, the earlier one does.
    pub fn on(&self, rule: Rule) {
        self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner).add(rule);
    }

    /// Forgets all rules.
    pub fn off(&self) {
        *self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner) = Rules::default();
    }

    /// Every request so far, in the order in which they came.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.borrow().clone()
    }

    /// Waits until it has seen what a test waits for; `what` is for the message.
    ///
    /// # Panics
    /// When that does not come within a minute.
    pub async fn wait_until(&self, what: &str, mut holds: impl FnMut(&[Seen]) -> bool) {
        let mut seen = self.shared.seen.subscribe();
        let wait = seen.wait_for(|seen| holds(seen));
        let came = tokio::time::timeout(PATIENCE, wait).await.is_ok_and(|seen| seen.is_ok());
        assert!(came, "{what} did not come within {PATIENCE:?}; so far: {:#?}", self.seen());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            // It may have ended by itself, and its panic is in the test's output then.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

const FILE: &str = "kubeconfig";

fn kubeconfig(server: SocketAddr) -> TempDir {
    let text = format!(
        "\
apiVersion: v1
kind: Config
current-context: proxy
clusters: [{{ name: proxy, cluster: {{ server: \"http://{server}\" }} }}]
users: [{{ name: proxy, user: {{}} }}]
contexts: [{{ name: proxy, context: {{ cluster: proxy, user: proxy }} }}]
"
    );
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(Path::join(folder.path(), FILE), text).expect("a file in a folder of its own");
    folder
}

async fn run(listener: std::net::TcpListener, config: Config, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let server = Client::try_from(config).expect("a client of the test cluster");
    let listener = TcpListener::from_std(listener).expect("a listener that need not block");
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            Ok((stream, _)) = listener.accept() => drop(tokio::spawn(serve(stream, server.clone(), Arc::clone(&shared)))),
        }
    }
}
