//! What real containers write: all of them, runs before the current one, and what comes while it is followed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout};
use std::sync::mpsc::{Receiver, channel};

use cht_tests::program::{self, Ran, signal};
use cht_tests::stand_in::Role;
use kube::ResourceExt as _;
use kube::api::{DeleteParams, ListParams};

use crate::site::{PATIENCE, Site, eventually, on_a_site};

/// A program whose lines are read while it runs.
struct Following {
    child: Child,
    lines: Receiver<String>,
    read: Vec<String>,
}

impl Following {
    fn start(site: &Site, command: &str) -> Self {
        let mut child = program::start(site.looking(command));
        let stdout: ChildStdout = child.stdout.take().expect("piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let _ = sender.send(line.expect("text"));
            }
        });
        Self { child, lines, read: Vec::new() }
    }

    /// Reads on until such a line comes.
    #[track_caller]
    fn until(&mut self, what: &str) {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|error| panic!("no {what:?} ({error}) after {:#?}", self.read));
            let is_it = line.contains(what);
            self.read.push(line);
            if is_it {
                return;
            }
        }
    }

    /// Ends as with ctrl-c. Answers with all that was read.
    fn interrupted(mut self) -> Vec<String> {
        signal(self.child.id(), "INT");
        assert_eq!(self.child.wait().expect("an end").code(), Some(130));
        self.read.extend(self.lines);
        self.read
    }
}

async fn look(site: &Site, command: &str) -> Ran {
    let command = site.looking(command);
    tokio::task::spawn_blocking(move || Ran::of(command)).await.expect("the program ran")
}

#[tokio::test]
async fn every_container_is_read_in_order_of_time() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let logs = look(site, "logs --timestamps").await.expect(0).stdout;
        for program in ["couchdb 5.3.0 starts", "nouveau 5.3.0 starts", "haproxy 5.3.0 starts", "api 5.3.0 starts"] {
            assert!(logs.contains(program), "{program} in {logs}");
        }
        let times: Vec<_> = logs.lines().filter_map(|line| line.split_once("| ")?.1.split(' ').next()).collect();
        assert!(times.len() >= 6 && times.is_sorted(), "{logs}");

        let one = look(site, "logs api --tail 1").await.expect(0).stdout;
        assert_eq!(one.lines().count(), 1, "{one}");
        assert_eq!(look(site, "logs api --since 0s").await.expect(0).stdout, "");
        assert!(look(site, "logs api --since 1h").await.expect(0).stdout.contains("api 5.3.0 starts"));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_has_ended_is_read_too() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        site.stand_ins.set("api", Role::Api, "crash", "3").await.expect("the API runs");
        let last = "api crashes with exit code 3, as it was told";
        eventually("the run before", async || {
            let ran = look(site, "logs api --previous").await;
            ran.stdout.lines().any(|line| line == last).then_some(()).ok_or(ran.to_string())
        })
        .await;
        let all = look(site, "logs api").await.expect(0).stdout;
        let (end, starts) = (all.find(last), all.rmatch_indices("api 5.3.0 starts").next());
        assert!(end < starts.map(|(place, _)| place) && all.matches(last).count() == 1, "{all}");
        let described = look(site, "describe api").await.expect(0).stdout;
        assert!(described.contains("restarted 1 times; last ended with exit code 3 (Error)"), "{described}");
    })
    .await;
}

#[tokio::test]
async fn following_goes_on_when_containers_restart_and_pods_are_replaced() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let mut following = Following::start(site, "logs api --follow");
        following.until("api 5.3.0 starts");
        site.stand_ins.set("api", Role::Api, "crash", "137").await.expect("the API runs");
        following.until("api crashes with exit code 137, as it was told");
        following.until("api 5.3.0 starts");
        let pods = site.pods();
        let all = pods.list(&ListParams::default().labels("cht.service=api")).await.expect("pods").items;
        let [pod] = &all[..] else { panic!("one pod") };
        pods.delete(&pod.name_any(), &DeleteParams::default()).await.expect("deleted");
        following.until("api 5.3.0 starts");
        let read = following.interrupted();
        let starts = read.iter().filter(|line| line.ends_with("api 5.3.0 starts")).count();
        assert_eq!(starts, 3, "nothing is repeated: {read:#?}");
    })
    .await;
}

/// The node measures its volumes, as far as it can, and nobody measures pods.
#[tokio::test]
async fn what_is_used_is_told_by_the_node() {
    on_a_site("k3d.yaml", &[], async |site| {
        site.deploy(&[], 0).await;
        let ran = look(site, "resources -o json").await.expect(0);
        let resources = ran.json();
        let notes: Vec<_> =
            resources["notes"].as_array().expect("notes").iter().filter_map(|note| note.as_str()).collect();
        assert_eq!(notes, ["what pods use is not measured: metrics-server is not there"], "{ran}");
        assert!(resources["nodes"][0]["allocatable"]["cpu_millis"].as_u64() > Some(0), "{ran}");
        assert!(resources["nodes"][0]["requested"]["cpu_millis"].as_u64() > Some(0), "{ran}");
    })
    .await;
}
