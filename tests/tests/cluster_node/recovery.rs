//! What ends by itself, and comes back.

use cht_tests::stand_in::Role;

use crate::site::{eventually, on_a_site};
use crate::watching::{is_of, is_running, restarts};

/// A container that was killed is started again, which the status shows until it has come to stay.
#[tokio::test]
async fn a_container_that_was_killed() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        site.stand_ins.set("api", Role::Api, "crash", "137").await.expect("the API runs");
        site.watch_pods("the API's return", |pods| {
            pods.values().any(|pod| is_of(pod, "api") && is_running(pod) && restarts(pod) == 1)
        })
        .await;
        let status = site.run("status", &[]).await.json();
        let components = status["components"].as_array().expect("components");
        let api = components.iter().find(|component| component["component"] == "api").expect("the API");
        assert_eq!((&api["state"], &status["ready"]), (&"degraded".into(), &false.into()), "{status:#}");
        eventually("a status that is ready", async || {
            let status = site.run("status", &[]).await;
            (status.code == 0).then_some(()).ok_or(status.to_string())
        })
        .await;
    })
    .await;
}
