use std::sync::Arc;

use cht_manifests::Kind;
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::json;

use super::component::Surroundings;
use super::*;
use crate::health::View;
use crate::health::testing::{K3D, instance, pod_with};
use crate::redact::Redactor;
use crate::sandbox::{Fault, Sandbox, Verb};
use crate::{ClusterError, ComponentName, LookError, Options, deploy, plan};

const NAMESPACE: &str = "county-a";

fn deployed(fault: Option<Fault>) -> Sandbox {
    let sandbox = Sandbox::new();
    if let Some(fault) = fault {
        sandbox.fail(fault);
    }
    let plan = block_on(plan(&sandbox, instance(K3D, &[]))).expect("a plan");
    let events = deploy(Arc::new(sandbox.clone()), plan, Options::default());
    block_on(events.for_each(|_| std::future::ready(())));
    sandbox
}

fn crash(log: &str) -> Fault {
    Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 3, log: log.to_owned() }
}

fn look(sandbox: &Sandbox, names: &[&str]) -> Result<Description, LookError> {
    let names: Vec<ComponentName> = names.iter().map(|name| name.parse().expect("a name")).collect();
    block_on(describe(sandbox, NAMESPACE, None, &names))
}

#[test]
fn a_component_is_described_with_all_that_belongs_to_it() {
    let sandbox = deployed(None);
    let all = look(&sandbox, &[]).expect("all");
    let names: Vec<_> = all.components.iter().map(|one| one.component.to_string()).collect();
    assert_eq!(names, ["couchdb", "healthcheck", "haproxy", "api", "sentinel"]);
    let described = look(&sandbox, &["couchdb"]).expect("a component");
    let [couchdb] = &described.components[..] else { panic!("{described:#?}") };
    assert!(couchdb.health.as_ref().is_some_and(|health| health.health.is_ready()), "{couchdb:#?}");
    assert_eq!((couchdb.replicas.ready, couchdb.strategy.as_str()), (1, "Recreate"));
    assert_eq!(couchdb.managed_by.as_deref(), Some("cht"));
    assert_eq!(couchdb.containers.len(), 2);
    assert_eq!(couchdb.claims[0].claim, "couchdb-claim0");
    let services: Vec<_> = couchdb.services.iter().map(|one| (one.service.as_str(), one.endpoints.len())).collect();
    assert_eq!(services.len(), 2, "couchdb and nouveau: {services:?}");
    assert!(services.iter().all(|(_, endpoints)| *endpoints > 0), "{services:?}");
    let [pod] = &couchdb.pods[..] else { panic!("{couchdb:#?}") };
    assert!(pod.node.is_some() && pod.unmet.is_empty() && pod.containers.iter().all(|one| one.is_ready), "{pod:#?}");
    assert!(!couchdb.events.is_empty());
}

#[test]
fn what_is_broken_is_said_with_its_last_end_and_its_warnings_first() {
    let described = look(&deployed(Some(crash("no route"))), &["api"]).expect("a component");
    let [api] = &described.components[..] else { panic!("{described:#?}") };
    assert!(api.health.as_ref().is_some_and(|health| health.health.reason().is_some()), "{api:#?}");
    let container = &api.pods[0].containers[0];
    assert_eq!(container.last_end.as_ref().map(|end| end.exit_code), Some(3));
    assert!(container.restarts > 0 && !api.pods[0].unmet.is_empty(), "{api:#?}");
    assert!(api.events[0].is_warning, "{:#?}", api.events);
    let first_event = api.events.iter().position(|event| !event.is_warning).expect("an event");
    assert!(api.events[first_event..].iter().all(|event| !event.is_warning), "{:#?}", api.events);
    assert_eq!(api.services[0].endpoints, Vec::<String>::new());
    assert_eq!(api.services[0].not_ready.len(), 1);
}

/// A container may say credentials at its end that only whoever may see Secrets can keep out.
#[test]
fn whoever_may_not_see_secrets_reads_no_words_of_containers() {
    let ended = json!({ "name": "c", "ready": false, "restartCount": 1, "image": "i", "imageID": "",
        "state": { "terminated": { "exitCode": 1, "message": "canary\n" } } });
    let pod = pod_with("p", &ended);
    let pod = pod.decode().expect("a pod");
    let (view, redactor) = (View::default(), Redactor::default());
    let said = |all_secrets| {
        let around = Surroundings { view: &view, services: &[], volumes: &[], redactor: &redactor, all_secrets };
        DescribedPod::of(&pod, &around).containers[0].message.clone()
    };
    assert_eq!((said(true), said(false)), ("canary".to_owned(), String::new()));

    let sandbox = deployed(None);
    let error = ClusterError::Forbidden { object: "Secret".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::Get, kind: Some(Kind::Secret), times: 1, error });
    assert_eq!(look(&sandbox, &["api"]).expect("a component").notes.len(), 1);
}

#[test]
fn what_is_not_there_is_refused() {
    let refused = look(&deployed(None), &["nouvau"]).expect_err("no component");
    assert!(matches!(refused, LookError::NoSuchComponent(_)), "{refused}");
    let refused = look(&Sandbox::new(), &[]).expect_err("nothing");
    assert_eq!(refused, LookError::Nothing { namespace: NAMESPACE.to_owned() });
}
