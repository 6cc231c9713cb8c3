use std::sync::Arc;

use cht_manifests::Manifests;
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::Value;

use super::*;
use crate::plan::testing::*;
use crate::plan::{DataRisk, DataRule, Fate};
use crate::records::revision_key;
use crate::sandbox::Sandbox;
use crate::{
    Cluster, Event, Failure, LiveObject, Options, Outcome, RevisionSummary, Success, UninstallOptions, deploy, history,
    revision, uninstall,
};

const NEW_TAG: [&str; 1] = ["cht_image_tag=5.3.1"];
const THREE: [&str; 2] = ["couchdb.clusteredCouchEnabled=true", "clusteredCouch.noOfCouchDBNodes=3"];
const API: &str = "Deployment/cht-api";

/// The plan to go back, of whichever values: only the names in them count.
fn going_back(sandbox: &Sandbox, number: Option<u32>) -> Result<Plan, PlanError> {
    block_on(plan_rollback(sandbox, &single(&["cht_image_tag=never"]), number))
}

fn back(sandbox: &Sandbox, number: Option<u32>) -> Plan {
    going_back(sandbox, number).expect("a plan")
}

fn refused(sandbox: &Sandbox, number: Option<u32>) -> RollbackError {
    match going_back(sandbox, number) {
        Err(PlanError::Rollback(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn deployed_allowing(sandbox: &Arc<Sandbox>, plan: Plan, allow: &[DataRule]) {
    let options = Options { allow: allow.to_vec(), ..Options::default() };
    let last = block_on(deploy(Arc::clone(sandbox) as Arc<dyn Cluster>, plan, options).collect::<Vec<_>>()).pop();
    assert!(matches!(last, Some(Event::Finished(Outcome { result: Ok(_), .. }))), "{last:?}");
}

/// A sandbox that holds these, one deployed over the other.
fn grown(instances: impl IntoIterator<Item = Instance>) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    for instance in instances {
        let plan = planned(&sandbox, instance);
        deployed_allowing(&sandbox, plan, &DataRule::ALL);
    }
    sandbox
}

/// A sandbox that was brought from 4.x to 5.x.
fn upgraded() -> Arc<Sandbox> {
    let eks = [
        "cluster_type=eks",
        "couchdb.storage_class=gp3",
        "ingress.annotations.groupname=county",
        "ingress.annotations.tags=a=b",
        "ingress.annotations.certificate=arn:aws:acm:eu-west-2:111122223333:certificate/0aa1bb2c",
    ];
    grown([old_cluster(&eks), old_cluster(&[&eks[..], &["chtversion=5.3.0"]].concat())])
}

fn revisions(sandbox: &Sandbox) -> Vec<RevisionSummary> {
    block_on(history(sandbox, &single(&[]))).expect("a history")
}

/// Every object that holds data, as it is.
fn data(sandbox: &Sandbox) -> Vec<LiveObject> {
    let kinds = [Kind::Namespace, Kind::PersistentVolume, Kind::PersistentVolumeClaim, Kind::Secret];
    kinds.into_iter().flat_map(|kind| block_on(sandbox.list(kind, None)).expect("a list").items).collect()
}

fn version_of_cluster(sandbox: &Sandbox) -> String {
    block_on(sandbox.list(Kind::Namespace, None)).expect("a list").resource_version
}

fn live(sandbox: &Sandbox, kind: Kind, name: &str) -> Option<LiveObject> {
    block_on(sandbox.get(&key(kind, name))).expect("an answer")
}

fn image_of_api(sandbox: &Sandbox) -> String {
    let api = live(sandbox, Kind::Deployment, "cht-api").expect("the API");
    api.text("/spec/template/spec/containers/0/image").expect("an image").to_owned()
}

#[test]
fn a_tag_is_taken_back_and_nothing_that_holds_data_is_touched() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let before = data(&sandbox);
    let plan = back(&sandbox, None);
    assert_eq!(plan.action(), Action::Rollback { to: 1 });
    assert_eq!(
        classes(&plan),
        ["cht-couchdb", "cht-haproxy-healthcheck", "cht-haproxy", "cht-api", "cht-sentinel"]
            .map(|name| format!("change Deployment/{name}"))
    );
    assert_eq!(
        fields(&plan, API),
        [format!(
            "{}: {} {}",
            r#".spec.template.spec.containers[name="cht-api"].image"#,
            r#""public.ecr.aws/medic/cht-api:5.3.1""#,
            r#""public.ecr.aws/medic/cht-api:5.3.0""#
        )]
    );
    let kinds: Vec<_> = plan.steps().iter().map(|step| step.manifest.object.kind()).collect();
    assert!(kinds.iter().all(|kind| !kind.holds_data() && *kind != Kind::Job), "{kinds:?}");
    assert_eq!((plan.superseded(), plan.risks()), ([].as_slice(), [].as_slice()));

    let outcome = deploys(&sandbox, plan);
    assert!(matches!(outcome.result, Ok(Success::Deployed { .. })), "{outcome:?}");
    assert_eq!(outcome.counts.changed, 5);
    assert_eq!(image_of_api(&sandbox), "public.ecr.aws/medic/cht-api:5.3.0");
    assert_eq!(data(&sandbox), before, "not even written");
    let revisions = revisions(&sandbox);
    let actions: Vec<_> = revisions.iter().map(|revision| revision.action.to_string()).collect();
    assert_eq!(actions, ["deploy", "deploy", "rollback to 1"]);
    assert_eq!(revisions[2].digest, revisions[0].digest, "it is what it was");
}

#[test]
fn what_was_gone_back_to_is_on_record_whole() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    assert!(deploys(&sandbox, back(&sandbox, None)).result.is_ok());
    let of = |number| block_on(revision(&*sandbox, &single(&[]), number)).expect("a revision").manifests;
    assert_eq!(of(3), of(1));
    // The values of that time are there: a deploy of them writes nothing, and neither does going back to them again.
    for plan in [planned(&sandbox, single(&[])), back(&sandbox, Some(1)), back(&sandbox, Some(3))] {
        assert!(plan.is_unchanged() && plan.is_on_record());
        assert_eq!(deploys(&sandbox, plan).counts.changed, 0);
        assert_eq!(revisions(&sandbox).len(), 3);
    }
    // Back again.
    assert!(deploys(&sandbox, back(&sandbox, None)).result.is_ok());
    assert_eq!(revisions(&sandbox)[3].action, Action::Rollback { to: 2 });
    assert_eq!(image_of_api(&sandbox), "public.ecr.aws/medic/cht-api:5.3.1");
}

#[test]
fn pods_keep_to_the_credentials_of_the_cluster() {
    let set = ["couchdb.password=another-one", NEW_TAG[0]];
    let sandbox = grown([single(&[]), single(&set)]);
    let plan = back(&sandbox, Some(1));
    assert_eq!(plan.risks(), []);
    let changed: Vec<_> = plan.steps().iter().flat_map(|step| step.change.fields()).collect();
    assert!(!changed.is_empty() && changed.iter().all(|field| !field.field.contains("checksum")), "{changed:?}");
    assert!(deploys(&sandbox, plan).result.is_ok());
    // Nothing but the password had changed: there is nothing to take back, and no pod starts anew for it.
    let sandbox = grown([single(&[]), single(&set[..1])]);
    let plan = back(&sandbox, Some(1));
    assert!(plan.is_unchanged(), "{:?}", pending(&plan));
}

#[test]
fn what_only_the_newer_revision_has_is_removed() {
    let sandbox = upgraded();
    let before = data(&sandbox);
    let plan = back(&sandbox, None);
    let pruned: Vec<_> = plan.superseded().iter().map(|gone| (gone.object.to_string(), gone.fate.as_str())).collect();
    assert_eq!(pruned, [1, 2, 3].map(|node| (format!("Service/nouveau-{node}"), "prune")));
    assert!(classes(&plan).contains(&"create Deployment/upgrade-service".to_owned()), "{:?}", classes(&plan));
    deployed_allowing(&sandbox, plan, &[DataRule::MajorVersion]);
    assert!(live(&sandbox, Kind::Service, "nouveau-1").is_none());
    assert_eq!(data(&sandbox), before);
}

#[test]
fn jobs_and_volumes_are_neither_made_again_nor_removed() {
    let sandbox = grown([old_cluster(&[]), old_cluster(&["cht_image_tag=4.23.0"])]);
    let before = data(&sandbox);
    let plan = back(&sandbox, None);
    assert_eq!(plan.superseded(), []);
    assert!(classes(&plan).iter().all(|class| class.starts_with("change Deployment/")), "{:?}", classes(&plan));
    assert!(deploys(&sandbox, plan).result.is_ok());
    assert_eq!(data(&sandbox), before);
    assert_eq!(block_on(sandbox.list(Kind::Job, None)).expect("a list").items, []);
}

/// The rollback is refused for this rule, and changes nothing.
#[track_caller]
fn refused_for(sandbox: &Arc<Sandbox>, number: u32, rule: DataRule) -> Vec<DataRisk> {
    let before = version_of_cluster(sandbox);
    let plan = back(sandbox, Some(number));
    assert!(plan.superseded().iter().all(|superseded| {
        let is_pruned = matches!(superseded.fate, Fate::Prune { .. });
        is_pruned != superseded.object.kind.holds_data()
    }));
    let outcome = deploys(sandbox, plan);
    let Err(Failure::DataSafety(risks)) = outcome.result else { panic!("{outcome:?}") };
    assert!(risks.iter().all(|risk| risk.rule == rule), "{risks:?}");
    assert_eq!(version_of_cluster(sandbox), before, "nothing was written");
    risks
}

#[test]
fn data_is_as_safe_as_in_a_deploy() {
    let sandbox = grown([single(&[]), single(&THREE)]);
    assert_eq!(refused_for(&sandbox, 1, DataRule::Topology).len(), 3);
    deployed_allowing(&sandbox, back(&sandbox, Some(1)), &[DataRule::Topology]);
    let risks = refused_for(&sandbox, 2, DataRule::Topology);
    assert_eq!(risks[0].object, key(Kind::PersistentVolumeClaim, "couchdb-claim0"));

    let two = [THREE[0], "clusteredCouch.noOfCouchDBNodes=2"];
    let sandbox = grown([single(&two), single(&THREE)]);
    let risks = refused_for(&sandbox, 1, DataRule::FewerNodes);
    assert_eq!(risks[0].object, key(Kind::PersistentVolumeClaim, "couchdb-3-claim0"));

    let sandbox = grown([single(&[]), single(&["couchdb_data.dataPathOnDiskForCouchDB=elsewhere"])]);
    refused_for(&sandbox, 1, DataRule::DataPath);

    let sandbox = upgraded();
    refused_for(&sandbox, 1, DataRule::MajorVersion);
}

#[test]
fn a_claim_that_is_being_deleted_is_not_let_go() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let claim = live(&sandbox, Kind::PersistentVolumeClaim, "couchdb-claim0").expect("a claim");
    assert!(block_on(sandbox.delete(&claim.key(), claim.uid())).expect("an answer"));
    refused_for(&sandbox, 1, DataRule::Volume);
}

#[test]
fn a_claim_that_has_grown_stays_as_it_is() {
    let sandbox = grown([
        single(&["couchdb.storage_class=gp3"]),
        single(&["couchdb.storage_class=gp3", "couchdb.couchdb_node_storage_size=20Gi", NEW_TAG[0]]),
    ]);
    let before = data(&sandbox);
    assert!(deploys(&sandbox, back(&sandbox, None)).result.is_ok());
    assert_eq!(data(&sandbox), before);
    let of = |number: u32| block_on(revision(&*sandbox, &single(&[]), number)).expect("a revision").manifests;
    let size = |manifests: Option<Manifests>| -> Value {
        let claim = manifests.into_iter().flatten().find(|manifest| manifest.object.name() == "couchdb-claim0");
        claim.expect("the claim").object.to_value()["spec"]["resources"]["requests"]["storage"].clone()
    };
    assert_eq!((size(of(1)), size(of(3))), ("10Gi".into(), "20Gi".into()), "what is on record is what is there");
}

#[test]
fn what_a_rollback_does_not_make_must_be_there() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let gone = uninstall(Arc::clone(&sandbox) as Arc<dyn Cluster>, single(&[]), UninstallOptions::default());
    block_on(gone.for_each(|_| std::future::ready(())));
    assert_eq!(back(&sandbox, Some(1)).risks(), []);
    for (kind, name) in [(Kind::PersistentVolumeClaim, "couchdb-claim0"), (Kind::Secret, "cht-couchdb-credentials")] {
        let object = live(&sandbox, kind, name).expect("kept");
        assert!(block_on(sandbox.delete(&object.key(), object.uid())).expect("an answer"));
    }
    insta::assert_snapshot!(refused(&sandbox, Some(1)), @"revision 1 needs Secret/cht-couchdb-credentials, which a rollback does not make: deploy the values of that time");
}

#[test]
fn settings_in_the_secret_are_not_left_behind_unseen() {
    let sandbox = grown([single(&[]), single(&["haproxy.port=5985"])]);
    insta::assert_snapshot!(refused(&sandbox, Some(1)), @"revision 1 was made with other settings in Secret/cht-couchdb-credentials (COUCH_URL), which a rollback leaves as they are: deploy the values of that time");
}

#[test]
fn there_must_be_something_to_go_back_to() {
    let sandbox = Arc::new(Sandbox::new());
    assert!(matches!(refused(&sandbox, None), RollbackError::Nothing { .. }));
    let sandbox = grown([single(&[])]);
    assert!(matches!(refused(&sandbox, None), RollbackError::Nothing { .. }));
    assert!(matches!(refused(&sandbox, Some(2)), RollbackError::NoRevision { good, .. } if good == [1]));
}

#[test]
fn a_revision_without_its_objects_or_without_its_record_is_refused() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let key = revision_key(NAMESPACE, "county-a", 1);
    let kept = block_on(sandbox.get(&key)).expect("an answer").expect("the record");
    let small = Revision { manifests: None, ..Revision::read(&kept).expect("a revision") };
    let small = small.write(&key, "county-a", Some(&kept)).expect("written");
    let small = block_on(sandbox.replace(&small)).expect("replaced");
    assert_eq!(refused(&sandbox, Some(1)), RollbackError::TooLarge { project: "county-a".to_owned(), number: 1 });
    assert!(block_on(sandbox.delete(&key, small.uid())).expect("an answer"));
    assert!(matches!(refused(&sandbox, Some(1)), RollbackError::Record(crate::RecordError::NoRevision { .. })));
}

#[test]
fn a_rollback_holds_to_its_revision_while_others_deploy() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let plan = back(&sandbox, None);
    let other = planned(&sandbox, single(&["cht_image_tag=5.3.2"]));
    assert!(deploys(&sandbox, other).result.is_ok());
    assert!(deploys(&sandbox, plan).result.is_ok());
    assert_eq!(image_of_api(&sandbox), "public.ecr.aws/medic/cht-api:5.3.0");
    assert_eq!(revisions(&sandbox).last().map(|last| last.action), Some(Action::Rollback { to: 1 }));
}

#[test]
fn a_deploy_that_was_approved_is_no_rollback() {
    let sandbox = grown([single(&[]), single(&NEW_TAG)]);
    let deploy = planned(&sandbox, single(&[])).record();
    let stale = back(&sandbox, None).approved(deploy).expect_err("another run");
    insta::assert_snapshot!(stale, @"the plan does not hold any more: rollback to 1 is not what was planned for, which is deploy");
    let rollback = back(&sandbox, None).record();
    assert_eq!(crate::PlanRecord::read(&serde_json::to_string(&rollback).expect("JSON")), Ok(rollback.clone()));
    assert!(back(&sandbox, Some(1)).approved(rollback).is_ok());
}
