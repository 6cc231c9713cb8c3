//! Every kind of problem as people see it, with its line and what to do. Whoever changes a message reads it here first.

use std::collections::BTreeSet;

use annotate_snippets::Renderer;
use cht_model::{Code, Layer, Problems, References, Values};

use super::rendered;

const K3S: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: k3s-k3d
couchdb:
  couchdb_node_storage_size: 10Gi
";

const K3S_V4: &str = "\
namespace: county
chtversion: 4.22.0
cluster_type: k3s-k3d
couchdb:
  clusteredCouch_enabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch:
  noOfCouchDBNodes: 2
nodes:
  node-1: one
  node-2: two
ingress:
  host: county.example.org
";

const EKS: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: eks
couchdb:
  couchdb_node_storage_size: 10Gi
ingress:
  host: county.example.org
  annotations:
    groupname: shared
";

const GKE: &str = "\
namespace: county
chtversion: 5.3.0
cluster_type: gke
couchdb:
  couchdb_node_storage_size: 10Gi
ingress:
  host: county.example.org
";

/// What lies over a base: a file, or a single value.
type Case = (&'static str, &'static str);

/// The values by topic. A second layer that begins so is one of `--set`.
const SET: &str = "--set ";

const TOPICS: &[(&str, &[Case])] = &[
    (
        "syntax",
        &[
            ("", "couchdb:\n\tuser: medic\n"),
            ("", "namespace: \"county\nchtversion: 5.3.0\n"),
            ("", "namespace: county: a\n"),
            ("", "nodes: [a, b\n"),
            ("", "namespace: @county\n"),
            ("", "namespace: *county\n"),
            ("", "namespace: !county a\n"),
            ("", "namespace: \"\\q\"\n"),
            ("", "api:\n  port: 1\n node_env: a\n"),
            ("", "namespace: a\nchtversion\ncluster_type: eks\n"),
            ("", "namespace: a\n---\nnamespace: b\n"),
            ("", "? [a, b]\n: c\n"),
            ("", "api: &api\n  service: *api\n"),
            ("", "<<: text\n"),
            ("", "a: {b: 1]\n"),
            ("", "namespace: a\nnamespace: b\n"),
            ("", "- a\n- b\n"),
            ("", "--set namespace"),
            ("", "--set couch db=a"),
            ("", "--set namespace='a"),
        ],
    ),
    ("limits", &[("", LONG_KEY), ("", DEEP), ("", LAUGHS), ("", "a: ${env:LONG}${env:LONG}\n")]),
    (
        "references",
        &[
            ("", "namespace: ${env:NONE}\n"),
            ("", "ingress:\n  host: a.${file:/none}\n"),
            ("", "ingress:\n  host: a.${file:none}\n"),
            ("", "couchdb:\n  password: ${env:NONE}\n"),
            (K3S, "environment: ${env:MOON}\n"),
        ],
    ),
    (
        "missing",
        &[
            ("", "namespace:\n"),
            ("", "namespace: a\ncht_image_tag: my-branch\n"),
            (K3S, "chtversion: my-branch\n"),
            (K3S, "couchdb:\n  couchdb_node_storage_size:\n"),
            (K3S, "couchdb_data:\n  preExistingDataAvailable: true\n"),
            (K3S, "couchdb:\n  clusteredCouchEnabled: true\nnodes:\n  node-2: two\n"),
            (K3S, "cert_source: specify-file-path\n"),
            (K3S, "cert_source: cert-manager\ncertificate_issuer: Let's Encrypt\n"),
            (K3S, "cert_source: cert-manager\ncertificate_issuer: own\ningress:\n  host: localhost\n"),
            (EKS, "cert_source: self-signed\n"),
            (GKE, "cert_source: existing-secret\n"),
            (K3S_V4, "clusteredCouch:\n  noOfCouchDBNodes: 3\n"),
            (EKS, "ingress:\n  annotations:\n    groupname: ''\n"),
            (EKS, "couchdb_data:\n  preExistingDataAvailable: true\n"),
            (GKE, "couchdb_data:\n  preExistingDataAvailable: true\n"),
        ],
    ),
    (
        "placeholders",
        &[
            (K3S, "namespace: <your-namespace>\n"),
            (K3S, "ingress:\n  host: cht.<domain>.org\n"),
            (K3S, "couchdb:\n  password: <password-value>\n"),
            (K3S, "couchdb:\n  user: <user>\n"),
            (
                EKS,
                "couchdb_data: {preExistingDataAvailable: true}\nebs:\n  preExistingEBSVolumeID-1: vol-0123456789abcdefg\n  preExistingEBSVolumeSize: 10Gi\n",
            ),
        ],
    ),
    (
        "shapes",
        &[
            (K3S, "namespace: [a, b]\n"),
            (K3S, "namespace:\n  name: a\n"),
            (K3S, "ingress: cht.example.org\n"),
            (K3S, "couchdb:\n  password: [a]\n"),
        ],
    ),
    (
        "names",
        &[
            (K3S, "namespace: My County\n"),
            (K3S, "project_name: -a\n"),
            (K3S, "upstream_servers:\n  docker_registry: https://example.org\n  builds_url: staging.example.org\n"),
            (K3S, "cht_image_tag: -x\n"),
            (K3S, "couchdb:\n  db_name: Medic\n  storage_class: Fast SSD\n  existing_secret: My Secret\n"),
            (K3S, "couchdb_data:\n  dataPathOnDiskForCouchDB: ../data\n"),
            (K3S, "cht_image_tag: \"5.3.0\\n\"\n"),
            (K3S, "toleration:\n  key: a b\n  value: c d\n"),
            (K3S_V4, "namespace: a-namespace-with-a-name-that-is-longer-than-jobs-can-have\n"),
            (EKS, "ingress:\n  annotations:\n    groupname: My Group\n    certificate: my-certificate\n"),
            (K3S, "--set ingress.host=https://cht.example.org"),
        ],
    ),
    (
        "choices_numbers_and_sizes",
        &[
            (K3S, "cluster_type: k3s\n"),
            (K3S, "cluster_type: aks\n"),
            (K3S, "cache_images: yes\n"),
            (K3S, "cache_images: perhaps\n"),
            (K3S, "cache_images: 'false'\n"),
            (K3S, "api:\n  port: 70000\n"),
            (K3S, "couchdb:\n  couchdb_node_storage_size: 10GB\n"),
            (K3S, "couchdb:\n  clusteredCouchEnabled: true\nclusteredCouch:\n  noOfCouchDBNodes: 0\n"),
            (
                EKS,
                "couchdb_data: {preExistingDataAvailable: true}\nebs: {preExistingEBSVolumeID-1: disk-1, preExistingEBSVolumeSize: 20Gi}\n",
            ),
            (
                GKE,
                "couchdb_data: {preExistingDataAvailable: true}\ncouchdb:\n  persistent_disk: {size: 20Gi, diskName: Disk 1}\n",
            ),
        ],
    ),
    (
        "versions",
        &[
            (K3S, "chtversion: 5.3\n"),
            (K3S, "chtversion: v5.3.0\n"),
            (K3S, "chtversion: 3.17.0\n"),
            (K3S, "release_line: newest\n"),
            (K3S, "release_line: 4.x\n"),
            (K3S, "chtversion: 5.0.0\n"),
            (K3S, "chtversion: 7.1.0\n"),
            (K3S, "chtversion: master\ncht_image_tag: master-1\n"),
            (GKE, "chtversion: 4.22.0\n"),
        ],
    ),
    (
        "credentials",
        &[
            (K3S, "couchdb:\n  password: a/b\n"),
            (K3S, "couchdb:\n  password: \"a\\n\"\n"),
            (K3S, "couchdb:\n  password: ' a'\n"),
            (K3S, "couchdb:\n  password: a ;b\n"),
            (K3S, "couchdb:\n  password: a😅\n"),
            (K3S, "couchdb:\n  password: -pbkdf2-a\n"),
            (K3S, "couchdb:\n  user: a:b\n"),
            (K3S, "couchdb:\n  user: a@b\n"),
            (K3S, "couchdb:\n  user: ''\n"),
            (K3S_V4, "couchdb:\n  secret: 'a\"b'\n"),
            (K3S, "couchdb:\n  password: # b\n"),
            (K3S, "couchdb:\n  existing_secret: county\n  password: a\n"),
        ],
    ),
    (
        "conflicts",
        &[
            (K3S, "couchdb:\n  clusteredCouchEnabled: true\n  clusteredCouch_enabled: false\n"),
            (K3S, "toleration:\n  key: a\n  operator: Exists\n  value: b\n"),
            (
                EKS,
                "couchdb_data: {preExistingDataAvailable: true}\nebs: {preExistingEBSVolumeID-1: vol-0a, preExistingEBSVolumeSize: 5Gi}\n",
            ),
        ],
    ),
    (
        "keys_without_effect",
        &[
            (K3S, "name_space: a\n"),
            (K3S, "replicas: 3\n"),
            (K3S, "nodes:\n  node_1: a\n"),
            (K3S, "couchdb:\n  clusteredCouch_enabled: false\n"),
            (K3S, "upgrade_service:\n  tag: 0.32\n"),
            (K3S_V4, "api:\n  log_level: debug\n"),
            (K3S, "k3s_use_vSphere_storage_class: true\n"),
            (K3S, "cert_source: eks-medic\n"),
            (EKS, "cert_source: my-ip-co\n"),
            (GKE, "cert_source: my-ip-co\n"),
        ],
    ),
];

const LONG_KEY: &str = concat!(
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    "k: a\n"
);
const DEEP: &str = "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[b]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n";
const LAUGHS: &str = "\
a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c]
";

struct Machine;

impl References for Machine {
    fn env(&self, name: &str) -> Result<String, String> {
        match name {
            "LONG" => Ok("x".repeat(600_000)),
            "MOON" => Ok("moon".to_owned()),
            _ => Err("is not set".to_owned()),
        }
    }

    fn file(&self, _: &str, _: usize) -> Result<String, String> {
        Err("cannot be read: No such file or directory (os error 2)".to_owned())
    }
}

fn problems((base, more): &Case) -> Problems {
    let more = match more.strip_prefix(SET) {
        Some(assignment) => Layer::set(assignment),
        None => Layer::new("county.yaml", *more),
    };
    match Values::load_with(&[Layer::new("values.yaml", *base), more], &Machine) {
        Err(error) => error.problems,
        Ok(values) => match values.validate() {
            Err(invalid) => invalid.problems,
            Ok(checked) => checked.warnings,
        },
    }
}

#[test]
fn each_topic() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut count = 0;
    for (topic, cases) in TOPICS {
        let mut shown = Vec::new();
        for case in *cases {
            let problems = problems(case);
            assert!(!problems.is_empty(), "{}", case.1);
            count += problems.len();
            shown.extend(problems.iter().map(|problem| rendered(problem, &Renderer::plain())));
        }
        settings.bind(|| insta::assert_snapshot!(*topic, shown.join("\n\n")));
    }
    assert!(count >= 60, "{count} messages");
}

#[test]
fn every_kind_is_shown() {
    let cases = TOPICS.iter().flat_map(|(_, cases)| *cases);
    let shown: BTreeSet<_> = cases.flat_map(problems).map(|problem| problem.code()).collect();
    let missing: Vec<_> = Code::ALL.into_iter().filter(|code| !shown.contains(code)).collect();
    assert_eq!(missing, []);
}

/// Whatever is wrong, a person is told what to do about it.
#[test]
fn every_error_says_what_was_expected_or_what_to_do() {
    for case in TOPICS.iter().flat_map(|(_, cases)| *cases) {
        for problem in problems(case).errors() {
            let helps = problem.expected().is_some() || problem.hint().is_some();
            // That a file cannot be read where it is said to be is all that there is to say.
            assert!(helps || problem.code() == Code::Reference, "{}\n{problem}", case.1);
        }
    }
}
