//! Many instances, each in a namespace of its own, as a country has them: all deployed, all left unchanged, all with another
//! tag, some at the same time.

use std::path::Path;
use std::time::{Duration, Instant};

use cht_tests::cluster::TestCluster;
use cht_tests::player::{Binding, Player, Script};
use futures::future::join_all;
use tokio::sync::{Barrier, Semaphore};

use crate::kubectl;
use crate::run::{Run, deploy, values};

const INSTANCES: usize = 50;
const AT_ONCE: usize = 8;

/// What all deploys took together, and one by one.
pub(crate) struct Round {
    pub(crate) what: &'static str,
    pub(crate) time: Duration,
    pub(crate) runs: Vec<Run>,
    /// The same objects by the peer.
    pub(crate) peer: Option<Duration>,
}

/// What happens to the whole fleet.
const ROUNDS: [(&str, &str); 3] = [
    ("first", "cht_image_tag=5.3.0"),
    ("unchanged", "cht_image_tag=5.3.0"),
    ("one changed tag", "cht_image_tag=5.3.1"),
];

/// Deploys every instance in three rounds. A round begins when all have done the one before it.
pub(crate) async fn rounds(cluster: &TestCluster, program: &Path) -> Vec<Round> {
    let own = program.to_owned();
    let ours = in_turn(cluster, Namespace::Reserved, ROUNDS.len(), move |cluster, _, values, round| {
        deploy(cluster, &own, values, ROUNDS[round].1)
    });
    let ours = ours.await;
    let own = program.to_owned();
    let peers = in_turn(cluster, Namespace::Made, ROUNDS.len() - 1, move |cluster, namespace, values, _| {
        kubectl::deploy(cluster, &kubectl::objects(&own, values), namespace)
    });
    let mut peers = peers.await.into_iter().map(|(time, all)| all.iter().all(Option::is_some).then_some(time));
    let named = ROUNDS.into_iter().zip(ours);
    named.map(|((what, _), (time, runs))| Round { what, time, runs, peer: peers.next().flatten() }).collect()
}

/// Whether an instance's namespace is there before its first deploy.
#[derive(Clone, Copy)]
enum Namespace {
    Reserved,
    Made,
}

/// Does something in each namespace, in so many rounds: what each round took from its begin to its last end, and what came of
/// it.
async fn in_turn<T: Send + 'static>(
    cluster: &TestCluster,
    kind: Namespace,
    rounds: usize,
    work: impl Fn(&TestCluster, &str, &Path, usize) -> T + Clone + Send + 'static,
) -> Vec<(Duration, Vec<T>)> {
    let (turn, seats, work) = (&Barrier::new(INSTANCES), &Semaphore::new(AT_ONCE), &work);
    let instance = async |cluster: TestCluster, namespace: String| {
        let player = Player::start(&cluster, &namespace, Script::ready_after(Duration::ZERO)).await.expect("a player");
        let class = player.storage_class("bench", Binding::Immediate).await.expect("a storage class");
        let values = values(&namespace, 1, &class);
        let mut done = Vec::new();
        for round in 0..rounds {
            turn.wait().await;
            let begun = Instant::now();
            let seat = seats.acquire().await.expect("nobody takes the seats away");
            let (work, cluster, namespace, values) = (work.clone(), cluster.clone(), namespace.clone(), values.clone());
            let came = tokio::task::spawn_blocking(move || work(&cluster, &namespace, &values, round)).await;
            done.push((begun.elapsed(), came.expect("a deploy")));
            drop(seat);
        }
        player.stop().await.expect("the player stops");
        done
    };
    let instances = (0..INSTANCES).map(|_| async move {
        match kind {
            Namespace::Reserved => cluster.with_reserved_namespace(instance).await,
            Namespace::Made => cluster.with_temp_namespace(instance).await,
        }
    });
    let mut instances: Vec<_> = join_all(instances).await.into_iter().map(Vec::into_iter).collect();
    (0..rounds)
        .map(|_| {
            let (ends, came): (Vec<_>, Vec<_>) = instances.iter_mut().filter_map(Iterator::next).unzip();
            (ends.into_iter().max().unwrap_or_default(), came)
        })
        .collect()
}
