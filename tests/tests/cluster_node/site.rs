//! Where a test deploys: a namespace that is not there yet, on a real node, with storage that is played.

use std::time::Duration;

use cht_k8s::KubeCluster;
use cht_tests::cluster::TestCluster;
use cht_tests::player::{Binding, Player};
use cht_tests::program::{self, Cht, Ran};
use cht_tests::stand_in::Remote;
use kube::Client;
use serde_json::Value;
use tokio::task::JoinHandle;

/// How long a test waits for what must come. Many instances start at once.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);
/// Between two looks at what no watch tells.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

const VALUES: &str = "values.yaml";

/// What stand-ins need: many instances run on the node at once.
const REQUESTS: [&str; 2] = ["cpu=5m", "memory=16Mi"];
const PROGRAMS: [&str; 7] = ["couchdb", "nouveau", "haproxy", "healthcheck", "api", "sentinel", "upgrade_service"];

/// Where a test deploys.
pub(crate) struct Site {
    /// A client of the API server.
    pub(crate) client: Client,
    /// The cluster as the program sees it.
    pub(crate) kube: KubeCluster,
    /// The instance's namespace.
    pub(crate) namespace: String,
    /// Its stand-ins.
    pub(crate) stand_ins: Remote,
    cluster: TestCluster,
    cht: Cht,
    settings: Vec<String>,
}

/// Runs a test on a site of its own for an instance of an example, with changes to its values, and cleans up after it.
/// `NAMESPACE` in a change is the instance's.
pub(crate) async fn on_a_site(example: &str, changes: &[&str], test: impl AsyncFnOnce(&Site)) {
    let cluster = TestCluster::connect().await;
    let node = cluster.node();
    cluster
        .with_reserved_namespace(async |cluster: TestCluster, namespace| {
            let player = Player::start_storage(&cluster, &namespace).await.expect("claims are served");
            let class = player.storage_class("class", Binding::WaitForFirstConsumer).await.expect("a class");
            let host = format!("{namespace}.example.org");
            let own = [
                ("namespace", &namespace),
                ("project_name", &namespace),
                ("couchdb.storage_class", &class),
                ("ingress.host", &host),
            ];
            let mut settings: Vec<_> = own.iter().map(|(key, value)| format!("{key}={value}")).collect();
            settings.extend(
                PROGRAMS.iter().flat_map(|program| REQUESTS.map(|of| format!("{program}.resources.requests.{of}"))),
            );
            settings.extend((1..=3).map(|number| format!("nodes.node-{number}={node}")));
            settings.extend(changes.iter().map(|change| change.replace("NAMESPACE", &namespace)));
            let cht = Cht::new();
            let values = program::workspace().join("examples").join(example);
            cht.write(VALUES, std::fs::read(&values).unwrap_or_else(|error| panic!("{}: {error}", values.display())));
            // As the program's own: each answer counts as it is, 503 of an application that starts among them.
            let mut config = cluster.config().clone();
            config.default_retry = false;
            let client = Client::try_from(config).expect("a client");
            let kube = KubeCluster::new(client.clone(), "the test cluster");
            let stand_ins = Remote::new(client.clone(), &namespace);
            test(&Site { client, kube, namespace, stand_ins, cluster, cht, settings }).await;
            player.stop().await.expect("the player stops");
        })
        .await;
}

impl Site {
    /// Starts `cht` with one of its commands and arguments, separated by white space, for the instance with further
    /// changes to its values.
    pub(crate) fn start(&self, command: &str, changes: &[&str]) -> JoinHandle<Ran> {
        let kubeconfig = self.cluster.kubeconfig().to_string_lossy();
        let mut arguments: Vec<_> = command.split_whitespace().collect();
        arguments.extend(["--kubeconfig", &kubeconfig, "-f", VALUES, "-o", "json"]);
        for change in self.settings.iter().map(String::as_str).chain(changes.iter().copied()) {
            arguments.extend(["--set", change]);
        }
        let command = self.cht.command(arguments);
        tokio::task::spawn_blocking(move || Ran::of(command))
    }

    /// One of `cht`'s commands that look at a namespace, with its arguments, separated by white space.
    pub(crate) fn looking(&self, command: &str) -> std::process::Command {
        let kubeconfig = self.cluster.kubeconfig().to_string_lossy();
        let place = ["--kubeconfig", &kubeconfig, "-n", &self.namespace];
        self.cht.command(command.split_whitespace().chain(place))
    }

    /// Runs `cht` to its end.
    pub(crate) async fn run(&self, command: &str, changes: &[&str]) -> Ran {
        self.start(command, changes).await.expect("the program ran")
    }

    /// Deploys, which must end with that exit code.
    pub(crate) async fn deploy(&self, changes: &[&str], code: i32) -> Ran {
        self.run("deploy --timeout 5m", changes).await.expect(code)
    }
}

/// One component of a report.
#[track_caller]
pub(crate) fn component(report: &Value, name: &str) -> Value {
    let mut components = report["components"].as_array().into_iter().flatten();
    components.find(|one| one["component"] == name).unwrap_or_else(|| panic!("{name} in {report:#}")).clone()
}

/// Looks until it sees what a test waits for. For what no watch tells: what applications answer.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    let looking = async {
        loop {
            match look().await {
                Ok(seen) => return seen,
                Err(instead) => last = instead,
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let outcome = tokio::time::timeout(PATIENCE, looking).await;
    outcome.unwrap_or_else(|_| panic!("{what} did not come within {PATIENCE:?}; instead: {last}"))
}
