//! Runs that end early leave the data as it is, and so do those that go on from there.

use super::*;
use crate::support::{deploy, let_fail, uninstall};
use cht_k8s::ClusterError;
use cht_k8s::sandbox::{Fault, Verb};
use cht_manifests::Kind;

fn fails_once(verb: Verb, kind: Kind) -> Fault {
    let error = ClusterError::Forbidden { object: kind.to_string(), message: "no".to_owned() };
    Fault::Api { verb, kind: Some(kind), times: 1, error }
}

#[test]
fn an_upgrade_that_fails_anywhere_and_is_run_again() {
    for kind in [Kind::Deployment, Kind::ConfigMap] {
        let cht = deployed(VALUES, THREE_NODES);
        let before = data(&cht);
        let upgrade = format!("{THREE_NODES} --set cht_image_tag=5.3.1");
        let_fail(&cht, &[fails_once(if kind == Kind::Deployment { Verb::Apply } else { Verb::Replace }, kind)]);
        let _ = deploy(&cht, &upgrade).expect(4);
        assert_eq!(data(&cht), before, "{kind}");
        let _ = deploy(&cht, &upgrade).expect(0);
        assert_eq!(data(&cht), before, "{kind}");
    }
}

#[test]
fn an_uninstall_that_fails_anywhere_and_is_run_again_or_undone() {
    for kind in [Kind::Ingress, Kind::Deployment, Kind::Service, Kind::ConfigMap] {
        let cht = deployed(VALUES, "--set environment=remote --set ingress.host=cht.example.org");
        let more = "--set environment=remote --set ingress.host=cht.example.org";
        let before = data(&cht);
        let_fail(&cht, &[fails_once(Verb::Delete, kind)]);
        let _ = uninstall(&cht, more).expect(4);
        assert_eq!(data(&cht), before, "{kind}");
        // What is half gone still keeps the rules.
        let other = format!("{more} {OTHER_PATH}");
        assert!(deploy(&cht, &other).expect(5).stderr.contains("[data-path]\n"), "{kind}");
        let _ = deploy(&cht, more).expect(0);
        let_fail(&cht, &[fails_once(Verb::Delete, kind)]);
        let _ = uninstall(&cht, more).expect(4);
        let _ = uninstall(&cht, more).expect(0);
        assert_eq!(data(&cht), before, "{kind}");
    }
}
