//! Instances, and sandboxes that hold them, for the tests of plans.

use std::sync::Arc;

use cht_manifests::{Kind, ObjectKey};
use cht_model::Instance;
use futures::StreamExt;
use futures::executor::block_on;

use super::{Change, Plan, Step, plan};
use crate::events::{Event, Outcome};
use crate::health::testing::{K3D, instance};
use crate::sandbox::Sandbox;
use crate::{Cluster, Options, deploy};

/// The namespace of every instance here.
pub(super) const NAMESPACE: &str = "county-a";

/// A single node, some values set otherwise. Its credentials are left out.
pub(super) fn single(set: &[&str]) -> Instance {
    instance(K3D, set)
}

/// CHT 4.x with three nodes, on volumes whose folders Jobs make.
pub(super) fn old_cluster(set: &[&str]) -> Instance {
    const VALUES: &str = "
project_name: county-a
namespace: county-a
chtversion: 4.22.0
cluster_type: k3s-k3d
environment: remote
upgrade_service: {tag: 0.32}
couchdb: {clusteredCouch_enabled: true, couchdb_node_storage_size: 10Gi}
clusteredCouch: {noOfCouchDBNodes: 3}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
couchdb_data: {preExistingDataAvailable: false}
ingress: {host: county-a.example.org}
";
    instance(VALUES, set)
}

pub(super) fn planned(sandbox: &Sandbox, instance: Instance) -> Plan {
    block_on(plan(sandbox, instance)).expect("a plan")
}

pub(super) fn deploys(sandbox: &Arc<Sandbox>, plan: Plan) -> Outcome {
    let mut events: Vec<_> =
        block_on(deploy(Arc::clone(sandbox) as Arc<dyn Cluster>, plan, Options::default()).collect());
    match events.pop() {
        Some(Event::Finished(outcome)) => outcome,
        other => panic!("{other:?}"),
    }
}

/// A sandbox that holds the instance.
pub(super) fn holding(instance: Instance) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let plan = planned(&sandbox, instance);
    let outcome = deploys(&sandbox, plan);
    assert!(outcome.result.is_ok(), "{outcome:?}");
    sandbox
}

pub(super) fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey::new(kind, NAMESPACE, name)
}

/// What would be done, without what is as wanted already.
pub(super) fn pending(plan: &Plan) -> Vec<(String, &Change)> {
    let steps = plan.steps().iter().filter(|step| !step.change.is_as_wanted());
    steps.map(|step| (step.manifest.object.key().to_string(), &step.change)).collect()
}

/// The classes of what is not as wanted, and of what.
pub(super) fn classes(plan: &Plan) -> Vec<String> {
    pending(plan).into_iter().map(|(object, change)| format!("{} {object}", change.as_str())).collect()
}

pub(super) fn step_of<'a>(plan: &'a Plan, object: &str) -> &'a Step {
    let step = plan.steps().iter().find(|step| step.manifest.object.key().to_string() == object);
    step.unwrap_or_else(|| panic!("no {object} in the plan"))
}

/// The fields of an object that would change, as `field: old new`.
pub(super) fn fields(plan: &Plan, object: &str) -> Vec<String> {
    let shown = |value: Option<&serde_json::Value>| value.map_or_else(|| "-".to_owned(), ToString::to_string);
    let fields = step_of(plan, object).change.fields().iter();
    fields
        .map(|field| format!("{}: {} {}", field.field, shown(field.old.as_ref()), shown(field.new.as_ref())))
        .collect()
}
