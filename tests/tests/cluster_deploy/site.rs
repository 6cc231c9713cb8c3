//! Where a test deploys: a namespace that is not there yet, and nodes that play its pods.

use std::sync::Arc;
use std::time::Duration;

use cht_k8s::{Cluster, KubeCluster, LiveObject};
use cht_manifests::{Kind, ObjectKey};
use cht_tests::cluster::{TestCluster, listed};
use cht_tests::player::{Binding, NODES, Player, Script};

use crate::values::Values;

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Where a test deploys.
pub(crate) struct Site {
    /// The cluster.
    pub(crate) cluster: Arc<KubeCluster>,
    /// The instance's namespace.
    pub(crate) namespace: String,
    /// The nodes.
    pub(crate) player: Player,
    /// The cluster as other tools reach it.
    pub(crate) backdoor: TestCluster,
    class: String,
}

/// Everything gets ready at once.
pub(crate) fn at_once() -> Script {
    Script::ready_after(Duration::ZERO)
}

/// Runs a test on a site of its own, and cleans up after it.
pub(crate) async fn on_a_site(script: Script, test: impl AsyncFnOnce(&Site)) {
    TestCluster::connect()
        .await
        .with_reserved_namespace(async |cluster: TestCluster, namespace| {
            let player = Player::start(&cluster, &namespace, script).await.expect("the player plays");
            let class = player.storage_class("class", Binding::WaitForFirstConsumer).await.expect("a class");
            let site = Site { cluster: Arc::new(cluster.kube()), namespace, player, backdoor: cluster, class };
            test(&site).await;
            site.player.stop().await.expect("the player leaves");
        })
        .await;
}

impl Site {
    /// The values of an example, for an instance here. Sites are beside each other, so each has a host of its own.
    pub(crate) fn example(&self, name: &str) -> Values {
        let values = Values::example(name)
            .set("ingress.host", &format!("{}.example.org", self.namespace))
            .set("namespace", &self.namespace)
            .set("project_name", &self.namespace)
            .set("couchdb.storage_class", &self.class);
        (1..).zip(NODES).fold(values, |values, (number, node)| values.set(&format!("nodes.node-{number}"), node))
    }

    /// An object that must be there.
    pub(crate) async fn live(&self, kind: Kind, name: &str) -> LiveObject {
        let key = ObjectKey::new(kind, &self.namespace, name);
        self.cluster.get(&key).await.expect("an answer").unwrap_or_else(|| panic!("{key} is not there"))
    }

    /// The objects of a kind.
    pub(crate) async fn all(&self, kind: Kind) -> Vec<LiveObject> {
        listed(&*self.cluster, kind, &self.namespace).await
    }
}
