//! Where a test deploys with the program: a namespace that is not there yet, and nodes that play its pods.

use std::path::Path;
use std::process::Command;

use cht_k8s::KubeCluster;
use cht_tests::cluster::TestCluster;
use cht_tests::player::{Binding, NODES, Player, Script};
use cht_tests::program::{Cht, Ran, start, workspace};
use cht_tests::proxy::{Proxy, Victim};

/// An instance of three CouchDB nodes.
pub(crate) const THREE_NODES: &str = "k3s-cluster.yaml";
/// An instance of one.
pub(crate) const ONE_NODE: &str = "k3d.yaml";

/// Where a test deploys.
pub(crate) struct Site {
    /// The cluster.
    pub(crate) cluster: TestCluster,
    /// The same, past the proxy.
    pub(crate) kube: KubeCluster,
    /// The instance's namespace.
    pub(crate) namespace: String,
    /// The nodes.
    pub(crate) player: Player,
    /// The program, and the values of the instance.
    pub(crate) cht: Cht,
}

/// Everything gets ready at once.
pub(crate) fn at_once() -> Script {
    Script::ready_after(std::time::Duration::ZERO)
}

/// Runs a test on a site for an example's values, and cleans up after it.
pub(crate) async fn on_a_site(cluster: &TestCluster, example: &str, test: impl AsyncFnOnce(&Site)) {
    cluster
        .with_reserved_namespace(async |cluster: TestCluster, namespace| {
            let player = Player::start(&cluster, &namespace, at_once()).await.expect("the player plays");
            let class = player.storage_class("class", Binding::WaitForFirstConsumer).await.expect("a class");
            let kube = cluster.kube();
            let cht = Cht::new();
            cht.write("values.yaml", std::fs::read(workspace().join("examples").join(example)).expect("an example"));
            cht.write("site.yaml", values_of_site(&namespace, &class));
            let site = Site { cluster, kube, namespace, player, cht };
            test(&site).await;
            site.player.stop().await.expect("the player leaves");
        })
        .await;
}

fn values_of_site(namespace: &str, class: &str) -> String {
    let [one, two, three] = NODES;
    format!(
        "\
namespace: {namespace}
project_name: {namespace}
couchdb: {{ storage_class: {class} }}
ingress: {{ host: {namespace}.example.org }}
nodes: {{ node-1: {one}, node-2: {two}, node-3: {three} }}
"
    )
}

impl Site {
    /// A deploy with the API server of a kubeconfig. The words of `more` are separated by white space.
    pub(crate) fn deploy(&self, kubeconfig: &Path, more: &str) -> Command {
        let mut command =
            self.cht.command("deploy --output json --timeout 3m -f values.yaml -f site.yaml".split_whitespace());
        command.arg("--kubeconfig").arg(kubeconfig).args(more.split_whitespace());
        command
    }

    /// Deploys past any proxy.
    pub(crate) async fn deploy_directly(&self, more: &str) -> Ran {
        run(self.deploy(self.cluster.kubeconfig(), more)).await
    }

    /// Deploys through a proxy.
    pub(crate) async fn deploy_through(&self, proxy: &Proxy, more: &str) -> Ran {
        run(self.deploy(&proxy.kubeconfig(), more)).await
    }
}

/// Runs a command to its end, while other sites go on.
pub(crate) async fn run(command: Command) -> Ran {
    tokio::task::spawn_blocking(|| Ran::of(command)).await.expect("the command runs")
}

/// Runs a command that may be killed, and answers with nothing when it was.
pub(crate) async fn run_until_killed(command: Command, victim: Victim) -> Option<Ran> {
    let child = start(command);
    victim.is(child.id());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("the command runs");
    let output = output.expect("the end of a program can be waited for");
    output.status.code().is_some().then(|| output.into())
}
