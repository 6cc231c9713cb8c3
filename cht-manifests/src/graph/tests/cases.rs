//! Instances to draw.

use std::collections::BTreeMap;

use cht_model::{Layer, Values};

use crate::graph::{Condition, Graph, Seen, State};
use crate::{Manifests, manifests};

/// A single node with secrets, for what must not be seen.
pub(crate) const SINGLE: &str = "
project_name: clinic
namespace: clinic
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: remote
couchdb: {couchdb_node_storage_size: 10Gi, user: warden, password: Canary-1, secret: Canary-2, uuid: Canary-3}
ingress: {host: clinic.example.org}
";

const CLUSTER_OF_5_2: &str = "
project_name: region
namespace: region
chtversion: 5.2.0
cluster_type: eks
couchdb: {clusteredCouchEnabled: true, couchdb_node_storage_size: 50Gi, storage_class: gp3}
clusteredCouch: {noOfCouchDBNodes: 3}
couchdb_data: {preExistingDataAvailable: true}
ebs: {preExistingEBSVolumeID-1: vol-0a, preExistingEBSVolumeID-2: vol-0b, preExistingEBSVolumeID-3: vol-0c, preExistingEBSVolumeSize: 50Gi}
ingress: {host: region.example.org, annotations: {groupname: g, tags: 'Environment=production', certificate: 'arn:aws:acm:eu-west-2:111122223333:certificate/0aa1bb2c-3d44-4e55-8f66-77a8b9c0d1e2'}}
";

const SINGLE_OF_4: &str = "
project_name: county
namespace: county
chtversion: 4.22.0
cluster_type: k3s-k3d
environment: remote
couchdb: {couchdb_node_storage_size: 10Gi}
local_storage: {preExistingDiskPath-1: /srv/couchdb}
ingress: {host: county.example.org}
";

const WITHOUT_INGRESS: &str = "
project_name: ministry
namespace: ministry
chtversion: 5.3.0
cluster_type: gke
couchdb: {couchdb_node_storage_size: 10Gi, storage_class: standard-rwo}
ingress: {host: cht.example.org, gcp: {enabled: false}}
";

/// An instance's objects, and the graph of them.
pub(crate) fn drawn(values: &str, set: &[&str]) -> (Manifests, Graph) {
    let layers = [Layer::new("values.yaml", values)].into_iter();
    let layers: Vec<_> = layers.chain(set.iter().map(|assignment| Layer::set(*assignment))).collect();
    let values = Values::load(&layers).unwrap_or_else(|error| panic!("{error}"));
    let instance = values.validate().unwrap_or_else(|error| panic!("{error}")).value;
    let manifests = manifests(&instance);
    let graph = Graph::of(&instance, &manifests);
    (manifests, graph)
}

/// The graph of one of the examples.
pub(crate) fn example(name: &str) -> (Manifests, Graph) {
    let path = format!("{}/../examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    drawn(&std::fs::read_to_string(path).expect("an example"), &[])
}

/// All kinds of instances, and many nodes.
pub(crate) fn all() -> Vec<(String, Manifests, Graph)> {
    let mut all = Vec::new();
    let mut add = |name: String, (manifests, graph): (Manifests, Graph)| all.push((name, manifests, graph));
    for name in ["k3d", "k3s-cluster", "eks", "gke", "cht-4x"] {
        add(name.to_owned(), example(name));
    }
    for (name, values) in [
        ("one node", SINGLE),
        ("a cluster of 5.2", CLUSTER_OF_5_2),
        ("one node of 4.x", SINGLE_OF_4),
        ("no ingress", WITHOUT_INGRESS),
    ] {
        add(name.to_owned(), drawn(values, &[]));
        add(format!("{name} as in the chart"), drawn(values, &["profile=chart"]));
    }
    add("a load balancer".to_owned(), drawn(WITHOUT_INGRESS, &["api.service.type=LoadBalancer"]));
    let eks = std::fs::read_to_string(format!("{}/../examples/eks.yaml", env!("CARGO_MANIFEST_DIR")));
    let eks = eks.expect("an example");
    for nodes in [2, 4, 5, 6, 7, 12, 30, 99] {
        add(format!("{nodes} nodes"), drawn(&eks, &[&format!("clusteredCouch.noOfCouchDBNodes={nodes}")]));
    }
    let host = format!("ingress.host={0}.{0}.{0}.example.org", "w".repeat(60));
    add("a long host".to_owned(), drawn(&eks, &[&host, "cht_image_tag=some-branch-of-someone-with-a-very-long-name"]));
    all
}

/// A reason with everything that a format may take for its own.
pub(crate) const HOSTILE: &str = "</text><script>\"it's\" & `x` #1; \\ \u{7}\u{b} %% ]] -->\nand pulling \"registry.example.org/a-very-long-name-of-an-image-that-nobody-has:5.3.0\" goes on and on and on";

/// How a cluster has an instance of which every part is otherwise.
pub(crate) fn seen(graph: Graph) -> Graph {
    let mut conditions = Condition::ALL.into_iter().cycle();
    let mut states = |names: Vec<String>| -> BTreeMap<String, State> {
        let mut state = || {
            let condition = conditions.next().expect("it has no end");
            State::of(condition, (condition != Condition::Ready).then(|| HOSTILE.to_owned()))
        };
        names.into_iter().map(|name| (name, state())).collect()
    };
    let named = |kind: &str| {
        let parts = graph.parts.iter().filter(|part| part.id.kind.as_str() == kind);
        parts.map(|part| part.id.name.clone()).collect()
    };
    let seen = Seen {
        at: "2026-01-02 03:04:05 UTC".to_owned(),
        deployments: states(named("deployment")),
        claims: states(named("claim")),
    };
    graph.seen(&seen)
}
