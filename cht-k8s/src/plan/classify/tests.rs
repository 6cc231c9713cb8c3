use std::time::Duration;

use cht_manifests::Manifests;
use futures::executor::block_on;
use serde_json::json;

use crate::plan::credentials::StoredCredentials;
use crate::plan::mask::Made;
use crate::plan::observe::observe;
use crate::plan::testing::*;
use crate::plan::{Change, DataRule, Downtime, PlanError, Wanted, plan, plan_wanted};
use crate::redact::Redactor;
use crate::sandbox::{Fault, Sandbox, Verb};
use crate::{ApplyMode, Cluster, ClusterError, Failure, FieldConflict};

use super::*;

const API: &str = "Deployment/cht-api";
const IMAGE: &str = r#".spec.template.spec.containers[name="cht-api"].image"#;

fn conflict(manager: &str, field: &str) -> FieldConflict {
    FieldConflict { manager: manager.to_owned(), field: field.to_owned() }
}

fn edit_api(sandbox: &Sandbox, manager: &str, edit: impl FnOnce(&mut Value)) {
    sandbox.update_as(manager, &key(Kind::Deployment, "cht-api"), edit).expect("edited");
}

fn fail_dry_run(sandbox: &Sandbox, kind: Kind, times: u32, error: &ClusterError) {
    sandbox.fail(Fault::Api { verb: Verb::DryRun, kind: Some(kind), times, error: error.clone() });
}

/// Deploys the plan, which must be refused with nothing written.
fn assert_refused(sandbox: &std::sync::Arc<Sandbox>, plan: crate::Plan) {
    let refusals = plan.refusals();
    let version = || block_on(sandbox.list(Kind::Namespace, None)).expect("a list").resource_version;
    let before = version();
    let outcome = deploys(sandbox, plan);
    let Err(Failure::Refused(errors)) = outcome.result else { panic!("{outcome:?}") };
    assert_eq!(errors, refusals);
    assert_eq!(version(), before, "nothing was written");
}

#[test]
fn all_is_new_in_a_new_namespace_and_only_the_namespace_is_tried() {
    let sandbox = Sandbox::new();
    let plan = planned(&sandbox, single(&[]));
    assert!(plan.steps().iter().all(|step| step.change == Change::Create && step.restarts.is_none()));
    let reads = sandbox.requests();
    fail_dry_run(&sandbox, Kind::Namespace, 1, &ClusterError::NotServed { kind: Kind::Namespace });
    let denied = planned(&sandbox, single(&[]));
    assert_eq!(sandbox.requests(), 2 * reads);
    assert_eq!(denied.refusals(), [ClusterError::NotServed { kind: Kind::Namespace }]);
}

#[test]
fn what_is_new_in_a_namespace_that_is_there_is_tried() {
    let sandbox = Sandbox::new();
    let wanted = Wanted::of(&single(&[]));
    let namespace = &wanted.manifests.iter().next().expect("the namespace").object;
    block_on(sandbox.apply(namespace, ApplyMode::Respect)).expect("applied");
    let error = ClusterError::Forbidden { object: "Service".to_owned(), message: "exceeded quota".to_owned() };
    fail_dry_run(&sandbox, Kind::Service, 1, &error);
    let plan = planned(&sandbox, single(&[]));
    assert_eq!(classes(&plan).len(), plan.steps().len() - 1, "all but the namespace");
    assert_eq!(plan.refusals(), [error]);
    assert_refused(&std::sync::Arc::new(sandbox), plan);
}

#[test]
fn nothing_is_tried_where_all_is_as_wanted() {
    let sandbox = holding(old_cluster(&[]));
    let before = sandbox.requests();
    let plan = planned(&sandbox, old_cluster(&[]));
    assert!(plan.is_unchanged(), "{:?}", pending(&plan));
    // Six lists and that of the volumes, the namespace, six single objects, and the inventory.
    assert_eq!(sandbox.requests() - before, 15);
    assert_eq!(plan.downtime(), [].into());
}

#[test]
fn a_changed_field_is_named_with_both_values() {
    let sandbox = holding(single(&[]));
    let plan = planned(&sandbox, single(&["cht_image_tag=5.3.1", "api.log_level=debug"]));
    assert_eq!(
        classes(&plan),
        ["cht-couchdb", "cht-haproxy-healthcheck", "cht-haproxy", "cht-api", "cht-sentinel"]
            .map(|name| format!("change Deployment/{name}"))
    );
    assert_eq!(
        fields(&plan, API),
        [
            r#".spec.template.spec.containers[name="cht-api"].env[name="LOG_LEVEL"].value: "info" "debug""#.to_owned(),
            format!("{IMAGE}: \"public.ecr.aws/medic/cht-api:5.3.0\" \"public.ecr.aws/medic/cht-api:5.3.1\""),
        ]
    );
    assert_eq!(step_of(&plan, API).restarts, Some(Downtime::Instance));
    assert_eq!(step_of(&plan, "Deployment/cht-sentinel").restarts, Some(Downtime::BackgroundTasks));
    assert_eq!(plan.downtime(), [Downtime::BackgroundTasks, Downtime::Instance].into());
}

#[test]
fn a_node_of_a_cluster_takes_its_shards_along() {
    let sandbox = holding(old_cluster(&[]));
    let plan = planned(&sandbox, old_cluster(&["cht_image_tag=4.23.0"]));
    assert_eq!(step_of(&plan, "Deployment/cht-couchdb-2").restarts, Some(Downtime::Shards(2)));
    // On 4.x its new pod is ready before the old one goes.
    assert_eq!(step_of(&plan, "Deployment/cht-haproxy").restarts, Some(Downtime::Unnoticed));
}

#[test]
fn what_restarts_no_pod_is_not_noticed() {
    let sandbox = holding(single(&[]));
    edit_api(&sandbox, "kubectl-edit", |deployment| deployment["spec"]["replicas"] = json!(0));
    let plan = planned(&sandbox, single(&[]));
    assert_eq!(fields(&plan, API), [".spec.replicas: 0 1"]);
    assert_eq!(step_of(&plan, API).restarts, None);
}

#[test]
fn fields_of_known_tools_are_adopted() {
    let sandbox = holding(single(&[]));
    edit_api(&sandbox, "k9s", |deployment| deployment["spec"]["replicas"] = json!(0));
    let plan = planned(&sandbox, single(&[]));
    let Change::Adopt { owners, .. } = &step_of(&plan, API).change else { panic!("{:?}", pending(&plan)) };
    assert_eq!(owners, &[conflict("k9s", ".spec.replicas")]);
    assert!(deploys(&sandbox, plan).result.is_ok());
    assert!(planned(&sandbox, single(&[])).is_unchanged());
}

#[test]
fn an_object_of_another_tool_that_is_as_wanted_is_adopted_without_a_change() {
    let sandbox = holding(single(&[]));
    let wanted = Wanted::of(&single(&[])).manifests;
    let service = wanted.iter().find(|manifest| manifest.object.kind() == Kind::Service).expect("a Service");
    let object = service.object.key();
    let live = block_on(sandbox.get(&object)).expect("an answer").expect("it is there");
    block_on(sandbox.delete(&object, live.uid())).expect("deleted");
    sandbox.apply_as("helm", service.object.to_value()).expect("made by helm");

    let plan = planned(&sandbox, single(&[]));
    assert_eq!(pending(&plan), [(object.to_string(), &Change::Adopt { fields: vec![], owners: vec![] })]);
    assert!(!plan.is_unchanged());
    assert!(deploys(&sandbox, plan).result.is_ok());
    assert!(planned(&sandbox, single(&[])).is_unchanged());
}

#[test]
fn fields_of_others_are_conflicts() {
    let sandbox = holding(single(&[]));
    edit_api(&sandbox, "argocd", |deployment| deployment["spec"]["replicas"] = json!(0));
    edit_api(&sandbox, "kubectl", |deployment| deployment["metadata"]["labels"]["cht.service"] = json!("x"));
    let plan = planned(&sandbox, single(&["cht_image_tag=5.3.1"]));
    // What would be taken over is not named beside what hinders.
    assert_eq!(step_of(&plan, API).change, Change::Conflict { fields: vec![conflict("argocd", ".spec.replicas")] });
    assert!(!step_of(&plan, "Deployment/cht-couchdb").change.is_as_wanted(), "the others are planned, and not done");
    assert_refused(&sandbox, plan);
}

#[test]
fn a_field_that_kubernetes_keeps_is_immutable() {
    let sandbox = holding(single(&[]));
    let object = key(Kind::Service, "api");
    // Another address than the one that it has is what the server never lets a Service take.
    let mut wanted = Wanted::of(&single(&[]));
    let with_address = |manifest: &Manifest| {
        let mut manifest = manifest.clone();
        if let (true, Object::Service(service)) = (manifest.object.key() == object, &mut manifest.object) {
            service.spec.get_or_insert_default().cluster_ip = Some("10.96.200.200".to_owned());
        }
        manifest
    };
    wanted.manifests = wanted.manifests.iter().map(with_address).collect::<Manifests>();
    let plan = block_on(plan_wanted(&*sandbox, wanted)).expect("a plan");
    let Change::Immutable { message } = &step_of(&plan, "Service/api").change else { panic!("{:?}", pending(&plan)) };
    assert!(message.contains("may not change once set"), "{message}");
    assert_refused(&sandbox, plan);
}

#[test]
fn a_refusal_that_repeats_a_secret_is_shown_without_it() {
    let sandbox = holding(single(&["couchdb.password=canary"]));
    let error = ClusterError::Invalid { object: key(Kind::Deployment, "x"), message: "no: canary".to_owned() };
    fail_dry_run(&sandbox, Kind::Deployment, 1, &error);
    let plan = planned(&sandbox, single(&["couchdb.password=canary", "cht_image_tag=5.3.1"]));
    let Change::Denied { error } = &step_of(&plan, "Deployment/cht-couchdb").change else { panic!("{plan:?}") };
    assert!(error.to_string().ends_with("no: [secret]"), "{error}");
}

#[test]
fn what_cannot_be_tried_is_left_to_the_deploy() {
    let sandbox = holding(single(&[]));
    let message = "admission webhook \"x.example.org\" does not support dry run".to_owned();
    let error = ClusterError::Invalid { object: key(Kind::Deployment, "x"), message: message.clone() };
    fail_dry_run(&sandbox, Kind::Deployment, 1, &error);
    let plan = planned(&sandbox, single(&["cht_image_tag=5.3.1"]));
    assert_eq!(step_of(&plan, "Deployment/cht-couchdb").change, Change::Untried { message });
    assert!(deploys(&sandbox, plan).result.is_ok());
    assert!(planned(&sandbox, single(&["cht_image_tag=5.3.1"])).is_unchanged());
}

#[test]
fn what_others_write_while_an_object_is_tried_is_no_change_of_ours() {
    let sandbox = holding(single(&[]));
    let instance = single(&["cht_image_tag=5.3.1"]);
    let wanted = Wanted::of(&instance).manifests;
    let api: Vec<_> = wanted.iter().filter(|manifest| manifest.object.name() == "cht-api").collect();
    let observed = block_on(observe(&*sandbox, &wanted, NAMESPACE, &[])).expect("observed");
    edit_api(&sandbox, "controller", |deployment| deployment["metadata"]["annotations"]["seen"] = json!("now"));
    let (redactor, none) = (Redactor::default(), StoredCredentials::default());
    let masks = Masks::new(&redactor, &none, &none, Made::default());
    let look = |observed: &Observed| {
        let found = block_on(steps(&*sandbox, api.iter().copied(), NAMESPACE, observed, &masks)).expect("steps");
        found.into_iter().map(|step| step.change).collect::<Vec<_>>()
    };
    let [Change::Update { fields }] = &look(&observed)[..] else { panic!("not changed") };
    assert!(fields.iter().all(|change| change.field.starts_with(".spec.template")), "{fields:?}");

    // What was there is gone, and what was not is there.
    let live = block_on(sandbox.get(&key(Kind::Deployment, "cht-api"))).expect("an answer").expect("it is there");
    block_on(sandbox.delete(&live.key(), live.uid())).expect("deleted");
    assert_eq!(look(&observed), [Change::Create]);
    block_on(sandbox.apply(&api[0].object, ApplyMode::Respect)).expect("applied");
    let namespace = block_on(sandbox.get(&ObjectKey::new(Kind::Namespace, "", NAMESPACE))).expect("an answer");
    assert_eq!(look(&Observed::of(namespace)), [Change::Unchanged]);
}

#[test]
fn a_busy_server_is_asked_again() {
    let sandbox = holding(single(&[]));
    let busy = ClusterError::Unavailable {
        status: 429,
        message: "busy".to_owned(),
        retry_after: Some(Duration::from_secs(7)),
    };
    fail_dry_run(&sandbox, Kind::Deployment, 3, &busy);
    let before = sandbox.clock().now();
    let plan = planned(&sandbox, single(&["cht_image_tag=5.3.1"]));
    assert_eq!(classes(&plan).len(), 5);
    assert!(sandbox.clock().now().duration_since(before).as_secs() >= 7);
}

#[test]
fn an_answer_that_is_about_no_object_ends_the_plan() {
    let sandbox = holding(single(&["couchdb.password=canary"]));
    let error = |message: &str| ClusterError::Unauthorized { message: message.to_owned() };
    fail_dry_run(&sandbox, Kind::Deployment, 1, &error("canary?"));
    let answer = block_on(plan(&*sandbox, single(&["couchdb.password=canary", "cht_image_tag=5.3.1"])));
    assert_eq!(answer.expect_err("no plan"), PlanError::Cluster(error("[secret]?")));
}

#[test]
fn a_job_that_was_left_is_run_again_and_one_that_is_done_is_not() {
    let sandbox = holding(old_cluster(&[]));
    let wanted = Wanted::of(&old_cluster(&[])).manifests;
    let job = wanted.iter().find(|manifest| manifest.object.kind() == Kind::Job).expect("a Job");
    assert_eq!(step_of(&planned(&sandbox, old_cluster(&[])), &job.object.key().to_string()).change, Change::Leave);
    block_on(sandbox.apply(&job.object, ApplyMode::Respect)).expect("applied");
    block_on(sandbox.clock().sleep(Duration::from_secs(1)));
    assert_eq!(classes(&planned(&sandbox, old_cluster(&[]))), [format!("rerun {}", job.object.key())]);
}

#[test]
fn a_rolling_strategy_is_given_up() {
    let new = &["chtversion=5.3.0"];
    let as_new = |set: &[&str]| {
        old_cluster(
            &[set, &["couchdb.clusteredCouchEnabled=true", "couchdb_data.preExistingDataAvailable=false"]].concat(),
        )
    };
    let sandbox = holding(old_cluster(&[]));
    let plan = planned(&sandbox, as_new(new));
    let strategy = |change: &&String| change.starts_with(".spec.strategy");
    assert_eq!(
        fields(&plan, "Deployment/cht-haproxy").iter().filter(strategy).collect::<Vec<_>>(),
        [
            r#".spec.strategy.rollingUpdate: {"maxSurge":"25%","maxUnavailable":"25%"} -"#,
            r#".spec.strategy.type: "RollingUpdate" "Recreate""#
        ]
    );
    assert_eq!(step_of(&plan, "Deployment/cht-haproxy").restarts, Some(Downtime::Instance));
    assert!(matches!(step_of(&plan, "Deployment/cht-haproxy").change, Change::Update { .. }));

    // Another who has chosen the strategy keeps it, although the trial leaves it out.
    let haproxy = key(Kind::Deployment, "cht-haproxy");
    let surge = |deployment: &mut Value| {
        deployment["spec"]["strategy"] = json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 2 } });
    };
    sandbox
        .update_as("kubectl-edit", &haproxy, |deployment| {
            deployment["spec"]["strategy"] = json!({ "type": "Recreate" });
        })
        .expect("edited");
    sandbox.update_as("argocd", &haproxy, surge).expect("edited");
    let plan = planned(&sandbox, as_new(new));
    let kept = vec![conflict("argocd", ".spec.strategy.type")];
    assert_eq!(step_of(&plan, "Deployment/cht-haproxy").change, Change::Conflict { fields: kept });
}

#[test]
fn objects_are_planned_without_an_instance() {
    let sandbox = holding(single(&[]));
    let of = |set: &[&str], keeps: fn(Kind) -> bool| {
        let mut wanted = Wanted::of(&single(set));
        wanted.manifests =
            wanted.manifests.iter().filter(|manifest| keeps(manifest.object.kind())).cloned().collect::<Manifests>();
        block_on(plan_wanted(&*sandbox, wanted)).expect("a plan")
    };
    let rest = |kind: Kind| !kind.holds_data();
    let plan = of(&["cht_image_tag=5.2.0"], rest);
    assert_eq!((plan.project().as_str(), plan.namespace().as_str()), (NAMESPACE, NAMESPACE));
    assert!(
        fields(&plan, API).contains(&format!(
            "{IMAGE}: \"public.ecr.aws/medic/cht-api:5.3.0\" \"public.ecr.aws/medic/cht-api:5.2.0\""
        ))
    );
    assert_eq!(plan.risks(), []);
    // The rules of data safety hold all the same.
    let cluster = ["couchdb.clusteredCouchEnabled=true", "clusteredCouch.noOfCouchDBNodes=3"];
    let rules: Vec<_> = of(&cluster, rest).risks().iter().map(|risk| risk.rule).collect();
    assert_eq!(rules, [DataRule::Topology]);
}
