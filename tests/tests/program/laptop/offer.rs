//! Values for a cluster of this machine lead `cht deploy` to one when none answers.

use std::net::TcpListener;

use crate::connection::write_kubeconfig;
use crate::support::{clinic, snapshot};

#[test]
fn a_deploy_without_a_cluster_names_the_command_that_makes_one() {
    let cht = clinic();
    snapshot("deploy_offers_up", &cht.run("deploy -f values.yaml").expect(4));
    snapshot("deploy_offers_up_json", &cht.run("deploy -f values.yaml -o json").expect(4));
    let elsewhere =
        cht.run("deploy -f values.yaml --set environment=remote --set ingress.host=a.example.org").expect(4);
    assert!(!elsewhere.stderr.contains("cht up"), "{elsewhere}");
    // Who names a cluster wants that one.
    write_kubeconfig(&cht, 1);
    let chosen = cht.run("deploy -f values.yaml --kubeconfig kubeconfig --context other").expect(4);
    assert!(!chosen.stderr.contains("cht up"), "{chosen}");
}

/// The current context leads to a cluster that has gone, such as one of k3d that was stopped.
#[test]
fn a_deploy_to_a_cluster_that_does_not_answer_does_so_too() {
    let cht = clinic();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    write_kubeconfig(&cht, port);
    let mut command = cht.command(["deploy", "-f", "values.yaml"]);
    command.env("KUBECONFIG", "kubeconfig");
    let ran = cht_tests::program::Ran::of(command).expect(10);
    assert!(ran.stderr.contains("get one to run with: cht up -f values.yaml"), "{ran}");
}
