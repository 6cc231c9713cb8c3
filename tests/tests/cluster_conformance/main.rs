//! The conformance suite on a real API server: what it shows there is what a cluster does.

mod backstage;

use std::sync::Arc;

use backstage::RealBackstage;
use cht_tests::cluster::TestCluster;
use cht_tests::conformance::World;

/// Runs a case in a namespace of its own, and cleans up after it.
pub(crate) async fn run(case: impl AsyncFnOnce(&World)) {
    TestCluster::connect()
        .await
        .with_temp_namespace(async |cluster: TestCluster, namespace| {
            let own = namespace.clone();
            cluster
                .with_reserved_namespace(async |cluster: TestCluster, reserved| {
                    let world = World {
                        cluster: Arc::new(cluster.kube()),
                        backstage: Box::new(RealBackstage::new(cluster, &own)),
                        namespace: own,
                        reserved,
                    };
                    case(&world).await;
                })
                .await;
        })
        .await;
}

cht_tests::conformance_tests!(crate::run);
