//! What each problem says, and what to do about it.

use std::time::Duration;

use cht_local::{LocalError, Maker, NotRun};

use crate::scripted::{Scripted, fails, says, version};

const LIST: &str = "k3d cluster list";
const STOPPED: &str = "FATA[0000] runtime failed to list nodes: docker failed to get containers with labels \
    'map[app:k3d]': failed to list containers: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the \
    docker daemon running?\n";
const FORBIDDEN: &str = "FATA[0000] runtime failed to list nodes: docker failed to get containers: permission denied while \
    trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: \
    permission denied\n";

/// Both lines of a problem.
fn said(error: &LocalError) -> String {
    format!("error: {error}\nhint: {}\n\n", error.hint())
}

#[tokio::test]
async fn what_keeps_k3d_from_answering() {
    let has = || says("Docker version 28.2.2, build e6534b4\n");
    let lacks = || Err(NotRun::NotFound);
    let slow = Err(NotRun::TimedOut(Duration::from_mins(1)));
    let scripts = [
        vec![("k3d version", lacks()), ("docker --version", lacks()), ("podman --version", lacks())],
        vec![("k3d version", lacks()), ("docker --version", has())],
        vec![("k3d version", says("k3d version v4.4.8\nk3s version v1.21.3-k3s1 (default)\n"))],
        vec![("k3d version", says("k3d, a game\n"))],
        vec![("k3d version", Err(NotRun::NotStarted("Exec format error (os error 8)".to_owned())))],
        vec![version(), (LIST, fails(STOPPED)), ("docker --version", has())],
        vec![version(), (LIST, fails(STOPPED)), ("docker --version", lacks()), ("podman --version", has())],
        vec![version(), (LIST, fails(STOPPED)), ("docker --version", lacks()), ("podman --version", lacks())],
        vec![version(), (LIST, fails(FORBIDDEN))],
        vec![version(), (LIST, slow)],
        vec![version(), (LIST, says("{}"))],
        vec![version(), (LIST, fails("FATA[0000] something new\n"))],
    ];
    let mut all = String::new();
    for script in scripts {
        let commands = Scripted::new(script);
        let name = "cht".parse().expect("a name");
        all += &said(&commands.k3d().find(&name).await.expect_err("a problem"));
        let _ = commands.asked();
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn what_is_wrong_with_a_cluster() {
    let full = "ERRO[0040] Failed Cluster Start: failed to register layer: write /bin/k3s: no space left on device\n";
    let commands = Scripted::new([version(), ("k3d cluster stop cht", fails(full))]);
    let name = "cht".parse().expect("a name");
    let disk = commands.k3d().stop(&name).await.expect_err("a full disk");
    let name = || name.clone();
    let problems = [
        disk,
        LocalError::NameTaken { name: name() },
        LocalError::IsThere { name: name() },
        LocalError::Broken { name: name(), why: "it has no load balancer".to_owned() },
        LocalError::PortsTaken { name: name(), ports: vec![443] },
        LocalError::PortsTaken { name: name(), ports: vec![80, 443] },
        LocalError::PortsTaken { name: name(), ports: Vec::new() },
        LocalError::Failed { command: "k3d cluster create cht".to_owned(), said: "failed to pull image".to_owned() },
    ];
    insta::assert_snapshot!(problems.each_ref().map(said).concat());
}
