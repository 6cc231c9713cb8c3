use cht_manifests::manifests;
use serde_json::{Value, json};

use super::*;
use crate::ClusterError;
use crate::doctor::Verdict;
use crate::doctor::testing::{K3S, decode};
use crate::health::testing::{instance, with};
use crate::labels::NODES_ON_DEMAND;

/// Three CouchDB nodes, each on a machine of its own.
const CLUSTER: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: remote
couchdb: {clusteredCouchEnabled: true, couchdb_node_storage_size: 10Gi}
clusteredCouch: {noOfCouchDBNodes: 3}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
ingress: {host: cht.example.org}
";

/// A machine that is ready and large.
fn node(name: &str, rest: &Value) -> Node {
    let plain = json!({
        "metadata": { "name": name, "labels": { fit::HOSTNAME: name, fit::ARCHITECTURE: "amd64" } },
        "spec": {},
        "status": {
            "allocatable": { "cpu": "8", "memory": "32Gi" },
            "conditions": [{ "type": "Ready", "status": "True" }],
        },
    });
    decode(with(plain, rest))
}

fn nodes(names: &[&str]) -> Vec<Node> {
    names.iter().map(|name| node(name, &json!({}))).collect()
}

fn not_ready() -> Value {
    json!({ "status": { "conditions": [{ "type": "Ready", "status": "Unknown" }] } })
}

fn tainted() -> Value {
    json!({ "spec": { "taints": [{ "key": "dedicated", "value": "db", "effect": "NoSchedule" }] } })
}

fn found(values: &str, set: &[&str], nodes: Vec<Node>, check: Check) -> Finding {
    let all = judge(&manifests(&instance(values, set)), &Ok(nodes));
    all.iter().find(|finding| finding.check == check).unwrap_or_else(|| panic!("{check} in {all:#?}")).clone()
}

#[test]
fn machines_have_to_be_ready() {
    for (nodes, verdict) in [
        (nodes(&["alpha", "beta"]), Verdict::Ok),
        (vec![node("alpha", &json!({})), node("beta", &not_ready())], Verdict::Warning),
        (vec![node("alpha", &not_ready())], Verdict::Fatal),
        (Vec::new(), Verdict::Warning),
    ] {
        assert_eq!(found(K3S, &[], nodes, Check::NodesReady).verdict, verdict);
    }
}

#[test]
fn machines_that_are_named_have_to_be_there() {
    let one_lost = vec![node("alpha", &json!({})), node("beta", &json!({})), node("gamma", &not_ready())];
    let on_demand = json!({ "metadata": { "annotations": { NODES_ON_DEMAND: "true" } } });
    for (nodes, verdict, says) in [
        (nodes(&["alpha", "beta", "gamma"]), Verdict::Ok, "alpha, beta, gamma"),
        (nodes(&["alpha", "beta", "delta"]), Verdict::Fatal, "no node gamma"),
        (one_lost, Verdict::Fatal, "not ready: gamma"),
        (vec![node("sandbox", &on_demand)], Verdict::Ok, "alpha, beta, gamma"),
    ] {
        let found = found(CLUSTER, &[], nodes, Check::NodeNames);
        assert_eq!(found.verdict, verdict, "{found:?}");
        assert!(found.message.contains(says), "{found:?}");
    }
    assert_eq!(found(K3S, &[], nodes(&["alpha"]), Check::NodeNames).verdict, Verdict::Ok);
}

#[test]
fn data_on_a_machine_has_to_be_looked_for_there() {
    let (existing, path) =
        ("couchdb_data.preExistingDataAvailable=true", "local_storage.preExistingDiskPath-1=/srv/one");
    for (set, names, verdict) in [
        (&[existing, path][..], &["alpha", "beta"][..], Verdict::Fatal),
        (&[existing, path], &["alpha"], Verdict::Ok),
        (&[existing, path, "nodes.node-1=alpha"], &["alpha", "beta"], Verdict::Ok),
    ] {
        let found = found(K3S, set, nodes(names), Check::NodePlacement);
        assert_eq!(found.verdict, verdict, "{set:?}: {found:?}");
    }
    let provisioned = judge(&manifests(&instance(K3S, &[])), &Ok(nodes(&["alpha", "beta"])));
    assert!(provisioned.iter().all(|finding| finding.check != Check::NodePlacement), "{provisioned:?}");
}

#[test]
fn every_pod_needs_a_machine_that_takes_it() {
    let grows = json!({ "metadata": { "labels": { "eks.amazonaws.com/nodegroup": "pool" } } });
    let tolerant = [
        "toleration.key=dedicated",
        "toleration.operator=Equal",
        "toleration.value=db",
        "toleration.effect=NoSchedule",
    ];
    let cordoned = json!({ "spec": { "unschedulable": true } });
    for (set, nodes, verdict, says) in [
        (&[][..], nodes(&["alpha"]), Verdict::Ok, ""),
        (&[], vec![node("alpha", &json!({})), node("beta", &tainted())], Verdict::Ok, ""),
        (&[], vec![node("alpha", &tainted())], Verdict::Fatal, "taint dedicated=db:NoSchedule"),
        (&[], vec![node("alpha", &with(tainted(), &grows))], Verdict::Warning, "taint"),
        // Only CouchDB's pods are tolerant.
        (&tolerant, vec![node("alpha", &tainted())], Verdict::Fatal, "Deployment/cht-api"),
        (&[], vec![node("alpha", &cordoned)], Verdict::Fatal, "cordoned"),
    ] {
        let found = found(K3S, set, nodes, Check::NodeTaints);
        assert_eq!(found.verdict, verdict, "{found:?}");
        assert!(found.message.contains(says), "{found:?}");
        let names_couchdb = found.message.contains("Deployment/cht-couchdb");
        assert_eq!(names_couchdb, verdict != Verdict::Ok && set.is_empty(), "{found:?}");
    }
    // The machine that a pod names counts, and not others that would take it.
    let one_tainted = vec![node("alpha", &tainted()), node("beta", &json!({})), node("gamma", &json!({}))];
    assert_eq!(found(CLUSTER, &[], one_tainted, Check::NodeTaints).verdict, Verdict::Fatal);
}

#[test]
fn the_largest_pod_needs_room_on_one_machine() {
    let small = json!({ "status": { "allocatable": { "cpu": "100m", "memory": "128Mi" } } });
    let mut silent = node("alpha", &json!({}));
    silent.status.as_mut().expect("a status").allocatable = None;
    for (node, verdict) in
        [(node("alpha", &json!({})), Verdict::Ok), (node("alpha", &small), Verdict::Fatal), (silent, Verdict::Unknown)]
    {
        assert_eq!(found(K3S, &[], vec![node], Check::PodSize).verdict, verdict);
    }
}

fn running(namespace: &str, memory: &str, phase: &str) -> Pod {
    let container = json!({ "name": "c", "resources": { "requests": { "cpu": "1", "memory": memory } } });
    decode(json!({
        "metadata": { "name": "pod", "namespace": namespace },
        "spec": { "containers": [container] },
        "status": { "phase": phase },
    }))
}

#[test]
fn all_pods_need_room_beside_what_runs() {
    let wanted = manifests(&instance(K3S, &[]));
    for (pods, verdict) in [
        (vec![running("other", "1Gi", "Running")], Verdict::Ok),
        (vec![running("other", "31Gi", "Running")], Verdict::Warning),
        (vec![running("other", "31Gi", "Succeeded")], Verdict::Ok),
        // What is replaced makes room.
        (vec![running("county-a", "31Gi", "Running")], Verdict::Ok),
    ] {
        let found = capacity(&wanted, "county-a", &Ok(nodes(&["alpha"])), &Ok(pods));
        assert_eq!(found.verdict, verdict, "{found:?}");
    }
    let refused = || ClusterError::Forbidden { object: "Pod".to_owned(), message: "no".to_owned() };
    assert_eq!(capacity(&wanted, "county-a", &Ok(nodes(&["alpha"])), &Err(refused())).verdict, Verdict::Unknown);
    let lost = capacity(&wanted, "county-a", &Ok(vec![node("alpha", &not_ready())]), &Ok(Vec::new()));
    assert_eq!(lost.verdict, Verdict::Unknown, "machines that do not work have nothing");
}

#[test]
fn images_have_to_be_for_the_machines() {
    let arm = json!({ "metadata": { "labels": { fit::ARCHITECTURE: "arm64" } } });
    let both = [Architecture::Amd64, Architecture::Arm64];
    let amd = [Architecture::Amd64];
    for (images, nodes, verdict) in [
        (&both[..], vec![node("alpha", &arm), node("beta", &json!({}))], Verdict::Ok),
        (&amd, vec![node("alpha", &arm), node("beta", &json!({}))], Verdict::Warning),
        (&amd, vec![node("alpha", &arm)], Verdict::Fatal),
        (&amd, Vec::new(), Verdict::Unknown),
    ] {
        assert_eq!(architectures(images, &Ok(nodes)).verdict, verdict);
    }
}

#[test]
fn machines_that_may_not_be_seen_are_not_checked() {
    let refused = ClusterError::Forbidden { object: "Node".to_owned(), message: "no".to_owned() };
    let all = judge(&manifests(&instance(K3S, &[])), &Err(refused));
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|finding| finding.verdict == Verdict::Unknown), "{all:?}");
}
