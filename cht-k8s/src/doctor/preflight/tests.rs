use std::sync::Arc;

use cht_manifests::Stage;
use futures::StreamExt;
use futures::executor::block_on;

use crate::doctor::Check;
use crate::events::{Event, Failure, Outcome};
use crate::health::testing::{K3D, instance};
use crate::sandbox::{Fault, Sandbox, SandboxNode, Verb};
use crate::{Cluster, ClusterError, Options, deploy, plan};

fn run(sandbox: &Arc<Sandbox>, set: &[&str], options: Options) -> (Outcome, Vec<Event>) {
    let plan = block_on(plan(&**sandbox, instance(K3D, set))).expect("a plan");
    let mut events: Vec<_> = block_on(deploy(Arc::clone(sandbox) as Arc<dyn Cluster>, plan, options).collect());
    match events.pop() {
        Some(Event::Finished(outcome)) => (outcome, events),
        other => panic!("{other:?}"),
    }
}

fn sandbox(faults: &[Fault]) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    for fault in faults {
        sandbox.fail(fault.clone());
    }
    sandbox
}

fn denied(verb: &str, resource: &str) -> Fault {
    Fault::Denied { verb: verb.to_owned(), resource: resource.to_owned() }
}

/// The checks that refuse a deploy, of which nothing is written then.
fn refused_by(sandbox: &Arc<Sandbox>, set: &[&str]) -> Vec<Check> {
    let (outcome, events) = run(sandbox, set, Options::default());
    let Err(Failure::Preflight(findings)) = outcome.result else { panic!("{outcome:?}") };
    assert!(events.iter().all(|event| !matches!(event, Event::StageStarted(_) | Event::Applied { .. })), "{events:?}");
    let namespaces = block_on(sandbox.list(cht_manifests::Kind::Namespace, None)).expect("a list").items;
    assert!(namespaces.iter().all(|namespace| namespace.name() != "county-a"));
    findings.iter().map(|finding| finding.check).collect()
}

#[test]
fn what_a_deploy_would_fail_with_refuses_it() {
    assert_eq!(refused_by(&sandbox(&[denied("create", "leases")]), &[]), [Check::PermissionDeploy]);
    assert_eq!(refused_by(&sandbox(&[Fault::ClockSkew { seconds: -400 }]), &[]), [Check::ClockSkew]);
    assert_eq!(refused_by(&sandbox(&[]), &["couchdb.storage_class=none"]), [Check::StorageClass]);
    let nodes = [SandboxNode::new("alpha").taint("dedicated", "db", "NoSchedule")];
    let tainted = Arc::new(Sandbox::builder().nodes(nodes).build());
    assert_eq!(refused_by(&tainted, &["couchdb.storage_class=none"]), [Check::NodeTaints, Check::StorageClass]);
}

#[test]
fn what_may_be_well_all_the_same_refuses_nothing() {
    for fault in [
        denied("list", "nodes"),
        denied("list", "storageclasses"),
        denied("delete", "ingresses"),
        Fault::ClockSkew { seconds: 100 },
        Fault::Api {
            verb: Verb::Review,
            kind: None,
            times: 1,
            error: ClusterError::Forbidden { object: "review".to_owned(), message: "no".to_owned() },
        },
    ] {
        let (outcome, events) = run(&sandbox(std::slice::from_ref(&fault)), &[], Options::default());
        assert!(outcome.result.is_ok(), "{fault:?}: {outcome:?}");
        assert!(events.iter().any(|event| matches!(event, Event::StageStarted(Stage::Ingress))));
    }
}

#[test]
fn whoever_insists_is_let_through() {
    let sandbox = sandbox(&[Fault::ClockSkew { seconds: 4000 }]);
    let (outcome, _) = run(&sandbox, &[], Options { skip_preflight: true, ..Options::default() });
    assert!(outcome.result.is_ok(), "{outcome:?}");
}

#[test]
fn it_takes_four_requests_and_none_where_nothing_is_written() {
    let count = |sandbox: &Arc<Sandbox>, skip_preflight| {
        let (outcome, _) = run(sandbox, &[], Options { skip_preflight, ..Options::default() });
        assert!(outcome.result.is_ok(), "{outcome:?}");
        outcome.requests
    };
    let (with, without) = (sandbox(&[]), sandbox(&[]));
    assert_eq!(count(&with, false), count(&without, true) + 4);
    assert_eq!(count(&with, false), count(&without, true));
}

#[test]
fn a_server_that_is_gone_is_no_finding() {
    let error = ClusterError::Unauthorized { message: "who?".to_owned() };
    let refused = Fault::Api { verb: Verb::Version, kind: None, times: 9, error };
    assert!(run(&sandbox(&[refused]), &[], Options::default()).0.result.is_ok(), "what it does not say is no finding");
    let lost = ClusterError::Unreachable { reason: "reset".to_owned() };
    let gone = Fault::Api { verb: Verb::Review, kind: None, times: u32::MAX, error: lost.clone() };
    let (outcome, _) = run(&sandbox(&[gone]), &[], Options::default());
    assert!(matches!(&outcome.result, Err(Failure::Cluster(error)) if *error == lost), "{outcome:?}");
}
