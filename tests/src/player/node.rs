//! The nodes that all players share: created by the first, kept alive by all, deleted by the last.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{
    DaemonEndpoint, Node, NodeAddress, NodeCondition, NodeDaemonEndpoints, NodeStatus, NodeSystemInfo,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{Timestamp, ToSpan as _};
use kube::api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams, Preconditions};
use kube::runtime::wait::await_condition;
use kube::{Api, Client, Error, ResourceExt as _};
use serde_json::json;

use super::PlayerError;

/// The names of the nodes, which are their host names too.
pub const NODES: [&str; 3] = ["cht-test-node-1", "cht-test-node-2", "cht-test-node-3"];

/// Where the nodes say they are. Nothing listens at their port there, so whatever asks a kubelet hears at once that
/// there is none.
pub(super) const ADDRESS: &str = "127.0.0.1";
const CLOSED_PORT: i32 = 1;

/// Tells the players' nodes from a cluster's own.
const NODE_LABEL: &str = "cht.test/node";
const HOLDER_PREFIX: &str = "player.cht.test/";

/// A cluster takes a node for lost after 40 s without a sign of life.
const BEAT: Duration = Duration::from_secs(10);
const HELD_SECONDS: i64 = 60;
const ACCEPT_TIMEOUT: Duration = Duration::from_mins(1);

/// One player's hold on the nodes.
pub(super) struct Nodes {
    api: Api<Node>,
    holder: String,
}

impl Nodes {
    /// Makes sure that the nodes are there, and stay.
    pub(super) async fn join(client: Client, namespace: &str) -> Result<Self, PlayerError> {
        let unique = RandomState::new().hash_one(namespace);
        let nodes = Self { api: Api::all(client), holder: format!("{HOLDER_PREFIX}{namespace}.{unique:x}") };
        nodes.refuse_real_ones().await?;
        nodes.beat().await?;
        try_join_all(NODES.map(|name| nodes.wait_until_schedulable(name))).await?;
        Ok(nodes)
    }

    async fn refuse_real_ones(&self) -> Result<(), PlayerError> {
        let all = self.api.list(&ListParams::default()).await.map_err(PlayerError::when("list the nodes"))?;
        let real: Vec<_> = all.iter().filter(|node| !is_played(node) && is_schedulable(node)).collect();
        if real.is_empty() {
            Ok(())
        } else {
            Err(PlayerError::RealNodes(real.iter().map(|node| node.name_any()).collect()))
        }
    }

    /// Keeps the nodes alive until told to stop.
    pub(super) async fn keep(&self, mut stop: tokio::sync::oneshot::Receiver<()>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                _ = &mut stop => return,
            }
            // Four beats have to fail in a row before a node counts as lost. A beat is never broken off: one that
            // arrives after this player left would keep the nodes from being deleted.
            drop(self.beat().await);
        }
    }

    async fn beat(&self) -> Result<(), PlayerError> {
        try_join_all(NODES.map(|name| self.beat_once(name))).await.map(drop)
    }

    async fn beat_once(&self, name: &str) -> Result<(), PlayerError> {
        let failed = || PlayerError::when(format!("keep node {name} alive"));
        loop {
            let alive = json!({
                "metadata": {"annotations": {&self.holder: in_force_until()}},
                "status": {"conditions": [ready()]},
            });
            match self.api.patch_status(name, &PatchParams::default(), &Patch::Strategic(alive)).await {
                Ok(_) => return Ok(()),
                Err(Error::Api(status)) if status.is_not_found() => {}
                Err(error) => return Err(failed()(error)),
            }
            match self.api.create(&PostParams::default(), &node(name, &self.holder)).await {
                Ok(_) => return Ok(()),
                // Another player was faster: its node will do.
                Err(Error::Api(status)) if status.is_already_exists() => {}
                Err(error) => return Err(failed()(error)),
            }
        }
    }

    /// New nodes are tainted until the node lifecycle controller has seen that they are ready.
    async fn wait_until_schedulable(&self, name: &str) -> Result<(), PlayerError> {
        let accepted = await_condition(self.api.clone(), name, |node: Option<&Node>| node.is_some_and(is_schedulable));
        match tokio::time::timeout(ACCEPT_TIMEOUT, accepted).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(PlayerError::NodeNotAccepted { node: name.to_owned(), within: ACCEPT_TIMEOUT }),
        }
    }

    /// Gives the nodes up, and deletes them when no other player holds them.
    pub(super) async fn leave(self) -> Result<(), PlayerError> {
        try_join_all(NODES.map(|name| self.leave_one(name))).await.map(drop)
    }

    async fn leave_one(&self, name: &str) -> Result<(), PlayerError> {
        loop {
            match self.try_to_leave(name).await {
                Ok(()) => return Ok(()),
                Err(Error::Api(status)) if status.is_not_found() => return Ok(()),
                // It changed in between: perhaps another player came.
                Err(Error::Api(status)) if status.is_conflict() => {}
                Err(error) => return Err(PlayerError::when(format!("leave node {name}"))(error)),
            }
        }
    }

    async fn try_to_leave(&self, name: &str) -> Result<(), Error> {
        let not_held = json!({"metadata": {"annotations": {&self.holder: null}}});
        let node = self.api.patch(name, &PatchParams::default(), &Patch::Merge(not_held)).await?;
        if is_held(&node, Timestamp::now()) {
            return Ok(());
        }
        let unchanged = Preconditions { uid: node.uid(), resource_version: node.resource_version() };
        self.api.delete(name, &DeleteParams::default().preconditions(unchanged)).await.map(drop)
    }
}

fn is_played(node: &Node) -> bool {
    node.labels().contains_key(NODE_LABEL)
}

fn is_schedulable(node: &Node) -> bool {
    node.spec.as_ref().is_none_or(|spec| {
        let repels = |effect: &str| effect == "NoSchedule" || effect == "NoExecute";
        !spec.unschedulable.unwrap_or(false) && !spec.taints.iter().flatten().any(|taint| repels(&taint.effect))
    })
}

fn is_held(node: &Node, now: Timestamp) -> bool {
    node.annotations()
        .iter()
        .filter(|(key, _)| key.starts_with(HOLDER_PREFIX))
        .any(|(_, until)| until.parse::<Timestamp>().is_ok_and(|until| until > now))
}

fn in_force_until() -> String {
    let now = Timestamp::now();
    now.checked_add(HELD_SECONDS.seconds()).unwrap_or(now).to_string()
}

fn ready() -> NodeCondition {
    let now = Some(Time(Timestamp::now()));
    NodeCondition {
        type_: "Ready".to_owned(),
        status: "True".to_owned(),
        reason: Some("KubeletReady".to_owned()),
        message: Some("played by a test".to_owned()),
        last_heartbeat_time: now.clone(),
        last_transition_time: now,
    }
}

fn node(name: &str, holder: &str) -> Node {
    let text = str::to_owned;
    let labels = [
        ("kubernetes.io/hostname", name),
        ("kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        (NODE_LABEL, ""),
    ];
    let room = [("cpu", "64"), ("memory", "256Gi"), ("ephemeral-storage", "1Ti"), ("pods", "1000")];
    let room: BTreeMap<_, _> = room.map(|(kind, amount)| (text(kind), Quantity(text(amount)))).into();
    Node {
        metadata: ObjectMeta {
            name: Some(text(name)),
            labels: Some(labels.map(|(key, value)| (text(key), text(value))).into()),
            annotations: Some([(text(holder), in_force_until())].into()),
            ..ObjectMeta::default()
        },
        status: Some(NodeStatus {
            capacity: Some(room.clone()),
            allocatable: Some(room),
            conditions: Some(vec![ready()]),
            addresses: Some(vec![
                NodeAddress { type_: text("InternalIP"), address: text(ADDRESS) },
                NodeAddress { type_: text("Hostname"), address: text(name) },
            ]),
            daemon_endpoints: Some(NodeDaemonEndpoints {
                kubelet_endpoint: Some(DaemonEndpoint { port: CLOSED_PORT }),
            }),
            node_info: Some(NodeSystemInfo {
                architecture: text("amd64"),
                operating_system: text("linux"),
                kubelet_version: text("v1.20.2-played"),
                ..NodeSystemInfo::default()
            }),
            ..NodeStatus::default()
        }),
        ..Node::default()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{Timestamp, ToSpan as _};
    use serde_json::json;

    use super::{Node, is_held, is_schedulable, node};

    #[test]
    fn a_hold_runs_out() {
        let node = node("n", "player.cht.test/ns.1");
        assert!(is_held(&node, Timestamp::now()));
        assert!(!is_held(&node, Timestamp::now() + 2.minutes()));
    }

    #[test]
    fn cordoned_and_tainted_nodes_run_no_pods() {
        let node = |spec| serde_json::from_value::<Node>(json!({"metadata": {"name": "n"}, "spec": spec})).unwrap();
        assert!(is_schedulable(&node(json!({}))));
        assert!(is_schedulable(&node(json!({"taints": [{"key": "a", "effect": "PreferNoSchedule"}]}))));
        assert!(!is_schedulable(&node(json!({"unschedulable": true}))));
        assert!(!is_schedulable(&node(json!({"taints": [{"key": "a", "effect": "NoSchedule"}]}))));
    }
}
