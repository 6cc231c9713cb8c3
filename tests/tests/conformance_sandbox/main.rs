//! The conformance suite on the sandbox: it does what a real API server was seen to do.

mod backstage;

use std::sync::Arc;

use backstage::SandboxBackstage;
use cht_k8s::sandbox::{Sandbox, SandboxNode};
use cht_k8s::{ApplyMode, Cluster as _};
use cht_manifests::Object;
use cht_tests::conformance::World;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

const NAMESPACE: &str = "case";

/// Runs a case in a new sandbox.
pub(crate) async fn run(case: impl AsyncFnOnce(&World)) {
    let nodes = ["one", "two", "three"].map(SandboxNode::new);
    let sandbox = Arc::new(Sandbox::builder().nodes(nodes).build());
    let metadata = ObjectMeta { name: Some(NAMESPACE.to_owned()), ..ObjectMeta::default() };
    let namespace = Object::from(Namespace { metadata, ..Namespace::default() });
    sandbox.apply(&namespace, ApplyMode::Respect).await.expect("a namespace");
    let world = World {
        cluster: Arc::<Sandbox>::clone(&sandbox),
        namespace: NAMESPACE.to_owned(),
        reserved: format!("{NAMESPACE}-reserved"),
        backstage: Box::new(SandboxBackstage(sandbox)),
    };
    case(&world).await;
}

cht_tests::conformance_tests!(crate::run);
