//! The schema of values that is shipped, read by a validator that knows nothing else of this project: it is what the program
//! prints, it takes what validation takes, and what it refuses validation refuses, too.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cht_model::{Layer, Values};
use cht_tests::program::{Cht, workspace};
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    let path = workspace().join("docs/schemas/values-v1.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is there")).expect("the schema is JSON")
}

fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| jsonschema::validator_for(&schema()).expect("the schema is one"))
}

/// What a file of values is to an editor: YAML 1.2, in which `yes` is text.
fn parsed(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Checks a file of values against the schema.
#[track_caller]
pub(crate) fn assert_conforms(text: &str, name: &str) {
    let values = parsed(text);
    let errors: Vec<_> =
        validator().iter_errors(&values).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{text}");
}

#[test]
fn it_is_what_the_program_prints() {
    let printed = Cht::new().run("schema values").expect(0);
    assert_eq!(printed.stderr, "");
    let shipped = std::fs::read_to_string(workspace().join("docs/schemas/values-v1.json")).expect("the schema");
    assert!(printed.stdout == shipped, "write it anew: cht schema values > docs/schemas/values-v1.json");
    assert!(jsonschema::meta::is_valid(&printed.json()), "a schema itself");
}

/// The files below a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect()
}

#[test]
fn the_examples_conform_and_name_it() {
    const LINE: &str = "# yaml-language-server: $schema=../docs/schemas/values-v1.json\n";
    let examples = files(&workspace().join("examples"), ".yaml");
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        let text = std::fs::read_to_string(&example).expect("an example");
        assert_conforms(&text, &example.to_string_lossy());
        assert!(text.starts_with(LINE), "{}", example.display());
    }
}

/// Values that people have, which are not part of this project.
#[test]
fn the_values_of_the_charts_reference_conform() {
    let folder = workspace().join("../shared/reference");
    if !folder.is_dir() {
        return;
    }
    let reference = files(&folder, "values.yaml");
    assert!(reference.len() > 10, "{reference:?}");
    for values in reference {
        assert_conforms(&std::fs::read_to_string(&values).expect("values"), &values.to_string_lossy());
    }
}

#[test]
fn what_validation_takes_conforms() {
    for values in [
        "",
        "chtversion: 5.3\nrelease_line: 5.3\nnamespace: 123\nproject_name: true\n",
        "upgrade_service:\n  tag: 0.32\ntoleration:\n  key: a\n  value: true\n",
        "cache_images: 'false'\ncouchdb:\n  clusteredCouch_enabled: \"True\"\n  clusteredCouchEnabled: FALSE\n",
        "haproxy:\n  port: '5984'\nclusteredCouch:\n  noOfCouchDBNodes: 99\n",
        "couchdb:\nnodes: ''\ningress: []\napi: {}\ntoleration: ~\n",
        "nodes:\n  node-1: ''\n  node-12: a.b\n  node-100:\n",
        "couchdb:\n  couchdb_node_storage_size: 1000\n  persistent_disk:\n    diskName: a\n    diskName-3: b\n",
        "couchdb:\n  couchdb_node_storage_size: 1.5Ti\nebs:\n  preExistingEBSVolumeSize: <storage-size>\n",
        "couchdb:\n  password: ${env:PASSWORD}\n  couchdb_node_storage_size: ${env:SIZE}\n",
        "cluster_type: ${env:PLATFORM}\nnamespace: '{{ namespace }}'\nhaproxy:\n  port: ${file:/etc/port}\n",
        "cache_images: ${env:CACHE}\nrelease_line: 4.x\ningress:\n  host: '*.example.org'\n",
        "size: medium\napi:\n  resources:\n    requests:\n      cpu: 0.5\n      memory: 1Gi\n    limits:\n      cpu: 1500m\n",
        "replicas: [1, 2]\ncouchdb:\n  pasword: {a: b}\n",
    ] {
        assert_conforms(values, "these");
    }
}

/// Settings in which, taken together, every key takes effect.
const SETTINGS: [&str; 6] = [
    "\
namespace: county
chtversion: 5.3.0
cluster_type: k3s-k3d
cert_source: specify-file-path
certificate_crt_file_path: a
certificate_key_file_path: b
couchdb: {couchdb_node_storage_size: 10Gi, clusteredCouchEnabled: true}
toleration: {key: a}
nodes: {node-1: a, node-2: b, node-3: c}
",
    "\
namespace: county
chtversion: 5.3.0
cluster_type: k3s-k3d
cert_source: cert-manager
certificate_issuer: Issuer/own
ingress: {host: county.example.org}
couchdb: {couchdb_node_storage_size: 10Gi, clusteredCouchEnabled: true}
couchdb_data: {preExistingDataAvailable: true}
local_storage: {preExistingDiskPath-1: /a, preExistingDiskPath-2: /b, preExistingDiskPath-3: /c}
",
    "\
namespace: county
chtversion: 4.22.0
cluster_type: k3s-k3d
cert_source: existing-secret
certificate_secret: mine
couchdb: {couchdb_node_storage_size: 10Gi, clusteredCouch_enabled: true}
nodes: {node-1: a, node-2: b, node-3: c}
vSphere: {datastoreName: a, diskPath: b}
k3s_use_vSphere_storage_class: true
ingress: {host: a.org}
",
    "\
namespace: county
chtversion: 5.3.0
cluster_type: eks
couchdb: {couchdb_node_storage_size: 10Gi}
couchdb_data: {preExistingDataAvailable: true}
ebs: {preExistingEBSVolumeID-1: vol-1, preExistingEBSVolumeSize: 10Gi}
ingress: {host: a.org, annotations: {groupname: a}}
",
    "\
namespace: county
chtversion: 5.3.0
cluster_type: gke
couchdb: {couchdb_node_storage_size: 10Gi, persistent_disk: {size: 10Gi, diskName: a}}
couchdb_data: {preExistingDataAvailable: true}
ingress: {host: a.org}
",
    "\
namespace: county
chtversion: 5.3.0
cluster_type: gke
couchdb:
  couchdb_node_storage_size: 10Gi
  clusteredCouchEnabled: true
  persistent_disk: {size: 10Gi, diskName-1: a, diskName-2: b, diskName-3: c}
couchdb_data: {preExistingDataAvailable: true}
ingress: {host: a.org}
",
];

/// Whether validation takes a setting with something laid over it.
fn is_valid(setting: &str, more: &str) -> bool {
    let layers = [Layer::new("values.yaml", setting), Layer::new("more.yaml", more)];
    Values::load(&layers).is_ok_and(|values| values.validate().is_ok())
}

#[test]
fn the_settings_are_valid() {
    for setting in SETTINGS {
        assert!(is_valid(setting, ""), "{setting}");
        assert_conforms(setting, "a setting");
    }
}

/// Every key of the schema, by its path; numbered ones for the first node.
fn keys(schema: &Value, path: &[String]) -> Vec<Vec<String>> {
    let below = |name: &str| [path, &[name.to_owned()]].concat();
    let named = schema["properties"].as_object().into_iter().flatten().flat_map(|(name, inner)| {
        if inner.get("properties").is_some() { keys(inner, &below(name)) } else { vec![below(name)] }
    });
    let numbered = schema["patternProperties"].as_object().into_iter().flatten().map(|(pattern, _)| {
        let stem = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix("[1-9][0-9]*$"));
        below(&format!("{}1", stem.expect("a numbered key")))
    });
    named.chain(numbered).collect()
}

/// Values of every kind, right for some keys and wrong for others.
fn pool() -> Vec<Value> {
    vec![
        json!([]),
        json!(["a"]),
        json!({}),
        json!({"a": "b"}),
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(1.5),
        json!(99),
        json!(100),
        json!(65535),
        json!(65536),
        json!(""),
        json!("yes"),
        json!("True"),
        json!("truE"),
        json!("5984"),
        json!("5984x"),
        json!("10Gi"),
        json!("10Gx"),
        json!("1.5k"),
        json!(".5Gi"),
        json!("My_NS"),
        json!("a.b"),
        json!("*.a.b"),
        json!("a..b"),
        json!("/a"),
        json!("/"),
        json!("a b"),
        json!("https://a.org"),
        json!("ftp://a.org"),
        json!("4.x"),
        json!("5.3.x"),
        json!("6.0"),
        json!("local"),
        json!("gke"),
        json!("Exists"),
        json!("NoExecute"),
        json!("NodePort"),
        json!("my-ip-co"),
        json!("<value>"),
        json!("${env:NAME}"),
        json!("a\nb"),
        json!("ä"),
        json!("a".repeat(64)),
    ]
}

#[test]
fn what_it_refuses_validation_refuses() {
    let keys = keys(&schema(), &[]);
    assert!(keys.len() > 50, "{keys:?}");
    let mut refused = 0;
    for key in keys {
        for value in pool() {
            let more = key.iter().rev().fold(value, |value, part| json!({ part: value }));
            if !validator().is_valid(&more) {
                refused += 1;
                let more = more.to_string();
                assert!(SETTINGS.iter().any(|setting| !is_valid(setting, &more)), "validation takes {more}");
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn what_is_plainly_wrong_is_refused() {
    for wrong in [
        "- namespace: a",
        "text",
        "couchdb: [1]",
        "couchdb: text",
        "couchdb: 5",
        "namespace: [a]",
        "namespace: {a: b}",
        "namespace: My_NS",
        "cluster_type: aks",
        "environment: moon",
        "haproxy: {port: 70000}",
        "haproxy: {port: 0}",
        "haproxy: {port: abc}",
        "haproxy: {port: true}",
        "couchdb: {couchdb_node_storage_size: 10Gx}",
        "couchdb: {couchdb_node_storage_size: -5}",
        "couchdb: {couchdb_node_storage_size: true}",
        "couchdb: {clusteredCouchEnabled: yes}",
        "cache_images: 1",
        "api: {service: {type: Ingress}}",
        "clusteredCouch: {noOfCouchDBNodes: 100}",
        "ingress: {host: \"https://cht.example.org\"}",
        "nodes: {node-3: A_B}",
        "upstream_servers: {builds_url: staging.example.org}",
    ] {
        assert!(!validator().is_valid(&parsed(wrong)), "{wrong}");
        assert!(SETTINGS.iter().any(|setting| !is_valid(setting, wrong)), "validation takes {wrong}");
    }
}
