//! What happens to a real cluster besides the suite's requests: other tools write, the node player plays.

use std::time::Duration;

use async_trait::async_trait;
use cht_tests::cluster::TestCluster;
use cht_tests::conformance::Backstage;
use cht_tests::player::{Binding, Player, Script};
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, ResourceExt as _};
use serde_json::Value;
use tokio::sync::OnceCell;

/// Other tools' requests, and the node player once a case has asked for it.
pub(crate) struct RealBackstage {
    cluster: TestCluster,
    namespace: String,
    player: OnceCell<Player>,
}

impl RealBackstage {
    pub(crate) fn new(cluster: TestCluster, namespace: &str) -> Self {
        Self { cluster, namespace: namespace.to_owned(), player: OnceCell::new() }
    }

    async fn player(&self) -> &Player {
        let start = async || Player::start(&self.cluster, &self.namespace, Script::ready_after(Duration::ZERO)).await;
        self.player.get_or_try_init(start).await.expect("the player plays")
    }

    fn api(&self, object: &DynamicObject) -> Api<DynamicObject> {
        let types = object.types.clone().expect("an object says what it is");
        let kind = GroupVersionKind::try_from(types).expect("a group, a version and a kind");
        let namespace = object.namespace().expect("cases write to namespaces");
        Api::namespaced_with(self.cluster.client(), &namespace, &ApiResource::from_gvk(&kind))
    }
}

fn dynamic(object: Value) -> DynamicObject {
    serde_json::from_value(object).expect("an object has metadata")
}

#[async_trait]
impl Backstage for RealBackstage {
    async fn apply_as(&self, manager: &str, object: Value) {
        let object = dynamic(object);
        let api = self.api(&object);
        api.patch(&object.name_any(), &PatchParams::apply(manager), &Patch::Apply(&object)).await.expect("applied");
    }

    async fn update_as(&self, manager: &str, object: Value) {
        let object = dynamic(object);
        let api = self.api(&object);
        let by = PostParams { field_manager: Some(manager.to_owned()), ..PostParams::default() };
        match object.resource_version() {
            Some(_) => api.replace(&object.name_any(), &by, &object).await.expect("replaced"),
            None => api.create(&by, &object).await.expect("created"),
        };
    }

    async fn play(&self) {
        self.player().await;
    }

    async fn storage_class(&self, binding: Binding) -> String {
        self.player().await.storage_class("class", binding).await.expect("a class")
    }
}
