//! What is kept when an instance is removed.

use crate::site::on_a_site;

/// The volume and the password outlive an instance: its next deploy finds both again.
#[tokio::test]
async fn the_next_deploy_finds_the_data() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let born = site.stand_ins.born("couchdb").await.expect("CouchDB runs");
        assert!(born.is_some());
        drop(site.run("uninstall --yes", &[]).await.expect(0));
        site.watch_pods("the pods' end", std::collections::BTreeMap::is_empty).await;

        site.deploy(&[], 0).await;
        assert_eq!(site.stand_ins.born("couchdb").await.expect("CouchDB runs"), born);
        // CouchDB knows the password of its first start only.
        site.api_is_ready("5.3.0").await;
    })
    .await;
}
