use std::sync::Arc;

use cht_manifests::{Kind, Manifests};
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::Cluster;
use crate::plan::testing::*;
use crate::plan::{PlanError, Wanted, plan_wanted};
use crate::sandbox::Sandbox;

/// The record as it is read back from its text.
fn kept(plan: &Plan) -> PlanRecord {
    PlanRecord::read(&serde_json::to_string_pretty(&plan.record()).expect("JSON")).expect("a plan")
}

fn edit(sandbox: &Sandbox, kind: Kind, name: &str, edit: impl FnOnce(&mut serde_json::Value)) {
    sandbox.update_as("kubectl-edit", &key(kind, name), edit).expect("edited");
}

/// Approves an upgrade, lets something happen, and tells what does not hold any more.
fn stale_after(happens: impl FnOnce(&Arc<Sandbox>), set: &[&str]) -> Vec<String> {
    let sandbox = holding(single(&[]));
    let record = kept(&planned(&sandbox, single(&["cht_image_tag=5.3.1"])));
    happens(&sandbox);
    match planned(&sandbox, single(set)).approved(record) {
        Ok(_) => Vec::new(),
        Err(stale) => stale.differences.iter().map(ToString::to_string).collect(),
    }
}

const SAME: [&str; 1] = ["cht_image_tag=5.3.1"];

#[test]
fn a_plan_holds_while_nothing_that_it_is_about_changes() {
    assert_eq!(stale_after(|_| (), &SAME), Vec::<String>::new());
    // Neither a status nor a field that is not ours.
    let others = |sandbox: &Arc<Sandbox>| {
        edit(sandbox, Kind::Deployment, "cht-api", |deployment| {
            deployment["metadata"]["annotations"]["example.org/seen"] = json!("1");
            deployment["status"]["availableReplicas"] = json!(0);
        });
    };
    assert_eq!(stale_after(others, &SAME), Vec::<String>::new());
}

#[test]
fn generated_credentials_are_in_no_hash() {
    let sandbox = Arc::new(Sandbox::new());
    let record = kept(&planned(&sandbox, single(&[])));
    let again = planned(&sandbox, single(&[])).approved(record).expect("the same, with another password");
    assert!(deploys(&sandbox, again).result.is_ok());
}

#[test]
fn what_would_be_done_to_an_object_counts() {
    let changed = |sandbox: &Arc<Sandbox>| {
        edit(sandbox, Kind::Service, "api", |service| service["spec"]["ports"][0]["targetPort"] = json!(1));
    };
    assert_eq!(stale_after(changed, &SAME), [r#"Service/api was planned as "unchanged" and is now "adopt""#]);
}

#[test]
fn what_changes_in_an_object_counts() {
    let changed = |sandbox: &Arc<Sandbox>| {
        edit(sandbox, Kind::Deployment, "cht-api", |deployment| {
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("api:0");
        });
        // Who changed it does not hide that it changed.
        let wanted = Wanted::of(&single(&[])).manifests;
        let api = wanted.iter().find(|manifest| manifest.object.name() == "cht-api").expect("the API");
        block_on(sandbox.apply(&api.object, crate::ApplyMode::Force)).expect("applied");
        edit(sandbox, Kind::Deployment, "cht-api", |deployment| {
            deployment["metadata"]["labels"].as_object_mut().expect("labels").remove("cht.service");
        });
    };
    assert_eq!(stale_after(changed, &SAME), ["Deployment/cht-api is not as it was in the cluster"]);
}

#[test]
fn another_object_of_the_name_counts() {
    let replaced = |sandbox: &Arc<Sandbox>| {
        let api = key(Kind::Service, "api");
        let live = block_on(sandbox.get(&api)).expect("an answer").expect("it is there");
        block_on(sandbox.delete(&api, live.uid())).expect("deleted");
        let wanted = Wanted::of(&single(&[])).manifests;
        let manifest = wanted.iter().find(|manifest| manifest.object.key() == api).expect("the Service");
        block_on(sandbox.apply(&manifest.object, crate::ApplyMode::Respect)).expect("applied");
    };
    assert_eq!(stale_after(replaced, &SAME), ["Service/api is not as it was in the cluster"]);
}

#[test]
fn other_values_count() {
    assert_eq!(
        stale_after(|_| (), &["cht_image_tag=5.3.1", "api.log_level=debug"]),
        ["Deployment/cht-api would get other content"]
    );
    let stale = stale_after(|_| (), &["cht_image_tag=5.3.1", "couchdb.password=another"]);
    assert!(
        stale.contains(&r#"Secret/cht-couchdb-credentials was planned as "unchanged" and is now "change""#.to_owned())
    );
}

#[test]
fn objects_that_come_and_go_count() {
    let sandbox = Sandbox::new();
    let without = |kind: Kind| {
        let mut wanted = Wanted::of(&single(&[]));
        wanted.manifests =
            wanted.manifests.iter().filter(|manifest| manifest.object.kind() != kind).cloned().collect::<Manifests>();
        block_on(plan_wanted(&sandbox, wanted)).expect("a plan")
    };
    let stale = without(Kind::Ingress).approved(without(Kind::Secret).record()).expect_err("others");
    let shown: Vec<_> = stale.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["Ingress/api-ingress is in the plan, and wanted no more", "Secret/cht-couchdb-credentials is not in the plan"]
    );
}

#[test]
fn a_plan_of_another_instance_is_one() {
    let sandbox = Sandbox::new();
    let record = planned(&sandbox, single(&["project_name=county-b"])).record();
    insta::assert_snapshot!(
        planned(&sandbox, single(&[])).approved(record).expect_err("another"),
        @"the plan does not hold any more: county-a in namespace county-a is not what was planned for, which is county-b in namespace county-a"
    );
}

#[test]
fn an_approved_plan_is_held_to_when_it_is_made_again() {
    let sandbox = holding(single(&[]));
    let plan = planned(&sandbox, single(&SAME));
    let record = plan.record();
    let approved = plan.approved(record).expect("itself");
    let again = block_on(approved.again(&*sandbox)).expect("the same");
    assert_eq!((again.hash(), again.requests_before), (approved.hash(), approved.requests_before));
    edit(&sandbox, Kind::Deployment, "cht-api", |deployment| deployment["spec"]["replicas"] = json!(0));
    let error = block_on(again.again(&*sandbox)).expect_err("another");
    assert!(matches!(&error, PlanError::Stale(stale) if stale.differences.len() == 1), "{error}");
    // Without an approval, what is there then is what counts.
    let plan = planned(&sandbox, single(&SAME));
    edit(&sandbox, Kind::Deployment, "cht-sentinel", |deployment| deployment["spec"]["replicas"] = json!(0));
    assert_ne!(block_on(plan.again(&*sandbox)).expect("a plan").hash(), plan.hash());
}

#[test]
fn what_is_no_plan_is_not_read() {
    let text = serde_json::to_string(&planned(&Sandbox::new(), single(&[])).record()).expect("JSON");
    assert!(PlanRecord::read(&text).is_ok());
    for (bad, wanted) in [
        (String::new(), "it is no plan of `cht diff --out`: EOF while parsing a value at line 1 column 0"),
        ("[]".to_owned(), "it is no plan of `cht diff --out`: "),
        ("{}".to_owned(), "it is no plan of `cht diff --out`: missing field `v`"),
        (text[..text.len() / 2].to_owned(), "it is no plan of `cht diff --out`: EOF"),
        (
            text.replace("cht.plan/v1", "cht.plan/v9"),
            r#"it is written as "cht.plan/v9", and this version reads "cht.plan/v1""#,
        ),
        (text.replace("county-a", "county-b"), "it was changed after it was written"),
    ] {
        let error = PlanRecord::read(&bad).expect_err("no plan").to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}
