//! Two deploys of one instance begin at the same time: one writes and then the other, never both at once.

use std::time::Instant;

use cht_manifests::Kind;
use cht_tests::cluster::TestCluster;
use cht_tests::program::Ran;
use cht_tests::proxy::{Proxy, Seen};
use futures::future::{join, join_all};

use crate::site::{ONE_NODE, Site, on_a_site};

/// How many instances are raced for, and how often each.
const SITES: usize = 5;
const RACES_EACH: usize = 10;

/// One of two who race.
struct Racer {
    tag: String,
    ran: Ran,
    writes: Vec<Seen>,
}

impl Racer {
    async fn run(site: &Site, tag: String, wait: &str) -> Self {
        let proxy = Proxy::start(&site.cluster);
        let ran = site.deploy_through(&proxy, &format!("--set cht_image_tag={tag} --lock-wait {wait}")).await;
        let writes = proxy.seen().into_iter().filter(changes_the_instance).collect();
        Self { tag, ran, writes }
    }

    /// From the first write to the answer to the last.
    fn span(&self) -> Option<(Instant, Instant)> {
        let ends = self.writes.iter().filter_map(|write| write.answered);
        Some((self.writes.first()?.arrived, ends.max()?))
    }
}

/// The namespace comes before the lock, and who holds that is settled by the server.
fn changes_the_instance(seen: &Seen) -> bool {
    seen.target.class.writes() && !matches!(seen.target.resource.as_str(), "namespaces" | "leases")
}

/// The tag that every container of the instance has.
async fn tag_of(site: &Site) -> String {
    let deployments = site.all(Kind::Deployment).await;
    let containers = deployments.iter().flat_map(|deployment| {
        deployment.value()["spec"]["template"]["spec"]["containers"].as_array().expect("containers").clone()
    });
    let tag = |image: &str| image.rsplit_once(':').expect("a tag").1.to_owned();
    let mut tags: Vec<_> = containers.map(|container| tag(container["image"].as_str().expect("an image"))).collect();
    tags.dedup();
    assert_eq!(tags.len(), 1, "{tags:?}");
    tags.remove(0)
}

async fn race(site: &Site, number: usize) {
    // Half of the losers wait for the winner, and half give up.
    let wait = if number.is_multiple_of(2) { "1m" } else { "0s" };
    let racer = |lane| Racer::run(site, format!("5.3.{}", 2 * number + lane), wait);
    let (one, other) = join(racer(0), racer(1)).await;
    for racer in [&one, &other] {
        let is_locked_out = racer.ran.code == 7 && wait == "0s";
        assert!(racer.ran.code == 0 || is_locked_out, "race {number}: {}", racer.ran);
        if is_locked_out {
            assert!(racer.writes.is_empty(), "race {number}: {:#?}", racer.writes);
            assert!(racer.ran.json()["holder"].as_str().is_some_and(|holder| holder.contains('@')), "{}", racer.ran);
        }
    }
    let mut both: Vec<_> = [one, other].into_iter().filter(|racer| racer.ran.code == 0).collect();
    both.sort_by_key(|racer| racer.span().map(|(first, _)| first));
    let spans: Vec<_> = both.iter().map(|racer| racer.span().expect("writes")).collect();
    if let [(_, end), (begin, _)] = spans[..] {
        assert!(end <= begin, "race {number}: {:#?}", both.iter().map(|racer| &racer.writes).collect::<Vec<_>>());
    }
    let last = both.last().expect("someone wins");
    assert_eq!(tag_of(site).await, last.tag, "race {number}");
    site.assert_unlocked(None, &format!("race {number}")).await;
    site.assert_recorded(None, &format!("race {number}")).await;
}

#[tokio::test]
async fn of_two_deploys_fifty_times() {
    let cluster = TestCluster::connect().await;
    let sites = join_all((0..SITES).map(|_| {
        on_a_site(&cluster, ONE_NODE, async |site| {
            for number in 0..RACES_EACH {
                race(site, number).await;
            }
        })
    }));
    let _: Vec<()> = sites.await;
}
