//! What keeps `cht up` from getting a cluster, and what it says to do.

use cht_tests::laptop::{DOCKER, K3D, Laptop, PODMAN};
use cht_tests::program::{signal, start};

use crate::support::snapshot;

const STOPPED: &str =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

/// What `cht up` says, without having written or asked for anything.
#[track_caller]
fn refused(laptop: &Laptop, name: &str, code: i32) {
    let ran = laptop.run("up").expect(code);
    assert!(!ran.to_string().contains("Canary"), "{ran}");
    assert!(!laptop.cht.folder().join("cht-dev.yaml").exists(), "nothing is written");
    snapshot(name, &ran);
}

#[test]
fn k3d_and_the_engine_are_missing() {
    refused(&Laptop::with(&[]), "up_nothing", 4);
    refused(&Laptop::with(&[DOCKER]), "up_no_k3d", 4);
    let laptop = Laptop::with(&[K3D]);
    laptop.say("engine", STOPPED);
    refused(&laptop, "up_no_engine", 4);
}

#[test]
fn what_is_installed_does_not_work() {
    let laptop = Laptop::with(&[K3D, DOCKER]);
    laptop.say("engine", STOPPED);
    refused(&laptop, "up_engine_stopped", 4);
    laptop.say(
        "engine",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix \
         /var/run/docker.sock: connect: permission denied",
    );
    refused(&laptop, "up_engine_forbidden", 4);
    laptop.say("version", "v4.4.8");
    refused(&laptop, "up_k3d_old", 4);
    let laptop = Laptop::with(&[K3D, PODMAN]);
    laptop.say("engine", STOPPED);
    refused(&laptop, "up_podman", 4);
}

#[test]
fn a_cluster_of_someone_elses_or_a_broken_one_is_left_as_it_is() {
    let laptop = Laptop::with(&[K3D]);
    laptop.cluster("cht", None, "running", Some("running"));
    refused(&laptop, "up_name_taken", 6);
    laptop.cluster("cht", Some("development"), "dead", Some("exited"));
    refused(&laptop, "up_broken", 4);
    assert_eq!(laptop.calls(), Vec::<String>::new());
}

#[test]
fn a_cluster_cannot_be_made_or_started() {
    let laptop = Laptop::with(&[K3D]);
    laptop.say("create", "failed to register layer: write /bin/k3s: no space left on device");
    refused(&laptop, "up_disk_full", 4);
    laptop.say("create", "failed to pull image 'rancher/k3s': TLS handshake timeout");
    refused(&laptop, "up_create_failed", 4);
    laptop.cluster("cht", Some("development"), "exited", Some("exited"));
    laptop.say("taken", "8443\n");
    refused(&laptop, "up_start_port", 6);
}

#[test]
fn k3s_is_offered_and_never_taken_unasked() {
    let laptop = Laptop::with(&[DOCKER]);
    std::fs::write(laptop.cht.folder().join("k3s.yaml"), "apiVersion: v1\n").expect("written");
    let ran = laptop.run("up").expect(4);
    assert!(ran.stderr.ends_with("; or use the k3s that is on this machine, with --k3s\n"), "{ran}");
    let ran = Laptop::with(&[K3D]).run("up --k3s").expect(4);
    assert!(ran.stderr.starts_with("error: there is no k3s on this machine: /"), "{ran}");
}

#[test]
fn a_name_that_k3d_does_not_take() {
    snapshot("up_bad_name", &Laptop::with(&[K3D]).run("up --name My_Cluster").expect(2));
}

/// Whoever is killed while k3d makes a cluster leaves one that never ran. Others keep away meanwhile; the next one makes
/// it anew.
#[test]
fn an_interrupted_up_leaves_what_the_next_one_makes_anew() {
    let laptop = Laptop::with(&[K3D]);
    let mkfifo = std::process::Command::new("mkfifo").arg(laptop.state("hold")).status();
    assert!(mkfifo.expect("mkfifo runs").success());
    let child = start(laptop.command("up"));
    while !laptop.state("holding").exists() {
        std::thread::yield_now();
    }
    snapshot("up_locked", &laptop.run("up").expect(7));
    snapshot("down_locked", &laptop.run("down --yes").expect(7));
    signal(child.id(), "TERM");
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(143), "{ended:?}");
    std::fs::remove_file(laptop.state("hold")).expect("removed");
    let _ = laptop.calls();

    laptop.say("create", "stop here");
    let next = laptop.run("up").expect(4);
    assert!(next.stderr.starts_with("cluster cht: was never finished, and is removed to be made anew\n"), "{next}");
    let calls = laptop.calls();
    assert_eq!(calls[0], "cluster delete cht");
    assert!(calls[1].starts_with("cluster create cht "), "{calls:?}");
}
