//! The oldest server that is supported takes every object of every example, in either profile.

use cht_k8s::{ApplyMode, Cluster as _, ClusterError};
use cht_manifests::{Kind, Object, manifests};
use serde_json::json;

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// What the server says of each object, and how many there were. Kinds that an instance can do without need not be known.
async fn tried(site: &Site, values: &Values) -> (Vec<ClusterError>, usize) {
    let instance = values.instance().with_credentials(|key| key.secret_key().into());
    let (mut refusals, mut count) = (Vec::new(), 0);
    for manifest in &manifests(&instance) {
        count += 1;
        // In a namespace that is not there nothing can be tried.
        let answer = match manifest.object.kind() {
            Kind::Namespace => site.cluster.apply(&manifest.object, ApplyMode::Respect).await,
            _ => site.cluster.dry_run(&manifest.object, ApplyMode::Respect).await,
        };
        match answer {
            Ok(tried) => assert_eq!(tried.key(), manifest.object.key()),
            Err(ClusterError::NotServed { kind }) if kind.is_optional() => {}
            Err(error) => refusals.push(error),
        }
    }
    (refusals, count)
}

#[tokio::test]
async fn every_object_of_every_example_is_taken() {
    on_a_site(at_once(), async |site| {
        for example in Values::examples() {
            for profile in ["chart", "production"] {
                let values = site.example(&example).set("profile", profile);
                let (refusals, count) = tried(site, &values).await;
                assert!(refusals.is_empty() && count > 10, "{example}, {profile}: {refusals:#?}");
            }
        }
    })
    .await;
}

/// What it does not know, it refuses: that it takes the examples says something.
#[tokio::test]
async fn a_field_that_there_is_not_is_refused() {
    on_a_site(at_once(), async |site| {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": "closed", "namespace": "default" },
            "spec": { "podSelector": {}, "ingress": [{ "ports": [{ "port": 0, "protocol": "TCP" }] }] },
        });
        let policy: Object = serde_json::from_value(policy).expect("an object");
        let refused = site.cluster.dry_run(&policy, ApplyMode::Respect).await.expect_err("no port");
        assert!(matches!(refused, ClusterError::Invalid { .. }), "{refused}");
    })
    .await;
}
