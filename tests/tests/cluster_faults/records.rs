//! That what is remembered of an instance agrees with what is there.

use std::collections::{BTreeMap, BTreeSet};

use cht_k8s::LiveObject;
use cht_manifests::Kind;
use serde_json::Value;

use crate::site::Site;

impl Site {
    /// The lock, where there has been one.
    pub(crate) async fn lease(&self) -> Option<LiveObject> {
        self.named(Kind::Lease, &self.record("")).await
    }

    /// Nobody holds the lock; or it is as a killed run has `left` it, for whoever came after had nothing to write.
    pub(crate) async fn assert_unlocked(&self, left: Option<&LiveObject>, at: &str) {
        let lease = self.lease().await.expect("a lock");
        let is_left = left.is_some_and(|left| left.value()["spec"] == lease.value()["spec"]);
        assert!(lease.text("/spec/holderIdentity").is_none() || is_left, "{}, {at}", lease.value()["spec"]);
    }

    /// After a deploy that has done its work the inventory has each object of the instance and no other, and there is no record
    /// of a revision that it does not have; or the inventory is as a killed run has `left` it, for whoever came after had
    /// nothing to write.
    pub(crate) async fn assert_recorded(&self, left: Option<&LiveObject>, at: &str) {
        let live = self.inventory().await.expect("an inventory");
        let inventory = live.value()["data"]["inventory.json"].as_str().expect("an inventory");
        let inventory: Value = serde_json::from_str(inventory).expect("an inventory");
        self.assert_owned(&inventory["objects"], at).await;

        let revisions = inventory["revisions"].as_array().expect("revisions");
        let outcomes: Vec<_> = revisions.iter().map(|revision| revision["outcome"].clone()).collect();
        assert_eq!(outcomes.last(), Some(&Value::from("done")), "{at}");
        assert!(!outcomes.contains(&"applying".into()), "{outcomes:?}, {at}");
        let numbers = revisions.iter().map(|revision| self.record(&format!(".r{}", revision["number"]))).collect();
        let prefix = self.record(".r");
        let records = self.all(Kind::ConfigMap).await;
        let records: BTreeSet<_> =
            records.iter().map(LiveObject::name).filter(|name| name.starts_with(&prefix)).map(str::to_owned).collect();
        let is_left = left.is_some_and(|left| left.resource_version() == live.resource_version());
        assert!(records.is_subset(&numbers) || is_left, "{records:?} of {numbers:?}, {at}");
    }

    /// A record's name; the project is called as the namespace is.
    fn record(&self, which: &str) -> String {
        format!("cht.{}{which}", self.namespace)
    }

    /// What is remembered of the instance, once it is deployed.
    pub(crate) async fn inventory(&self) -> Option<LiveObject> {
        self.named(Kind::ConfigMap, &self.record("")).await
    }

    async fn named(&self, kind: Kind, name: &str) -> Option<LiveObject> {
        self.all(kind).await.into_iter().find(|object| object.name() == name)
    }

    async fn assert_owned(&self, owned: &Value, at: &str) {
        let recorded: BTreeMap<_, _> = owned
            .as_array()
            .expect("objects")
            .iter()
            .map(|object| ((text(object, "kind"), text(object, "name")), text(object, "uid")))
            .collect();
        let mut live = BTreeMap::new();
        for kind in Kind::ALL {
            let ours = self.all(kind).await.into_iter().filter(|object| {
                let made_by_us = object.label("app.kubernetes.io/managed-by") == Some("cht");
                let is_controlled = object.value()["metadata"]["ownerReferences"].is_array();
                made_by_us && !is_controlled && !object.name().starts_with(&self.record(""))
            });
            live.extend(ours.map(|object| ((kind.to_string(), object.name().to_owned()), object.uid().to_owned())));
        }
        assert_eq!(recorded, live, "{at}");
    }
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_default().to_owned()
}
