//! How long a deploy takes on a real API server whose pods get ready at once, and with how many requests: `cht deploy` as a
//! whole process, beside `kubectl apply --server-side` and waiting, where kubectl is there.
//!
//! Run by `benches/run`, with the release build.

#![expect(clippy::print_stdout, reason = "the tables are what a benchmark is run for")]

mod fleet;
mod kubectl;
mod run;

use std::path::Path;
use std::time::Duration;

use cht_tests::cluster::TestCluster;
use cht_tests::player::{Binding, Player, Script};

use run::{Run, deploy, values};

/// Each figure is the median of so many runs.
const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let program = cht_tests::program::to_measure();
    let cluster = TestCluster::connect().await;
    println!("| CouchDB nodes | deploy | time | requests | kubectl, the same objects |");
    println!("|---|---|---|---|---|");
    for nodes in [1, 3] {
        let mut first = Vec::new();
        let mut unchanged = Vec::new();
        let mut image = Vec::new();
        let mut peer = Vec::new();
        for _ in 0..RUNS {
            let runs = cluster
                .with_reserved_namespace(async |cluster, namespace| {
                    deploys(&cluster, &program, &namespace, nodes).await
                })
                .await;
            let [one, two, three] = runs;
            first.push(one);
            unchanged.push(two);
            image.push(three);
            peer.extend(
                cluster
                    .with_temp_namespace(async |cluster, namespace| {
                        by_kubectl(&cluster, &program, &namespace, nodes).await
                    })
                    .await,
            );
        }
        print_row(nodes, "first", &mut first, median(peer.iter().map(|peer: &kubectl::Times| peer.first).collect()));
        print_row(nodes, "unchanged", &mut unchanged, median(peer.iter().map(|peer| peer.unchanged).collect()));
        print_row(nodes, "one changed tag", &mut image, None);
    }

    println!("\n| 50 instances, 8 at a time | together | each, median | requests of all | kubectl, the same objects |");
    println!("|---|---|---|---|---|");
    for fleet::Round { what, time, runs, peer } in fleet::rounds(&cluster, &program).await {
        let requests: u64 = runs.iter().map(|run| run.requests).sum();
        let each = median(runs.iter().map(|run| run.time).collect()).unwrap_or_default();
        let peer = peer.map_or_else(|| "-".to_owned(), seconds);
        println!("| {what} | {} | {} | {requests} | {peer} |", seconds(time), seconds(each));
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn print_row(nodes: usize, what: &str, runs: &mut [Run], peer: Option<Duration>) {
    runs.sort_by_key(|run| run.time);
    let run = &runs[runs.len() / 2];
    let peer = peer.map_or_else(|| "-".to_owned(), seconds);
    println!("| {nodes} | {what} | {} | {} | {peer} |", seconds(run.time), run.requests);
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort();
    times.get(times.len() / 2).copied()
}

/// A first deploy, an unchanged one, and one with another image tag.
async fn deploys(cluster: &TestCluster, program: &Path, namespace: &str, nodes: usize) -> [Run; 3] {
    let player = Player::start(cluster, namespace, Script::ready_after(Duration::ZERO)).await.expect("a player");
    let class = player.storage_class("bench", Binding::Immediate).await.expect("a storage class");
    let values = values(namespace, nodes, &class);
    let runs = [
        deploy(cluster, program, &values, "cht_image_tag=5.3.0"),
        deploy(cluster, program, &values, "cht_image_tag=5.3.0"),
        deploy(cluster, program, &values, "cht_image_tag=5.3.1"),
    ];
    player.stop().await.expect("the player stops");
    runs
}

async fn by_kubectl(cluster: &TestCluster, program: &Path, namespace: &str, nodes: usize) -> Option<kubectl::Times> {
    let player = Player::start(cluster, namespace, Script::ready_after(Duration::ZERO)).await.expect("a player");
    let class = player.storage_class("bench", Binding::Immediate).await.expect("a storage class");
    let times = kubectl::deploys(cluster, program, &values(namespace, nodes, &class), namespace);
    player.stop().await.expect("the player stops");
    times
}
