//! What a deploy would change: shown by `cht diff` and by `cht deploy` before it acts, and held to by `cht deploy --plan`.

use cht_k8s::ClusterError;
use cht_k8s::sandbox::{Fault, Verb};
use cht_manifests::{Kind, ObjectKey};
use cht_tests::program::{Cht, Ran};
use serde_json::{Value, json};

use crate::support::{
    NAMESPACE, VALUES, clinic, deploy, deployed_clinic, let_fail, objects, snapshot, version, with_sandbox,
};

const THREE_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=3";

fn diff(cht: &Cht, more: &str) -> Ran {
    let ran = cht.run(&format!("diff --sandbox -f values.yaml {more}"));
    assert_eq!(ran.stderr, "", "{ran}");
    ran
}

/// Does something to an object as another tool would.
fn edit(cht: &Cht, manager: &str, kind: Kind, name: &str, edit: impl FnOnce(&mut Value)) {
    let key = ObjectKey::new(kind, NAMESPACE, name);
    with_sandbox(cht, |sandbox| sandbox.update_as(manager, &key, edit)).expect("the object can be edited");
}

fn stop_api(cht: &Cht, manager: &str) {
    edit(cht, manager, Kind::Deployment, "cht-api", |deployment| deployment["spec"]["replicas"] = json!(0));
}

/// The command, and [`VALUES`] in the sandbox as helm would have made them, with an older image tag.
fn by_helm() -> Cht {
    let cht = clinic();
    let given = "--set couchdb.password=a-password --set couchdb.secret=a-secret --set couchdb.uuid=a-uuid";
    let rendered = cht.run(&format!("render -o json -f values.yaml {given}")).expect(0).json();
    // The file of a sandbox is made by its first use.
    let _ = diff(&cht, "").expect(3);
    with_sandbox(&cht, |sandbox| {
        for object in rendered.as_array().expect("an array") {
            sandbox.apply_as("helm", object.clone()).expect("the sandbox takes it");
        }
    });
    cht
}

#[test]
fn a_first_deploy_makes_everything() {
    let cht = clinic();
    snapshot("diff_first", &diff(&cht, "").expect(3));
    assert_eq!(objects(&cht, "Deployment"), Vec::<Value>::new(), "and the diff nothing");
}

#[test]
fn what_is_as_wanted_is_only_counted() {
    let cht = deployed_clinic();
    let before = version(&cht);
    snapshot("diff_unchanged", &diff(&cht, "").expect(0));
    assert_eq!(version(&cht), before);
}

#[test]
fn a_changed_tag_is_shown_with_what_it_restarts() {
    let cht = clinic();
    let _ = deploy(&cht, THREE_NODES).expect(0);
    let before = version(&cht);
    snapshot("diff_tag", &diff(&cht, &format!("{THREE_NODES} --set cht_image_tag=5.3.1")).expect(3));
    assert_eq!(version(&cht), before, "nothing was changed");
}

#[test]
fn what_helm_has_made_is_adopted() {
    let cht = by_helm();
    snapshot("diff_adopt_alike", &diff(&cht, "").expect(3));
    snapshot("diff_adopt", &diff(&cht, "--set cht_image_tag=5.3.1 --set api.log_level=debug").expect(3));
    let _ = deploy(&cht, "").expect(0);
    let _ = diff(&cht, "").expect(0);
}

#[test]
fn a_conflict_ends_with_6() {
    let cht = deployed_clinic();
    stop_api(&cht, "argocd-controller");
    snapshot("diff_conflict", &diff(&cht, "--set cht_image_tag=5.3.1").expect(6));
}

#[test]
fn a_field_that_cannot_change_ends_with_6() {
    let cht = clinic();
    let _ = diff(&cht, "").expect(3);
    with_sandbox(&cht, |sandbox| {
        let labels = json!({ "app": "api" });
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
        let spec = json!({
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "api", "image": "example.org/api:1" }] },
            },
        });
        let metadata = json!({ "name": "cht-api", "namespace": NAMESPACE });
        let api = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec });
        for object in [namespace, api] {
            sandbox.apply_as("helm", object).expect("the sandbox takes it");
        }
    });
    snapshot("diff_immutable", &diff(&cht, "").expect(6));
}

#[test]
fn what_is_forbidden_ends_with_4() {
    let cht = deployed_clinic();
    let message = "deployments.apps \"cht-couchdb\" is forbidden: exceeded quota: small".to_owned();
    let error = ClusterError::Forbidden { object: "Deployment/cht-couchdb".to_owned(), message };
    let fail = || {
        let (verb, kind) = (Verb::DryRun, Some(Kind::Deployment));
        let_fail(&cht, &[Fault::Api { verb, kind, times: 1, error: error.clone() }]);
    };
    fail();
    snapshot("diff_denied", &diff(&cht, "--set cht_image_tag=5.3.1").expect(4));
    fail();
    let before = version(&cht);
    let ran = deploy(&cht, "--set cht_image_tag=5.3.1").expect(4);
    assert!(ran.stderr.starts_with("error: Deployment/cht-couchdb: refused: ") && ran.stdout.is_empty(), "{ran}");
    assert_eq!(version(&cht), before, "nothing was changed");
}

#[test]
fn data_at_risk_ends_with_5() {
    let ran = diff(&deployed_clinic(), THREE_NODES).expect(5);
    let risk = "data at risk: PersistentVolumeClaim/couchdb-claim0: the single node's data is not moved to the cluster";
    assert!(ran.stdout.contains(risk), "{ran}");
}

#[test]
fn a_changed_secret_is_masked() {
    snapshot("diff_secret", &diff(&deployed_clinic(), "--set couchdb.password=another-one").expect(5));
}

#[test]
fn programs_get_the_whole_plan() {
    let cht = deployed_clinic();
    edit(&cht, "kubectl-edit", Kind::Service, "api", |service| service["spec"]["ports"][0]["targetPort"] = json!(1));
    stop_api(&cht, "argocd-controller");
    let long = "x".repeat(300);
    let ran = diff(&cht, &format!("--set api.log_level={long} -o json"));
    let value = ran.json();
    assert_eq!((ran.code, &value["exit_code"], &value["outcome"]), (6, &json!(6), &json!("refused")));
    assert_eq!(value["steps"].as_array().map(Vec::len), Some(20));
    snapshot("diff_json", &ran.stdout);

    edit(&cht, "argocd-controller", Kind::Deployment, "cht-api", |deployment| {
        deployment["spec"]["replicas"] = json!(1);
    });
    let ran = diff(&cht, &format!("--set api.log_level={long} -o json")).expect(3);
    assert!(ran.stdout.contains(&long), "a long value is whole");
    let ran = diff(&cht, &format!("--set api.log_level={long}")).expect(3);
    assert!(!ran.stdout.contains(&long) && ran.stdout.contains("xxx…\n"), "{ran}");
    let outcomes = [(0, "", "unchanged"), (3, "", "pending"), (5, THREE_NODES, "data-safety")];
    let cht = deployed_clinic();
    for (code, more, outcome) in outcomes {
        if code == 3 {
            stop_api(&cht, "k9s");
        }
        assert_eq!(diff(&cht, &format!("{more} -o json")).expect(code).json()["outcome"], outcome);
    }
}

#[test]
fn a_deploy_says_what_it_will_do_unless_it_shall_be_quiet() {
    let cht = deployed_clinic();
    let deploy = |more: &str| cht.run(&format!("deploy --sandbox -f values.yaml --set cht_image_tag=5.3.1 {more}"));
    let plan = diff(&cht, "--set cht_image_tag=5.3.1").expect(3);
    let (_, changes) = plan.stdout.split_once('\n').expect("a title, then the changes");
    let ran = deploy("").expect(0);
    let (_, rest) = ran.stderr.split_once('\n').expect("a title, then the changes");
    assert!(rest.starts_with(changes), "{ran}\n{plan}");
    stop_api(&cht, "kubectl");
    assert_eq!(deploy("--quiet").expect(0).stderr, "");
}

#[test]
fn an_approved_plan_is_done_while_it_holds() {
    let cht = deployed_clinic();
    let new = "--set cht_image_tag=5.3.1";
    let _ = diff(&cht, &format!("{new} --out plan.json")).expect(3);
    let done = deploy(&cht, &format!("{new} --plan plan.json")).expect(0);
    assert!(done.stdout.contains("5 changed"), "{done}");
    // It has been done: doing it again is something else.
    let _ = deploy(&cht, &format!("{new} --plan plan.json")).expect(12);

    let _ = diff(&cht, &format!("{new} --out plan.json")).expect(0);
    let _ = deploy(&cht, &format!("{new} --plan plan.json")).expect(0);
}

#[test]
fn an_approved_plan_of_a_first_deploy_holds_for_other_passwords() {
    let cht = clinic();
    let _ = diff(&cht, "--out plan.json").expect(3);
    let _ = deploy(&cht, "--plan plan.json").expect(0);
}

#[test]
fn a_plan_that_does_not_hold_any_more_is_not_done() {
    let cht = deployed_clinic();
    let new = "--set cht_image_tag=5.3.1";
    let _ = diff(&cht, &format!("{new} --out plan.json")).expect(3);
    edit(&cht, "kubectl-edit", Kind::Service, "api", |service| service["spec"]["ports"][0]["targetPort"] = json!(1));
    let before = version(&cht);
    let stale = deploy(&cht, &format!("{new} --set api.log_level=debug --plan plan.json"));
    snapshot("plan_stale", &stale.expect(12));
    let json = deploy(&cht, &format!("{new} -o json --plan plan.json")).expect(12);
    snapshot("plan_stale_json", &json.stdout);
    assert_eq!(version(&cht), before, "nothing was changed");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_a_plan() {
    use std::os::unix::fs::PermissionsExt as _;
    let cht = deployed_clinic();
    cht.write("plan.json", "something else, which all may read");
    for _ in 0..2 {
        let _ = diff(&cht, "--out plan.json").expect(0);
        let mode = cht.folder().join("plan.json").metadata().expect("the file is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(cht.read("plan.json").starts_with("{\n  \"v\": \"cht.plan/v1\",\n  \"action\": \"deploy\","));
        std::fs::remove_file(cht.folder().join("plan.json")).expect("removed");
    }
}

#[test]
fn files_that_are_no_plans_are_refused() {
    let cht = deployed_clinic();
    let _ = diff(&cht, "--out plan.json").expect(0);
    let plan = cht.read("plan.json");
    let before = version(&cht);
    let mut refused = String::new();
    for (name, content) in [
        ("empty.json", String::new()),
        ("values.json", VALUES.to_owned()),
        ("newer.json", plan.replace("cht.plan/v1", "cht.plan/v2")),
        ("edited.json", plan.replacen("\"hash\": \"", "\"hash\": \"0", 2)),
    ] {
        cht.write(name, content);
        refused += &deploy(&cht, &format!("--plan {name}")).expect(2).to_string();
    }
    refused += &deploy(&cht, "--plan nowhere.json").expect(2).to_string();
    refused += &cht.run("diff --sandbox -f values.yaml --out nowhere/plan.json").expect(2).to_string();
    snapshot("plan_unreadable", &refused);
    assert_eq!(version(&cht), before, "nothing was changed");
}

#[test]
fn colour_is_only_where_it_is_seen() {
    let cht = clinic();
    let with = |variables: &[(&str, &str)]| {
        let mut command = cht.command(["diff", "--sandbox", "-f", "values.yaml"]);
        command.envs(variables.iter().copied());
        Ran::of(command).expect(3).stdout
    };
    let plain = with(&[]);
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    assert!(with(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}[32mcreate"));
    assert_eq!(with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}
