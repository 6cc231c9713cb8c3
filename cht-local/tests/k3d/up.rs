//! Getting a cluster to run, from every state that it can be in.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cht_local::{LocalError, Owner, Ports, Step, Up, Wish};

use crate::scripted::{Scripted, fails, listed, says, version};

const LIST: &str = "k3d cluster list --output json";
const CREATE: &str = "k3d cluster create cht ";
const MERGE: &str = "k3d kubeconfig merge cht --kubeconfig-merge-default --kubeconfig-switch-context=false";

async fn up_with(commands: &Arc<Scripted>, taken: &'static [u16]) -> (Result<Up, LocalError>, Vec<Step>) {
    let free = |port: u16| !taken.contains(&port);
    let wish = Wish {
        name: "cht".parse().expect("a name"),
        owner: Owner::Development,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        timeout: Duration::from_mins(10),
        free: &free,
    };
    let steps = Mutex::new(Vec::new());
    let result = cht_local::up(&commands.k3d(), &wish, &|step| steps.lock().expect("one thread").push(step)).await;
    (result, steps.into_inner().expect("one thread"))
}

fn ports(http: u16, https: u16) -> Ports {
    Ports { http, https }
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what may be an error")]
fn runs(http: u16, https: u16, is_new: bool) -> Result<Up, LocalError> {
    Ok(Up { context: "k3d-cht".to_owned(), ports: ports(http, https), is_new })
}

#[tokio::test]
async fn a_new_one_is_made_with_the_usual_ports_and_marked() {
    let commands =
        Scripted::new([version(), (LIST, says("[]\n")), (CREATE, says("")), (MERGE, says("~/.kube/config\n"))]);
    let (result, steps) = up_with(&commands, &[]).await;
    assert_eq!(result, runs(80, 443, true));
    assert_eq!(steps, [Step::Making(ports(80, 443))]);
    insta::assert_snapshot!(commands.asked().join("\n"));
}

#[tokio::test]
async fn one_that_runs_is_used_as_it_is() {
    let there = listed(Some("development"), "running", "running", Some((80, 8443)));
    let commands = Scripted::new([version(), (LIST, there), (MERGE, says(""))]);
    let (result, steps) = up_with(&commands, &[]).await;
    assert_eq!((result, steps), (runs(80, 8443, false), vec![Step::Runs]));
    let _ = commands.asked();
}

#[tokio::test]
async fn one_that_was_stopped_is_started() {
    let there = listed(Some("values"), "exited", "exited", Some((8080, 8443)));
    let start = "k3d cluster start cht --wait --timeout 600s";
    let commands = Scripted::new([version(), (LIST, there), (start, says("")), (MERGE, says(""))]);
    let (result, steps) = up_with(&commands, &[]).await;
    assert_eq!((result, steps), (runs(8080, 8443, false), vec![Step::Starting]));
    let _ = commands.asked();
}

#[tokio::test]
async fn one_that_cannot_be_started_because_of_its_ports_says_which() {
    let there = || listed(Some("values"), "exited", "exited", Some((8080, 8443)));
    let said = "ERRO[0001] Failed to start: Bind for 127.0.0.1:8443 failed: port is already allocated\n";
    let commands = Scripted::new([version(), (LIST, there()), ("k3d cluster start", fails(said)), (LIST, there())]);
    let (result, _) = up_with(&commands, &[]).await;
    assert_eq!(result, Err(LocalError::PortsTaken { name: "cht".parse().expect("a name"), ports: vec![8443] }));
    let _ = commands.asked();
}

/// What an interrupted `k3d cluster create` has left never ran, so there is nothing in it.
#[tokio::test]
async fn one_that_was_never_finished_is_made_anew() {
    for (server, balancer) in [("created", "created"), ("running", "created")] {
        let there = listed(Some("development"), server, balancer, Some((80, 443)));
        let commands = Scripted::new([
            version(),
            (LIST, there),
            ("k3d cluster delete cht", says("")),
            (CREATE, says("")),
            (MERGE, says("")),
        ]);
        let (result, steps) = up_with(&commands, &[]).await;
        assert_eq!((result, steps), (runs(80, 443, true), vec![Step::Remaking, Step::Making(ports(80, 443))]));
        let _ = commands.asked();
    }
}

#[tokio::test]
async fn one_that_may_hold_data_or_is_someone_elses_is_left_as_it_is() {
    let name = || "cht".parse().expect("a name");
    for (mark, server, balancer, ports, error) in [
        (None, "running", "running", Some((80, 443)), LocalError::NameTaken { name: name() }),
        (None, "created", "created", Some((80, 443)), LocalError::NameTaken { name: name() }),
        (
            Some("development"),
            "dead",
            "exited",
            Some((80, 443)),
            LocalError::Broken { name: name(), why: "one of its containers is dead".to_owned() },
        ),
        (
            Some("development"),
            "running",
            "running",
            None,
            LocalError::Broken { name: name(), why: "its load balancer has no ports for HTTP and HTTPS".to_owned() },
        ),
    ] {
        let commands = Scripted::new([version(), (LIST, listed(mark, server, balancer, ports))]);
        assert_eq!(up_with(&commands, &[]).await, (Err(error), Vec::new()));
        let _ = commands.asked();
    }
}

/// Somebody was quicker, or only the engine sees that the port is taken: the next one is tried.
#[tokio::test]
async fn a_port_that_is_taken_after_all_is_left_for_the_next_one() {
    let said = "ERRO[0012] Failed Cluster Start: Bind for 127.0.0.1:443 failed: port is already allocated\n\
                ERRO[0012] Failed to create cluster >>> Rolling Back\n";
    let commands = Scripted::new([
        version(),
        (LIST, says("[]")),
        (CREATE, fails(said)),
        (LIST, says("[]")),
        (CREATE, says("")),
        (MERGE, says("")),
    ]);
    let (result, steps) = up_with(&commands, &[80]).await;
    assert_eq!(result, runs(8080, 8443, true));
    assert_eq!(steps, [Step::Making(ports(8080, 443)), Step::PortTaken(443), Step::Making(ports(8080, 8443))]);
    let _ = commands.asked();
}

/// k3d could not undo what it had begun.
#[tokio::test]
async fn what_a_taken_port_has_left_unfinished_is_removed() {
    let said = "ERRO[0012] Ports are not available: exposing port TCP\n";
    let left = listed(Some("development"), "running", "created", Some((80, 443)));
    let commands = Scripted::new([
        version(),
        (LIST, says("[]")),
        (CREATE, fails(said)),
        (LIST, left),
        ("k3d cluster delete cht", says("")),
        (CREATE, says("")),
        (MERGE, says("")),
    ]);
    let (result, _) = up_with(&commands, &[]).await;
    assert_eq!(result, runs(8080, 8443, true), "where no port is named, both are left");
    let _ = commands.asked();
}

#[tokio::test]
async fn ports_are_not_tried_for_ever() {
    let said = "ERRO[0012] Bind for 127.0.0.1:80 failed: port is already allocated; 8080 8081\n";
    let mut script = vec![version(), (LIST, says("[]"))];
    for _ in 0..10 {
        script.extend([(CREATE, fails(&format!("{said} address already in use"))), (LIST, says("[]"))]);
    }
    let commands = Scripted::new(script);
    let (result, _) = up_with(&commands, &[]).await;
    assert!(matches!(result, Err(LocalError::PortsTaken { .. })), "{result:?}");
    let _ = commands.asked();
}
