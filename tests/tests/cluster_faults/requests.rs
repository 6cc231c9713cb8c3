//! How many requests deploys need, as the API server sees them.

use std::time::Duration;

use cht_tests::cluster::{TestCluster, settled};
use cht_tests::program::Ran;
use cht_tests::proxy::{Fault, Proxy, Rule, depth};

use crate::site::{Site, THREE_NODES, on_a_site};

/// Deploys through a proxy of its own that has these rules, and checks that the program has counted its requests right: as
/// many as were seen, and at most so many that did not arrive.
async fn counted(site: &Site, rules: impl IntoIterator<Item = Rule>, lost: usize) -> (Ran, Proxy) {
    let proxy = Proxy::start(&site.cluster);
    rules.into_iter().for_each(|rule| proxy.on(rule));
    let ran = site.deploy_through(&proxy, "").await.expect(0);
    let counted = ran.json()["requests"].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a number");
    let seen = proxy.seen();
    assert!((seen.len()..=seen.len() + lost).contains(&counted), "{counted} counted of {}: {seen:#?}", seen.len());
    (ran, proxy)
}

/// Lets requests that are begun together overlap, however quick they are.
fn slowed() -> Rule {
    Rule::new(Fault::Latency(Duration::from_millis(300)))
}

#[tokio::test]
async fn of_three_nodes() {
    let cluster = TestCluster::connect().await;
    on_a_site(&cluster, THREE_NODES, async |site| {
        // Two nodes of CouchDB are not asked any more once the third is known to be out of reach.
        let (first, _) = counted(site, [], 2).await;
        let objects = first.json()["counts"]["created"].as_u64().expect("a number");
        let requests = first.json()["requests"].as_u64().expect("a number");
        assert!(requests <= 2 * objects + 20, "{requests} requests for {objects} objects");

        // The API server writes down that the rollout is complete when the pods are ready already.
        settled(&site.kube, &site.namespace).await;
        let (unchanged, proxy) = counted(site, [slowed()], 0).await;
        assert_eq!(unchanged.json()["counts"]["changed"], 0);
        let seen = proxy.seen();
        assert!(seen.len() <= 14 && !seen.iter().any(|request| request.target.class.writes()), "{seen:#?}");
        assert!(depth(&seen) <= 4, "{} in sequence: {seen:#?}", depth(&seen));
    })
    .await;
}

/// What is tried again counts again.
#[tokio::test]
async fn that_are_repeated() {
    let cluster = TestCluster::connect().await;
    on_a_site(&cluster, THREE_NODES, async |site| {
        let faults = [Fault::busy(0), Fault::answer(500), Fault::Reset, Fault::Half];
        let rules = (1..).zip(faults).map(|(number, fault)| Rule::new(fault).nth(5 * number));
        // Two connections are broken.
        let (_, proxy) = counted(site, rules, 2 + 2).await;
        assert_eq!(proxy.seen().iter().filter(|request| request.went_wrong).count(), 4);
    })
    .await;
}
