//! How pods end, and which ones do.

use std::collections::BTreeMap;

use cht_tests::stand_in::Role;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, ListParams};

use crate::site::{Site, on_a_site};
use crate::watching::{is_of, is_ready};

/// The instance's pods by service: which they are.
async fn pods(site: &Site) -> BTreeMap<String, String> {
    let pods = site.pods().list(&ListParams::default()).await.expect("pods").items;
    let of_service = pods.iter().filter(|pod| is_ready(pod)).filter_map(|pod| {
        let service = pod.labels().get("cht.service")?;
        Some((service.clone(), pod.uid().unwrap_or_default()))
    });
    of_service.collect()
}

/// Longer than Kubernetes gives a pod by itself.
#[tokio::test]
async fn couchdb_is_given_the_time_to_close_its_files() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let old = pods(site).await["couchdb"].clone();
        site.stand_ins.set("couchdb", Role::CouchDb, "stopping", "35s").await.expect("CouchDB runs");
        let couchdb = ListParams::default().labels("cht.service=couchdb");
        let [pod] = &site.pods().list(&couchdb).await.expect("pods").items[..] else { panic!("not one CouchDB") };
        site.pods().delete(&pod.name_any(), &DeleteParams::default()).await.expect("deleted");
        site.watch_pods("another CouchDB", |pods| {
            pods.values().any(|pod| is_of(pod, "couchdb") && is_ready(pod) && pod.uid().is_some_and(|uid| uid != old))
        })
        .await;
        assert!(site.stand_ins.was_closed("couchdb").await.expect("CouchDB runs"));
    })
    .await;
}

/// Those that read the Secret, and no other.
#[tokio::test]
async fn a_changed_credential_restarts_who_reads_it() {
    let changes = ["couchdb.clusteredCouch_enabled=false", "local_storage.preExistingDiskPath-1=/var/lib/NAMESPACE"];
    on_a_site("cht-4x.yaml", &changes, async |site| {
        site.deploy(&[], 0).await;
        let before = pods(site).await;
        let other = ["couchdb.uuid=00000000-0000-4000-8000-000000000001"];
        drop(site.run("deploy --timeout 5m --allow credentials", &other).await.expect(0));
        let after = pods(site).await;
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        let same: Vec<_> =
            after.iter().filter(|(service, uid)| before[*service] == **uid).map(|(one, _)| one).collect();
        assert_eq!(same, ["upgrade-service"]);
    })
    .await;
}
