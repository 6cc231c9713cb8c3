//! Every file of values in `examples/` works as it is.

use cht_tests::program::{Cht, Ran, workspace};
use serde_json::Value;

use crate::support::{credentials, objects};

/// The command, in a folder with a copy of the examples.
pub(crate) fn with_examples() -> Cht {
    let cht = Cht::new();
    std::fs::create_dir(cht.folder().join("examples")).expect("a new folder");
    for name in examples() {
        cht.write(&name, std::fs::read(workspace().join(&name)).expect("an example"));
    }
    cht
}

/// The examples, by their paths from the workspace.
fn examples() -> Vec<String> {
    let entries = workspace().join("examples").read_dir().expect("the examples");
    let mut names: Vec<_> =
        entries.map(|entry| format!("examples/{}", entry.expect("an entry").file_name().display())).collect();
    names.sort();
    assert!(names.len() >= 5, "k3d, a k3s cluster, EKS, GKE and 4.x: {names:?}");
    names
}

fn count(result: &Value, what: &str) -> u64 {
    result["counts"][what].as_u64().unwrap_or_else(|| panic!("{what} in {result}"))
}

fn assert_all_ready(status: &Ran) {
    let status = status.json();
    assert_eq!(status["ready"], true);
    let components = status["components"].as_array().expect("a list");
    assert!(components.len() >= 5, "{status}");
    assert!(components.iter().all(|component| component["state"] == "ready"), "{status}");
}

#[test]
fn each_is_valid_without_a_warning() {
    let cht = with_examples();
    for example in examples() {
        let valid = cht.run(&format!("validate -f {example}")).expect(0);
        assert_eq!((valid.stdout.lines().count(), valid.stderr.as_str()), (1, ""), "{example}: {valid}");
    }
}

#[test]
fn each_renders_the_same_objects_as_yaml_and_as_json() {
    let cht = with_examples();
    for example in examples() {
        let yaml = cht.run(&format!("render -f {example}")).expect(0).stdout;
        let yaml: Vec<Value> = serde_saphyr::from_multiple(&yaml).expect("YAML documents");
        let json = cht.run(&format!("render -o json -f {example}")).expect(0).json();
        let json = json.as_array().expect("an array");
        assert_eq!(&yaml, json, "{example}");
        assert_eq!(json[0]["kind"], "Namespace", "{example}: the namespace comes before what is in it");
        for object in json {
            for field in ["/apiVersion", "/kind", "/metadata/name"] {
                assert!(object.pointer(field).is_some_and(Value::is_string), "{example}: {field} in {object}");
            }
        }
    }
}

#[test]
fn pods_are_guarded_where_the_platform_enforces_it() {
    let cht = with_examples();
    for example in examples() {
        let policies = |more: &str| {
            let rendered = cht.run(&format!("render -o json -f {example} {more}")).expect(0).json();
            let objects = rendered.as_array().expect("an array").iter();
            objects.filter(|object| object["kind"] == "NetworkPolicy").count()
        };
        let is_k3s = cht.read(&example).contains("cluster_type: k3s-k3d");
        assert_eq!(policies("") > 0, is_k3s, "{example}");
        assert!(policies("--set network_policy.enabled=true") >= 5, "{example}");
        assert_eq!(policies("--set network_policy.enabled=false"), 0, "{example}");
    }
}

#[test]
fn each_deploys_and_is_then_left_alone() {
    for example in examples() {
        let cht = with_examples();
        let first = cht.run(&format!("deploy --sandbox -o json -f {example}")).expect(0).json();
        let created = count(&first, "created");
        assert!(created >= 15, "{example}: {first}");
        // Of a small instance the looks, records and watches, of which there are as many for a large one, are more than half.
        let budget = (2 * created + 20).max(56);
        assert!(first["requests"].as_u64().is_some_and(|requests| requests <= budget), "{example}: {first}");
        assert_all_ready(&cht.run(&format!("status --sandbox -o json -f {example}")).expect(0));

        let second = cht.run(&format!("deploy --sandbox -o json -f {example}")).expect(0).json();
        for what in ["created", "changed", "removed"] {
            assert_eq!(count(&second, what), 0, "{example}: {what} in {second}");
        }
        assert_eq!(count(&second, "unchanged"), count(&first, "created"), "{example}: {second}");
        // Each kind is a request, and 4.x has three more: what its upgrade service may do.
        let budget = if example.ends_with("cht-4x.yaml") { 16 } else { 14 };
        assert!(second["requests"].as_u64().is_some_and(|requests| requests <= budget), "{example}: {second}");
        assert_eq!((&second["outcome"], &second["address"]), (&"ready".into(), &first["address"]), "{example}");
    }
}

/// The objects that hold data, with what tells them from others of the same name.
fn data(cht: &Cht, namespace: &str) -> Vec<(String, String)> {
    let named = |kind: &str, name: &str| {
        let objects = objects(cht, kind).into_iter();
        objects.filter(|object| object["metadata"]["name"] == name).collect::<Vec<_>>()
    };
    let all = [
        objects(cht, "PersistentVolumeClaim"),
        objects(cht, "PersistentVolume"),
        named("Secret", "cht-couchdb-credentials"),
        named("Namespace", namespace),
    ];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let one = |object: &Value| {
        let name = format!("{}/{}", text(&object["kind"]), text(&object["metadata"]["name"]));
        (name, text(&object["metadata"]["uid"]))
    };
    all.iter().flatten().map(one).collect()
}

#[test]
fn each_keeps_its_data_through_an_uninstall() {
    for example in examples() {
        let cht = with_examples();
        let json = cht.run(&format!("render -o json -f {example}")).expect(0).json();
        let namespace = json[0]["metadata"]["name"].as_str().expect("the namespace").to_owned();
        let _ = cht.run(&format!("deploy --sandbox --quiet -f {example}")).expect(0);
        let before = data(&cht, &namespace);
        let passwords = credentials(&cht, &namespace);

        let gone = cht.run(&format!("uninstall --yes --sandbox -o json -f {example}")).expect(0).json();
        assert_eq!(gone["outcome"], "uninstalled", "{example}");
        let mut kept: Vec<_> =
            gone["kept"].as_array().expect("a list").iter().map(|one| one.as_str().expect("a name")).collect();
        let mut wanted: Vec<_> = before.iter().map(|(name, _)| name.as_str()).collect();
        kept.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(kept, wanted, "{example}: what is kept is named");
        assert_eq!(data(&cht, &namespace), before, "{example}: what is named is kept");
        for kind in ["Ingress", "Deployment", "Pod", "Job", "Service", "RoleBinding", "Role"] {
            assert_eq!(objects(&cht, kind), Vec::<Value>::new(), "{example}: {kind}");
        }

        let _ = cht.run(&format!("deploy --sandbox --quiet -f {example}")).expect(0);
        assert_all_ready(&cht.run(&format!("status --sandbox -o json -f {example}")).expect(0));
        assert_eq!(data(&cht, &namespace), before, "{example}: the same claims and volumes serve again");
        assert_eq!(credentials(&cht, &namespace), passwords, "{example}");
    }
}
