use cht_manifests::ObjectKey;
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::plan::Plan;
use crate::plan::testing::*;
use crate::sandbox::Sandbox;

const SECRET_OBJECT: &str = "Secret/cht-couchdb-credentials";
const GIVEN: [&str; 3] = ["couchdb.password=canary-1", "couchdb.secret=canary-2", "couchdb.uuid=canary-3"];

/// Everything that a plan could show, in every way.
fn all_of(plan: &Plan) -> String {
    let record = serde_json::to_string(&plan.record()).expect("JSON");
    format!("{plan:?}\n{:#?}\n{record}\n{}", plan.steps(), plan.hash())
}

fn credentials() -> ObjectKey {
    key(Kind::Secret, "cht-couchdb-credentials")
}

#[test]
fn a_changed_secret_shows_that_it_differs_and_nothing_else() {
    let sandbox = holding(single(&GIVEN));
    let plan = planned(&sandbox, single(&["couchdb.password=canary-4", GIVEN[1], GIVEN[2]]));
    let fields = fields(&plan, SECRET_OBJECT);
    assert_eq!(fields.len(), 2, "the password, and the URL with it: {fields:?}");
    for (field, name) in fields.iter().zip([".data.COUCHDB_PASSWORD", ".data.COUCH_URL"]) {
        let marks: Vec<_> = field.split("[secret ").skip(1).map(|mark| &mark[..MARK_LENGTH]).collect();
        assert!(field.starts_with(name) && marks.len() == 2 && marks[0] != marks[1], "{field}");
    }
    let shown = all_of(&plan);
    // canary- in plain and as base64 has it.
    for leak in ["canary-", "Y2FuYXJ5"] {
        assert!(!shown.contains(leak), "{leak} in {shown}");
    }
}

#[test]
fn the_same_secret_has_the_same_mark_at_every_look() {
    let sandbox = holding(single(&GIVEN));
    let other = single(&["couchdb.password=canary-4", GIVEN[1], GIVEN[2]]);
    let look = || fields(&planned(&sandbox, other.clone()), SECRET_OBJECT);
    assert_eq!(look(), look());
}

#[test]
fn what_someone_has_put_into_the_secret_is_not_shown_either() {
    let sandbox = holding(single(&GIVEN));
    let edit = |secret: &mut Value| secret["data"]["COUCHDB_UUID"] = json!("Y2FuYXJ5LTk=");
    sandbox.update_as("kubectl-edit", &credentials(), edit).expect("edited");
    let plan = planned(&sandbox, single(&GIVEN));
    let [field] = &fields(&plan, SECRET_OBJECT)[..] else { panic!("{:?}", pending(&plan)) };
    assert!(field.starts_with(".data.COUCHDB_UUID: \"[secret ") && !all_of(&plan).contains("Y2FuYXJ5"), "{field}");
}

#[test]
fn what_is_made_at_the_deploy_is_said_to_be() {
    // The Secret was deleted, and its namespace and Deployments are there.
    let sandbox = holding(single(&[]));
    let live = block_on(crate::Cluster::get(&*sandbox, &credentials())).expect("an answer").expect("it is there");
    block_on(crate::Cluster::delete(&*sandbox, &credentials(), live.uid())).expect("deleted");
    let plan = planned(&sandbox, single(&["couchdb.password=canary-1"]));
    let [field] = &fields(&plan, "Deployment/cht-api")[..] else { panic!("{:?}", pending(&plan)) };
    assert!(field.contains("checksum") && field.ends_with(r#""(made at the deploy)""#), "{field}");
    assert_eq!(plan.hash(), planned(&sandbox, single(&["couchdb.password=canary-1"])).hash());
}

#[test]
fn generated_credentials_are_in_no_plan() {
    let sandbox = Sandbox::new();
    let plan = planned(&sandbox, single(&[]));
    let secret = plan.steps().iter().find_map(|step| match &step.manifest.object {
        Object::Secret(secret) => secret.data.clone(),
        _ => None,
    });
    let shown = all_of(&plan);
    for (name, value) in secret.expect("the Secret") {
        let text = String::from_utf8(value.0.clone()).expect("text");
        let base64 = json!(value).as_str().expect("base64").to_owned();
        // The administrator's name is a word that may stand anywhere.
        assert!(name == "COUCHDB_USER" || !(shown.contains(&text) || shown.contains(&base64)), "{name}");
    }
}

#[test]
fn a_secret_elsewhere_is_kept_out() {
    let sandbox = holding(single(&GIVEN));
    let edit = |deployment: &mut Value| {
        deployment["spec"]["template"]["spec"]["containers"][0]["image"] = json!("x?password=canary-1");
    };
    sandbox.update_as("kubectl-edit", &key(Kind::Deployment, "cht-api"), edit).expect("edited");
    let plan = planned(&sandbox, single(&GIVEN));
    let [field] = &fields(&plan, "Deployment/cht-api")[..] else { panic!("{:?}", pending(&plan)) };
    assert!(field.contains(r#""x?password=[secret]""#), "{field}");
}
