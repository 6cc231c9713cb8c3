//! Each probe fails when its program misbehaves, and only then.

use std::collections::BTreeSet;

use cht_tests::stand_in::Role;
use k8s_openapi::api::core::v1::ContainerStatus;

use crate::site::{Site, on_a_site};
use crate::watching::{Pods, is_of, is_ready};

/// How a program of a single node of 5.3 is kept from being ready, which it then is again: the pods' service, the program,
/// its container, and the setting.
const SPOILED: [(&str, Role, &str, &str); 5] = [
    ("couchdb", Role::CouchDb, "cht-couchdb", "maintenance"),
    ("couchdb", Role::Nouveau, "cht-couchdb-nouveau", "deaf"),
    ("haproxy", Role::HaProxy, "cht-haproxy", "deaf"),
    ("healthcheck", Role::HealthCheck, "cht-haproxy-healthcheck", "deaf"),
    ("api", Role::Api, "cht-api", "deaf"),
];

fn containers(pods: &Pods) -> impl Iterator<Item = &ContainerStatus> {
    pods.values().filter_map(|pod| pod.status.as_ref()).flat_map(|status| status.container_statuses.iter().flatten())
}

fn not_ready(pods: &Pods) -> BTreeSet<&str> {
    containers(pods).filter(|container| !container.ready).map(|container| container.name.as_str()).collect()
}

fn restarted(pods: &Pods) -> BTreeSet<&str> {
    containers(pods).filter(|container| container.restart_count > 0).map(|container| container.name.as_str()).collect()
}

async fn spoil(site: &Site, (service, role, _, setting): (&str, Role, &str, &str), value: &str) {
    site.stand_ins.set(service, role, setting, value).await.expect("it runs");
}

#[tokio::test]
async fn who_does_not_answer_is_not_ready_until_he_does() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        for spoiled in SPOILED {
            spoil(site, spoiled, "true").await;
            let mut others = BTreeSet::new();
            site.watch_pods("a container that is not ready", |pods| {
                let mut found = not_ready(pods);
                let is_found = found.remove(spoiled.2);
                others.extend(found.into_iter().map(str::to_owned));
                is_found
            })
            .await;
            spoil(site, spoiled, "false").await;
            site.watch_pods("a container that is ready again", |pods| {
                assert_eq!(restarted(pods), BTreeSet::new());
                not_ready(pods).is_empty()
            })
            .await;
            assert_eq!(others, BTreeSet::new(), "while {} was not", spoiled.2);
        }
    })
    .await;
}

/// Without an end to it, whoever does not answer is started anew. Sentinel is asked by nobody.
#[tokio::test]
async fn who_never_answers_is_started_anew() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        for (service, role, container, _) in SPOILED {
            spoil(site, (service, role, container, "deaf"), "true").await;
        }
        let all = SPOILED.map(|(_, _, container, _)| container);
        site.watch_pods("each started anew", |pods| {
            let restarted = restarted(pods);
            assert!(!restarted.contains("cht-sentinel"));
            all.iter().all(|container| restarted.contains(container)) && not_ready(pods).is_empty()
        })
        .await;
    })
    .await;
}

/// An API that indexes is let be, for longer than one that does not answer. 4.x has a service beside it that shows how long
/// that is.
#[tokio::test]
async fn indexing_for_long_restarts_nothing() {
    let changes = [
        "couchdb.clusteredCouch_enabled=false",
        "local_storage.preExistingDiskPath-1=/var/lib/NAMESPACE",
        "cht_image_tag=4.22.0-api.indexing.held",
    ];
    on_a_site("cht-4x.yaml", &changes, async |site| {
        let deploy = site.start("deploy --timeout 15m", &[]);
        // Until it has started, nobody asks whether it lives.
        site.watch_pods("an API that has started", |pods| {
            containers(pods).any(|one| one.name == "cht-api" && one.started == Some(true))
        })
        .await;
        site.watch_pods("a service beside it", |pods| {
            pods.values().any(|pod| is_of(pod, "upgrade-service") && is_ready(pod))
        })
        .await;
        let beside = ("upgrade-service", Role::UpgradeService, "upgrade-service", "deaf");
        spoil(site, beside, "true").await;
        site.watch_pods("a service that is started anew", |pods| restarted(pods) == BTreeSet::from([beside.2])).await;
        site.watch_pods("an API that still indexes", |pods| not_ready(pods).contains("cht-api")).await;
        site.stand_ins.set("api", Role::Api, "indexing", "0s").await.expect("the API runs");
        drop(deploy.await.expect("the program ran").expect(0));
        site.watch_pods("everything", |pods| {
            assert!(!restarted(pods).contains("cht-api"));
            not_ready(pods).is_empty()
        })
        .await;
    })
    .await;
}

/// Its image waits for the API before it starts Node.js.
#[tokio::test]
async fn sentinel_is_ready_when_it_works() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        site.stand_ins.set("api", Role::Api, "deaf", "true").await.expect("the API runs");
        site.stand_ins.set("sentinel", Role::Sentinel, "crash", "1").await.expect("Sentinel runs");
        site.watch_pods("a Sentinel that waits", |pods| {
            containers(pods).any(|one| one.name == "cht-sentinel" && one.restart_count == 1 && is_waiting(one))
        })
        .await;
        site.stand_ins.set("api", Role::Api, "deaf", "false").await.expect("the API runs");
        site.watch_pods("everything", |pods| not_ready(pods).is_empty()).await;
    })
    .await;
}

/// Whether a container runs and is not ready.
fn is_waiting(container: &ContainerStatus) -> bool {
    !container.ready && container.state.as_ref().is_some_and(|state| state.running.is_some())
}
