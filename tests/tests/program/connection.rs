//! Clusters that cannot be found, reached, or worked on: exit codes 4 and 10, and 130 and 143 for who gives up waiting.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use cht_k8s::sandbox::{Fault, Verb};
use cht_k8s::{Cluster as _, ClusterError};
use cht_manifests::{Kind, ObjectKey};
use cht_tests::program::{Cht, Ran, start};
use futures::executor::block_on;
use serde_json::json;

use crate::support::{
    NAMESPACE, clinic, deploy, deployed_clinic, let_fail, snapshot, status, uninstall, version, with_sandbox,
};

/// A kubeconfig for a server at this port of this machine, as its context `here`.
pub(crate) fn write_kubeconfig(cht: &Cht, port: u16) {
    let text = format!(
        "\
apiVersion: v1
kind: Config
current-context: here
clusters: [{{ name: c, cluster: {{ server: \"http://127.0.0.1:{port}\" }} }}]
users: [{{ name: u, user: {{ token: t }} }}]
contexts: [{{ name: here, context: {{ cluster: c, user: u }} }}]
"
    );
    cht.write("kubeconfig", text);
}

/// Each command that needs a cluster ends in the same way.
#[track_caller]
fn by_each(cht: &Cht, flags: &str, code: i32) -> Ran {
    let all = ["deploy --quiet", "status", "uninstall --yes --quiet"]
        .map(|command| cht.run(&format!("{command} -f values.yaml {flags}")).expect(code));
    assert!(all.iter().all(|ran| *ran == all[0]), "{all:?}");
    assert_eq!(all[0].stdout, "");
    all[0].clone()
}

#[test]
fn a_kubeconfig_that_is_not_there() {
    snapshot("kubeconfig_missing", &by_each(&clinic(), "--kubeconfig nowhere", 4));
}

#[test]
fn a_kubeconfig_that_is_none() {
    let cht = clinic();
    cht.write("kubeconfig", "rubbish\n");
    snapshot("kubeconfig_rubbish", &by_each(&cht, "--kubeconfig kubeconfig", 4));
}

#[test]
fn a_broken_kubeconfig_is_not_shown() {
    let cht = clinic();
    write_kubeconfig(&cht, 1);
    let broken = cht.read("kubeconfig").replace("token: t", "token: Canary-1, token: Canary-2");
    cht.write("kubeconfig", format!("{broken}password: [\n"));
    let ran = by_each(&cht, "--kubeconfig kubeconfig", 4);
    assert!(!ran.stderr.contains("Canary"), "{ran}");
    let line = "error: the kubeconfig kubeconfig cannot be used: failed to parse kubeconfig YAML: error: line ";
    assert!(ran.stderr.starts_with(line), "{ran}");
}

#[test]
fn a_context_that_is_not_there() {
    let cht = clinic();
    write_kubeconfig(&cht, 1);
    snapshot("context_missing", &by_each(&cht, "--kubeconfig kubeconfig --context elsewhere", 4));
    let json = cht.run("status -f values.yaml --kubeconfig kubeconfig --context elsewhere -o json").expect(4).json();
    assert_eq!(json["exit_code"], 4);
    assert!(json["error"].as_str().is_some_and(|error| error.contains("elsewhere")), "{json}");
}

#[test]
fn no_cluster_at_all() {
    // Values for a cluster of this machine would lead a deploy to one (see `laptop::offer`).
    snapshot("no_cluster", &by_each(&clinic(), "--set environment=remote --set ingress.host=clinic.example.org", 4));
}

/// Nothing has been changed yet, so it gives up after seconds.
#[test]
fn a_server_that_does_not_listen() {
    let cht = clinic();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    write_kubeconfig(&cht, listener.local_addr().expect("an address").port());
    drop(listener);
    let ran = cht.run("deploy --quiet -f values.yaml --kubeconfig kubeconfig -o json").expect(10);
    assert_eq!(ran.json()["exit_code"], 10);
    assert!(ran.stderr.starts_with("error: the API server could not be reached: Connection refused"), "{ran}");
}

#[cfg(unix)]
#[test]
fn who_waits_for_a_silent_server_can_give_up() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let cht = clinic();
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        write_kubeconfig(&cht, server.local_addr().expect("an address").port());
        let mut running = start(cht.command(["deploy", "-f", "values.yaml", "--kubeconfig", "kubeconfig"]));
        // Once a request is here, the command waits for its answer.
        let (connection, _) = server.accept().expect("a connection");
        let mut request = String::new();
        BufReader::new(&connection).read_line(&mut request).expect("a request");
        assert!(request.starts_with("GET /"), "{request}");

        let told = Command::new("kill").args(["-s", signal, &running.id().to_string()]).status().expect("kill");
        assert!(told.success());
        // The error stream ends with the program.
        let mut said = String::new();
        running.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        let ran = Ran::from(running.wait_with_output().expect("its end")).expect(code);
        assert_eq!(ran.stdout, "");
        assert!(said.ends_with("error: interrupted; nothing was changed\n"), "{said}");
    }
}

fn failing(verb: Verb, times: u32, error: ClusterError) -> Fault {
    Fault::Api { verb, kind: None, times, error }
}

fn unreachable() -> ClusterError {
    ClusterError::Unreachable { reason: "connection reset by peer".to_owned() }
}

#[test]
fn a_connection_that_breaks_for_a_while_does_not_matter() {
    let cht = clinic();
    let_fail(&cht, &[failing(Verb::List, 2, unreachable()), failing(Verb::Apply, 5, unreachable())]);
    let _ = deploy(&cht, "").expect(0);
    let_fail(&cht, &[failing(Verb::List, 2, unreachable())]);
    let _ = status(&cht, "").expect(0);
    let_fail(&cht, &[failing(Verb::Delete, 5, unreachable())]);
    let _ = uninstall(&cht, "").expect(0);
}

#[test]
fn a_connection_that_is_lost_leaves_a_run_that_goes_on_later() {
    let cht = clinic();
    let_fail(&cht, &[failing(Verb::Apply, u32::MAX, unreachable())]);
    let ran = deploy(&cht, "").expect(10);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.stderr, "error: the API server could not be reached: connection reset by peer\n");
    let_fail(&cht, &[]);
    let _ = deploy(&cht, "").expect(0);
}

#[test]
fn a_server_that_refuses() {
    let cht = deployed_clinic();
    let before = version(&cht);
    let message = "User \"nurse\" cannot list resource \"deployments\" in API group \"apps\"".to_owned();
    let error = ClusterError::Forbidden { object: "Deployment".to_owned(), message };
    let_fail(&cht, &[failing(Verb::List, u32::MAX, error)]);
    for ran in [deploy(&cht, ""), status(&cht, ""), uninstall(&cht, "--quiet")] {
        assert_eq!(
            ran.expect(4).stderr,
            "error: Deployment: refused: User \"nurse\" cannot list resource \"deployments\" in API group \"apps\"\n"
        );
    }
    assert_eq!(version(&cht), before, "nothing was changed");
}

#[test]
fn a_namespace_that_is_on_its_way_out() {
    let cht = deployed_clinic();
    with_sandbox(&cht, |sandbox| {
        // Something in it takes its time, as a volume does that is still attached.
        let key = ObjectKey::new(Kind::Service, NAMESPACE, "api");
        let slow = sandbox.update_as("someone", &key, |object| {
            object["metadata"]["finalizers"] = json!(["example.org/slow"]);
        });
        slow.expect("the object can be edited");
        let key = ObjectKey::new(Kind::Namespace, "", NAMESPACE);
        let namespace = block_on(sandbox.get(&key)).expect("an answer").expect("the namespace");
        assert_eq!(block_on(sandbox.delete(&key, namespace.uid())), Ok(true));
    });
    let ran = deploy(&cht, "").expect(4);
    assert_eq!(ran.stderr, "error: Namespace/clinic is being deleted; wait until it is gone, then deploy again\n");
}
