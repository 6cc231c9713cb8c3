//! An instance in a sandbox, and uninstalls of it.

mod data;
mod records;
mod removing;

use std::sync::Arc;

use cht_manifests::{Kind, Object};
use futures::StreamExt;
use futures::executor::block_on;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::json;

use super::*;
use crate::events::{Outcome, Success};
use crate::health::testing::{K3D, instance};
use crate::sandbox::Sandbox;
use crate::{ApplyMode, LiveObject, Options, deploy, plan};

/// The instance in a sandbox, with a Deployment of somebody else in its namespace.
pub(super) fn deployed() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
    let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
    let last = block_on(events.collect::<Vec<_>>()).pop();
    assert!(matches!(last, Some(Event::Finished(Outcome { result: Ok(_), .. }))), "{last:?}");

    // Helm's charts give their release's name as the instance, which may be the project's.
    let labels = json!({ "app.kubernetes.io/instance": "county-a", "app.kubernetes.io/managed-by": "Helm" });
    let theirs: Deployment = serde_json::from_value(json!({
        "metadata": { "name": "theirs", "namespace": "county-a", "labels": labels },
        "spec": {
            "selector": { "matchLabels": { "app.kubernetes.io/instance": "county-a" } },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "web", "image": "web:1" }] },
            },
        },
    }))
    .expect("a Deployment");
    block_on(sandbox.apply(&Object::from(theirs), ApplyMode::Respect)).expect("applied");
    sandbox
}

pub(super) fn run(sandbox: &Arc<Sandbox>, options: UninstallOptions) -> (Vec<Event>, Outcome) {
    let cluster = Arc::clone(sandbox) as Arc<dyn Cluster>;
    let mut events: Vec<_> = block_on(uninstall(cluster, instance(K3D, &[]), options).collect());
    match events.pop() {
        Some(Event::Finished(outcome)) => (events, outcome),
        other => panic!("{other:?}"),
    }
}

pub(super) fn left(sandbox: &Sandbox, kind: Kind) -> Vec<String> {
    let items = block_on(sandbox.list(kind, Some("county-a"))).expect("a list").items;
    items.iter().map(|object| object.name().to_owned()).collect()
}

/// Deletes the data, too.
fn with_data() -> UninstallOptions {
    let confirmed = Confirmed::typed(&instance(K3D, &[]), "county-a").expect("its name");
    UninstallOptions { data: DataFate::Delete(confirmed), ..UninstallOptions::default() }
}

/// The one claim or volume.
fn only(sandbox: &Sandbox, kind: Kind) -> LiveObject {
    let mut items = block_on(sandbox.list(kind, Some("county-a"))).expect("a list").items;
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0)
}
