//! What would lose data is refused before anything is written.

use cht_k8s::{Counts, DataRule, Failure};

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// Each change must be refused for its rule, and leave every object as it is.
async fn refuses(site: &Site, values: &Values, changes: &[(DataRule, Values)]) {
    site.deploy(values).await.succeeded();
    refuses_each(site, changes).await;
    // The values as they were are still what is there.
    assert!(site.plan(values).await.is_unchanged());

    // The same holds when nothing runs that could tell.
    site.uninstall(values).await.succeeded();
    refuses_each(site, changes).await;
    site.deploy(values).await.succeeded();
}

async fn refuses_each(site: &Site, changes: &[(DataRule, Values)]) {
    site.settled().await;
    let before = site.versions().await;
    for (rule, change) in changes {
        let run = site.deploy(change).await;
        let Err(Failure::DataSafety(risks)) = &run.outcome.result else { panic!("{rule}: {:#?}", run.outcome) };
        assert!(risks.iter().any(|risk| risk.rule == *rule), "{rule}: {risks:#?}");
        assert_eq!(site.versions().await, before, "{rule}");
        assert_eq!(run.outcome.counts, Counts::default(), "{rule}");
    }
}

#[tokio::test]
async fn of_a_cluster() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        let changes = [
            (DataRule::FewerNodes, values.set("clusteredCouch.noOfCouchDBNodes", "2")),
            (DataRule::Topology, values.set("couchdb.clusteredCouchEnabled", "false")),
            (DataRule::DataPath, values.set("couchdb_data.dataPathOnDiskForCouchDB", "elsewhere")),
            (DataRule::Credentials, values.set("couchdb.password", "another-password")),
            (DataRule::Credentials, values.set("couchdb.user", "another")),
            (DataRule::ClaimSize, values.set("couchdb.couchdb_node_storage_size", "1Gi")),
            (DataRule::ClaimSize, values.set("couchdb.couchdb_node_storage_size", "9Ti")),
            (DataRule::Volume, values.set("couchdb.storage_class", "another-class")),
        ];
        refuses(site, &values, &changes).await;
    })
    .await;
}

#[tokio::test]
async fn of_a_single_node() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        let changes = [
            (DataRule::Topology, values.set("couchdb.clusteredCouchEnabled", "true")),
            (
                DataRule::DataPath,
                values.set("couchdb_data.dataPathOnDiskForCouchDB", "storage/medic-core/couchdb/data"),
            ),
            (DataRule::Credentials, values.set("couchdb.secret", "another-secret")),
            (DataRule::Credentials, values.set("couchdb.uuid", "another-uuid")),
        ];
        refuses(site, &values, &changes).await;
    })
    .await;
}

#[tokio::test]
async fn of_local_volumes() {
    on_a_site(at_once(), async |site| {
        let values = site.example("cht-4x.yaml");
        let moved = (1..=3).fold(values.set("couchdb_data.preExistingDataAvailable", "true"), |values, number| {
            values.set(&format!("local_storage.preExistingDiskPath-{number}"), &format!("/srv/elsewhere-{number}"))
        });
        let changes = [
            (DataRule::Volume, moved),
            (DataRule::FewerNodes, values.set("clusteredCouch.noOfCouchDBNodes", "2")),
            (DataRule::ClaimSize, values.set("couchdb.couchdb_node_storage_size", "1Gi")),
            (DataRule::ClaimSize, values.set("couchdb.couchdb_node_storage_size", "9Ti")),
        ];
        refuses(site, &values, &changes).await;
    })
    .await;
}
