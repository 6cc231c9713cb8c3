//! What is in an instance's namespace, and at which versions.

use std::collections::BTreeMap;

use cht_k8s::LiveObject;
use cht_manifests::{Kind, ObjectKey};
use cht_tests::cluster::settled;

use crate::site::Site;

/// Each object with its version.
pub(crate) type Versions = BTreeMap<ObjectKey, String>;

impl Site {
    /// Every object of the namespace, the namespace itself and the volumes of its claims, with their versions. Events are
    /// left out: they tell of things, and are none.
    pub(crate) async fn versions(&self) -> Versions {
        let mut versions = Versions::new();
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Event) {
            let ours = |object: &LiveObject| {
                kind.is_namespaced()
                    || object.name() == self.namespace
                    || object.text("/spec/claimRef/namespace") == Some(&self.namespace)
            };
            let objects = self.all(kind).await.into_iter().filter(ours);
            versions.extend(objects.map(|object| (object.key(), object.resource_version().to_owned())));
        }
        versions
    }

    /// Waits until the controllers have nothing more to write about the Deployments.
    pub(crate) async fn settled(&self) {
        settled(&*self.cluster, &self.namespace).await;
    }
}
