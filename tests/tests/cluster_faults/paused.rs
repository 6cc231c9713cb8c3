//! `cht deploy` is paused past the end of its lease. Another takes the lock over and completes; whoever was paused writes
//! nothing when it goes on.

use std::time::Instant;

use cht_tests::cluster::TestCluster;
use cht_tests::program::{Ran, signal, start};
use cht_tests::proxy::{Class, Fault, Gate, Proxy, Rule, When};
use futures::future::join_all;

use crate::site::{Site, THREE_NODES, on_a_site};

const LEASE: &str = "--lease 8s";

async fn paused_at(site: &Site, class: Class, number: usize) {
    let at = format!("paused at {class:?} {number}");
    let (proxy, gate) = (Proxy::start(&site.cluster), Gate::closed());
    proxy.on(Rule::new(Fault::Hold(gate.clone())).when(When::After).class(class).nth(number));
    let paused = start(site.deploy(&proxy.kubeconfig(), LEASE));
    let process = paused.id();
    gate.reached().await;
    signal(process, "STOP");

    let other = site.deploy_directly("--set cht_image_tag=5.3.1").await.expect(0);
    assert!(other.stderr.contains("is taken over"), "{at}: {other}");
    let wanted = site.objects().await;

    let resumed = Instant::now();
    signal(process, "CONT");
    gate.open();
    let output = tokio::task::spawn_blocking(|| paused.wait_with_output()).await.expect("the command runs");
    let ran = Ran::from(output.expect("the end of a program can be waited for")).expect(7);
    assert_eq!(ran.json()["outcome"], "lock-lost", "{at}: {ran}");
    let has_written = |status: Option<u16>| status.is_some_and(|status| status < 300);
    let written: Vec<_> = proxy
        .seen()
        .into_iter()
        .filter(|seen| seen.target.class.writes() && seen.arrived > resumed && has_written(seen.status))
        .collect();
    assert!(written.is_empty(), "{at}: {written:#?}");
    assert_eq!(site.objects().await, wanted, "{at}");
    site.assert_unlocked(None, &at).await;
    site.assert_recorded(None, &at).await;
}

#[tokio::test]
async fn past_its_lease_in_each_phase() {
    let cluster = TestCluster::connect().await;
    // Its records, its first objects, CouchDB, and what comes after it.
    let moments = [(Class::Create, 2), (Class::Create, 3), (Class::Apply, 2), (Class::Apply, 14), (Class::Apply, 20)];
    let sites = moments.map(|(class, number)| {
        on_a_site(&cluster, THREE_NODES, async move |site| paused_at(site, class, number).await)
    });
    let _: Vec<()> = join_all(sites).await;
}
