//! What happens to a sandbox besides the suite's requests. Its nodes and controllers play by themselves.

use std::sync::Arc;

use async_trait::async_trait;
use cht_k8s::LiveObject;
use cht_k8s::sandbox::Sandbox;
use cht_manifests::Kind;
use cht_tests::conformance::Backstage;
use cht_tests::player::Binding;
use serde_json::{Value, json};

/// Other tools' requests.
pub(crate) struct SandboxBackstage(pub(crate) Arc<Sandbox>);

#[async_trait]
impl Backstage for SandboxBackstage {
    async fn apply_as(&self, manager: &str, object: Value) {
        self.0.apply_as(manager, object).expect("applied");
    }

    async fn update_as(&self, manager: &str, object: Value) {
        if object.pointer("/metadata/resourceVersion").is_none() {
            let name = json!({ "name": object["metadata"]["name"], "namespace": object["metadata"]["namespace"] });
            let bare = json!({ "apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": name });
            self.0.apply_as(manager, bare).expect("created");
        }
        let kind = Kind::ALL.into_iter().find(|kind| object["kind"] == kind.as_str()).expect("a known kind");
        let key = LiveObject::new(kind, object.clone()).key();
        let write = |live: &mut Value| {
            let metadata = live["metadata"].clone();
            *live = object;
            for (name, value) in metadata.as_object().into_iter().flatten() {
                if live["metadata"].get(name).is_none() {
                    live["metadata"][name] = value.clone();
                }
            }
        };
        self.0.update_as(manager, &key, write).expect("updated");
    }

    async fn play(&self) {}

    async fn storage_class(&self, binding: Binding) -> String {
        let binding = match binding {
            Binding::Immediate => "Immediate",
            Binding::WaitForFirstConsumer => "WaitForFirstConsumer",
        };
        let class = json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": { "name": "class" },
            "provisioner": "example.org/provisioner",
            "volumeBindingMode": binding,
            "reclaimPolicy": "Delete",
        });
        self.0.apply_as("kubectl", class).expect("a class");
        "class".to_owned()
    }
}
