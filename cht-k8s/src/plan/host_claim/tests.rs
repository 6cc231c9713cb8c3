use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::Failure;
use crate::plan::credentials::StoredCredentials;
use crate::plan::mask::Made;
use crate::plan::testing::{NAMESPACE, classes, deploys, holding, planned, single};
use crate::plan::{Plan, plan_rollback};
use crate::redact::Redactor;
use crate::sandbox::{Fault, Sandbox, Verb};

const HOST: &str = "ingress.host=county-a.example.org";

fn ingress(class: Option<&str>, host: &str, path: &str) -> Ingress {
    let rule = json!({
        "host": (!host.is_empty()).then_some(host),
        "http": { "paths": [{
            "path": path, "pathType": "Prefix", "backend": { "service": { "name": "api", "port": { "number": 1 } } },
        }] },
    });
    let object = json!({ "metadata": {}, "spec": { "ingressClassName": class, "rules": [rule] } });
    serde_json::from_value(object).expect("an ingress")
}

fn clash((host, path): (&str, &str), (other_host, other_path): (&str, &str)) -> bool {
    let (one, other) = (ingress(None, host, path), ingress(None, other_host, other_path));
    let clash = contested(&one, &other).is_some();
    assert_eq!(contested(&other, &one).is_some(), clash, "the other way round");
    clash
}

#[test]
fn the_same_host_and_path_are_claimed_twice() {
    for (host, other) in [
        ("a.example.org", "a.example.org"),
        ("", ""),
        ("*.example.org", "*.example.org"),
        ("*.example.org", "a.example.org"),
    ] {
        assert!(clash((host, "/"), (other, "/")), "{host} {other}");
    }
    for (host, other) in [
        ("a.example.org", "b.example.org"),
        ("a.example.org", ""),
        ("*.example.org", ""),
        ("*.example.org", "example.org"),
        ("*.example.org", "a.b.example.org"),
        ("*.example.org", "*.b.example.org"),
    ] {
        assert!(!clash((host, "/"), (other, "/")), "{host} {other}");
    }
}

#[test]
fn a_longer_path_is_put_beside_an_instance_on_purpose() {
    let host = "a.example.org";
    for (path, other) in [("/", ""), ("/", "/*"), ("/a", "/a/"), ("/a/*", "/a")] {
        assert!(clash((host, path), (host, other)), "{path} {other}");
    }
    for (path, other) in [("/", "/.well-known/acme-challenge/x"), ("/", "/plugin"), ("/a", "/ab")] {
        assert!(!clash((host, path), (host, other)), "{path} {other}");
    }
}

#[test]
fn controllers_of_other_classes_serve_other_requests() {
    let of_class = |class| ingress(class, "a.example.org", "/");
    let clash = |one, other| contested(&of_class(one), &of_class(other)).is_some();
    assert!(clash(Some("nginx"), Some("nginx")) && clash(None, None));
    assert!(clash(Some("nginx"), None) && clash(None, Some("nginx")), "the default may be the other's");
    assert!(!clash(Some("nginx"), Some("traefik")));
    let mut annotated = of_class(None);
    annotated.metadata.annotations.get_or_insert_default().insert(CLASS_ANNOTATION.to_owned(), "gce".to_owned());
    assert!(contested(&annotated, &of_class(Some("nginx"))).is_none());
    assert!(contested(&annotated, &of_class(Some("gce"))).is_some());
}

/// Makes an ingress in another namespace, or another one here.
fn make(sandbox: &Sandbox, namespace: &str, name: &str, ingress: &Ingress) {
    let namespaces = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } });
    sandbox.apply_as("kubectl", namespaces).expect("a namespace");
    let mut object = serde_json::to_value(ingress).expect("JSON");
    object["metadata"] = json!({ "name": name, "namespace": namespace });
    sandbox.apply_as("kubectl", object).expect("an ingress");
}

fn of_county_b(sandbox: &Sandbox) {
    make(sandbox, "county-b", "api-ingress", &ingress(None, "county-a.example.org", "/"));
}

fn refusals(plan: &Plan) -> Vec<String> {
    plan.refusals().iter().map(ToString::to_string).collect()
}

#[test]
fn a_host_of_another_instance_refuses_a_first_deploy_as_a_whole() {
    let sandbox = std::sync::Arc::new(Sandbox::new());
    of_county_b(&sandbox);
    let plan = planned(&sandbox, single(&[HOST]));
    insta::assert_snapshot!(refusals(&plan).join("\n"));
    let outcome = deploys(&sandbox, plan);
    assert!(matches!(outcome.result, Err(Failure::Refused(_))), "{outcome:?}");
    let namespace = block_on(sandbox.get(&cht_manifests::ObjectKey::new(Kind::Namespace, "", NAMESPACE)));
    assert_eq!(namespace, Ok(None), "nothing was written");
    assert!(planned(&sandbox, single(&["ingress.host=other.example.org"])).refusals().is_empty());
    assert!(planned(&sandbox, single(&[])).refusals().is_empty(), "a host goes before every host");
}

#[test]
fn two_instances_without_a_host_claim_each_others_requests() {
    let sandbox = Sandbox::new();
    make(&sandbox, "county-b", "api-ingress", &ingress(None, "", "/"));
    insta::assert_snapshot!(refusals(&planned(&sandbox, single(&[]))).join("\n"));
}

#[test]
fn an_ingress_of_the_same_namespace_counts_and_the_same_object_does_not() {
    let sandbox = Sandbox::new();
    make(&sandbox, NAMESPACE, "api-ingress", &ingress(None, "county-a.example.org", "/"));
    let plan = planned(&sandbox, single(&[HOST]));
    assert_eq!(refusals(&plan), Vec::<String>::new(), "it is taken over");
    make(&sandbox, NAMESPACE, "by-hand", &ingress(None, "county-a.example.org", "/"));
    let plan = planned(&sandbox, single(&[HOST]));
    assert!(classes(&plan).contains(&"denied Ingress/api-ingress".to_owned()), "{:?}", classes(&plan));
}

#[test]
fn nothing_is_asked_where_the_ingress_stays_as_it_is() {
    let sandbox = holding(single(&[HOST]));
    of_county_b(&sandbox);
    let before = sandbox.requests();
    let plan = planned(&sandbox, single(&[HOST]));
    let unchanged = sandbox.requests() - before;
    assert!(plan.is_unchanged(), "{:?}", classes(&plan));
    let plan = planned(&sandbox, single(&[HOST, "ingress.class_name=nginx"]));
    assert_eq!(classes(&plan), ["denied Ingress/api-ingress"]);
    // The dry run, and the list.
    assert_eq!(sandbox.requests() - before - unchanged, unchanged + 2);
}

#[test]
fn who_may_not_look_is_told_so() {
    let sandbox = holding(single(&[HOST]));
    let Plan { mut steps, observed, .. } = planned(&sandbox, single(&[HOST, "ingress.class_name=nginx"]));
    of_county_b(&sandbox);
    let (redactor, nothing) = (Redactor::default(), StoredCredentials::default());
    let masks = Masks::new(&redactor, &nothing, &nothing, Made::default());
    let mut check = || block_on(refuse_claimed(&*sandbox, &mut steps, &observed, &masks)).expect("an answer");
    let error = ClusterError::Forbidden { object: "Ingress".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::List, kind: Some(Kind::Ingress), times: 1, error });
    insta::assert_snapshot!(check().expect("a note"));
    assert_eq!(check(), None);
    assert_eq!(steps.iter().filter(|step| step.refusal().is_some()).count(), 1);
}

#[test]
fn a_rollback_is_refused_alike() {
    let sandbox = holding(single(&[HOST]));
    let later = planned(&sandbox, single(&["ingress.host=later.example.org"]));
    assert!(deploys(&sandbox, later).result.is_ok());
    of_county_b(&sandbox);
    let plan = block_on(plan_rollback(&*sandbox, &single(&[]), None)).expect("a plan");
    assert_eq!(classes(&plan), ["denied Ingress/api-ingress"]);
}
