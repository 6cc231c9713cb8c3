//! `cht deploy` is killed at each of its requests in turn, once the server has done what that asked: the next deploy
//! completes it, with the same objects as one that nothing disturbed, on the same volumes and credentials.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use cht_manifests::ObjectKey;
use cht_tests::cluster::TestCluster;
use cht_tests::proxy::{Class, Fault, Proxy, Rule, Seen, Victim, When};
use futures::future::{join_all, ready};
use futures::{StreamExt as _, stream};

use crate::objects::Objects;
use crate::site::{Site, THREE_NODES, on_a_site, run_until_killed};

/// How many instances are deployed at the same time.
const AT_ONCE: usize = 6;

/// The tags between which upgrades go back and forth.
const TAGS: [&str; 2] = ["--set cht_image_tag=5.3.0", "--set cht_image_tag=5.3.1"];

/// Whether every run makes such a request as often: services are asked until they answer, and a lock is renewed as time passes.
fn is_steady(seen: &Seen) -> bool {
    let is_renewal = seen.target.class == Class::Replace && seen.target.resource == "leases";
    seen.target.class != Class::Service && !is_renewal
}

/// A deploy that nothing disturbs: how many requests it makes at least, and what it leaves.
async fn undisturbed(site: &Site, more: &str) -> (usize, Objects) {
    let proxy = Proxy::start(&site.cluster);
    let _ = site.deploy_through(&proxy, more).await.expect(0);
    site.assert_unlocked(None, "undisturbed").await;
    site.assert_recorded(None, "undisturbed").await;
    (proxy.seen().iter().filter(|seen| is_steady(seen)).count(), site.objects().await)
}

/// Deploys until the n-th request, where the program is killed, and tells whether there were so many. Then deploys again, and
/// checks that nothing shows of it. A request that the program itself gives up before its answer kills nobody.
async fn killed_at(site: &Site, number: usize, more: &str, wanted: &Objects) -> bool {
    let proxy = Proxy::start(&site.cluster);
    let victim = Victim::new();
    proxy.on(Rule::new(Fault::Kill(victim.clone())).when(When::After).nth(number));
    // Its lock is over when this is.
    let doomed = site.deploy(&proxy.kubeconfig(), &format!("--lease 8s {more}"));
    if let Some(ran) = run_until_killed(doomed, victim).await {
        let _ = ran.expect(0);
        let seen = proxy.seen();
        let given_up = seen.get(number - 1);
        assert!(given_up.is_none_or(|request| request.answered.is_none()), "{given_up:#?}");
        return given_up.is_some();
    }
    let at = proxy.seen().swap_remove(number - 1);
    let at = format!("killed at request {number}, {} {}", at.method, at.path);
    let before = site.identities().await;
    let (left, inventory) = (site.lease().await, site.inventory().await);
    let again = site.deploy_directly(more).await;
    assert_eq!(again.code, 0, "{at}: {again}");
    let objects = site.objects().await;
    assert_eq!(objects.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{at}");
    for (key, object) in &objects {
        assert_eq!(Some(object), wanted.get(key), "{key:?}, {at}");
    }
    assert_survived(&before, &site.identities().await, &at);
    site.assert_unlocked(left.as_ref(), &at).await;
    site.assert_recorded(inventory.as_ref(), &at).await;
    true
}

#[track_caller]
fn assert_survived(before: &BTreeMap<ObjectKey, String>, after: &BTreeMap<ObjectKey, String>, at: &str) {
    for (key, uid) in before {
        assert_eq!(after.get(key), Some(uid), "{key}, {at}");
    }
}

#[tokio::test]
async fn at_each_request_of_a_first_deploy() {
    let cluster = TestCluster::connect().await;
    let mut whole = None;
    on_a_site(&cluster, THREE_NODES, async |site| whole = Some(undisturbed(site, "").await)).await;
    let (requests, wanted) = whole.expect("a deploy");

    let (cluster, wanted) = (&cluster, &wanted);
    let kill = |number| async move {
        let mut was_killed = false;
        on_a_site(cluster, THREE_NODES, async |site| was_killed = killed_at(site, number, "", wanted).await).await;
        was_killed
    };
    let killed = stream::iter(1..).map(kill).buffered(AT_ONCE).take_while(|was_killed| ready(*was_killed));
    let killed = killed.count().await;
    assert!(killed >= requests, "{killed} of {requests}");
}

#[tokio::test]
async fn at_each_request_of_an_upgrade() {
    let cluster = TestCluster::connect().await;
    let mut whole = None;
    on_a_site(&cluster, THREE_NODES, async |site| {
        let (_, old) = undisturbed(site, TAGS[0]).await;
        let (requests, new) = undisturbed(site, TAGS[1]).await;
        assert_ne!(old, new);
        whole = Some((requests, [old, new]));
    })
    .await;
    let (requests, wanted) = whole.expect("two deploys");

    // Each instance is upgraded to and fro, and is killed at another request each time.
    let next = AtomicUsize::new(1);
    let upgrades = join_all((0..AT_ONCE).map(|_| {
        on_a_site(&cluster, THREE_NODES, async |site| {
            let _ = site.deploy_directly(TAGS[0]).await.expect(0);
            let first = site.identities().await;
            for tag in [1, 0].into_iter().cycle() {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if !killed_at(site, number, TAGS[tag], &wanted[tag]).await {
                    // Those after it were not killed either.
                    next.fetch_min(number, Ordering::Relaxed);
                    break;
                }
            }
            assert_survived(&first, &site.identities().await, "after all upgrades");
        })
    }));
    upgrades.await;
    let killed = next.into_inner() - 1;
    assert!(killed >= requests, "{killed} of {requests}");
}
