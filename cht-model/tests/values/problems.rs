//! Each problem, as people see it.

use crate::fixture::{EKS, GKE, K3S, K3S_V4, problems, shown};

/// The problems that each of some values have when they are laid over a base.
fn gallery(base: &str, cases: &[&str]) -> String {
    let show = |more: &&str| {
        let problems = problems(base, more);
        assert!(problems.errors().next().is_some(), "{more}");
        format!("{more}\n{}", shown(&problems))
    };
    cases.iter().map(show).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_at_all() {
    insta::assert_snapshot!(shown(&problems("namespace:\ncluster_type:\n", "chtversion: ''\n")));
}

#[test]
fn names_and_places() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "namespace: My County",
            "namespace: <your-namespace>",
            "namespace: ''",
            "namespace: [a, b]",
            "namespace: {a: b}",
            "project_name: '{{ project }}'",
            "project_name: -a",
            "priority_class: Very High\nimage_pull_secret: my_secret",
            "cluster_type: k3s",
            "cluster_type: aks",
            "environment: remot",
            "ingress: {host: https://cht.example.org}",
            "ingress: {host: 'cht.<domain>.org'}",
            "ingress: cht.example.org",
            "upstream_servers: {docker_registry: https://example.org, builds_url: staging.example.org}",
            "cht_image_tag: -x",
            "cht_image_tag: \"5.3.0\\n\"",
            "couchdb: {db_name: Medic, storage_class: Fast SSD}",
            "couchdb_data: {dataPathOnDiskForCouchDB: ../data}",
        ],
    ));
}

#[test]
fn versions() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "chtversion: 5.3",
            "chtversion: v5.3.0",
            "chtversion: 3.17.0",
            "chtversion: my-branch",
            "chtversion: ''\ncht_image_tag: my-branch",
            "chtversion: <version>",
            "chtversion: 5.3.0+build",
            "release_line: 4.x",
            "release_line: newest",
        ],
    ));
}

#[test]
fn sizes_and_resources() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "size: tiny",
            "couchdb: {resources: {requests: {cpu: 0, memory: 500m}, limits: {cpu: 1Gi, memory: 0}}}",
            "api: {resources: {requests: {cpu: 1.5, memory: 2Gi}, limits: {cpu: 1500m, memory: 1Gi}}}",
            "api: {resources: {requests: {cpu: 2}, limits: {cpu: 500m}}}",
            "sentinel: {resources: 1Gi}",
        ],
    ));
}

#[test]
fn kinds_of_values() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "cache_images: yes",
            "cache_images: flase",
            "cache_images: []\napi: 5",
            "api: {port: 70000, service: {type: nodeport}}",
            "haproxy: {port: http}",
            "couchdb: {couchdb_node_storage_size: 10GB}",
            "couchdb: {couchdb_node_storage_size: <storage-size>}",
            "couchdb: {clusteredCouchEnabled: true}\nclusteredCouch: {noOfCouchDBNodes: 0}",
            "couchdb: {clusteredCouchEnabled: true, clusteredCouch_enabled: false}",
            "couchdb_data: {preExistingDataAvailable: ja}",
            "toleration: {key: 'a b', operator: Exist, value: 'c d', effect: NoScheduling}",
            "toleration: {key: a, operator: Exists, value: b}",
            "cert_source: specify-file-path",
            "cert_source: specify-file-path\ncertificate_crt_file_path: <path>\ncertificate_key_file_path: /a.key",
            "cert_source: letsencrypt",
            "cert_source: cert-manager",
            "cert_source: cert-manager\ncertificate_issuer: Let's Encrypt\ningress: {host: localhost}",
            "cert_source: cert-manager\ncertificate_issuer: own\nprofile: chart\ningress: {host: cht.example.org}",
            "cert_source: existing-secret\ncertificate_secret: My Secret",
            "cert_source: existing-secret\ncertificate_secret: mine\nprofile: chart",
        ],
    ));
}

#[test]
fn credentials() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "couchdb: {password: 'a/canary'}",
            "couchdb: {password: \"a\\ncanary\"}",
            "couchdb: {password: <password-value>, secret: '${SECRET}', uuid: '{{ uuid }}', user: <user>}",
            "couchdb: {user: ''}",
            "couchdb: {user: 'canary:x'}",
            "couchdb: {user: 'canary/x'}",
            "couchdb: {password: {canary: 1}}",
            "couchdb: {password: [canary]}",
        ],
    ));
}

#[test]
fn storage_of_k3s() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "couchdb: {couchdb_node_storage_size: }",
            "couchdb_data: {preExistingDataAvailable: true}",
            "couchdb_data: {preExistingDataAvailable: true}\nlocal_storage: {preExistingDiskPath-1: data}",
            "\
couchdb: {clusteredCouchEnabled: true}
couchdb_data: {preExistingDataAvailable: true}
local_storage: {preExistingDiskPath-1: /srv/a}",
            "couchdb: {clusteredCouchEnabled: true}\nnodes: {node-2: b}",
        ],
    ));
}

#[test]
fn storage_of_k3s_on_4_x() {
    insta::assert_snapshot!(gallery(
        K3S_V4,
        &[
            "couchdb: {clusteredCouch_enabled: false}",
            "clusteredCouch: {noOfCouchDBNodes: 4}",
            "couchdb_data: {preExistingDataAvailable: true}\nlocal_storage: {preExistingDiskPath-2: /srv/b}",
            "k3s_use_vSphere_storage_class: true\nvSphere: {datastoreName: <datastore>}",
            "namespace: a-namespace-with-a-name-that-is-longer-than-jobs-can-have",
            "ingress: {host: }",
        ],
    ));
}

#[test]
fn eks() {
    insta::assert_snapshot!(gallery(
        EKS,
        &[
            "ingress: {host: , annotations: {groupname: }}",
            "ingress: {annotations: {groupname: My Group, certificate: my-certificate}}",
            "couchdb_data: {preExistingDataAvailable: true}",
            "\
couchdb_data: {preExistingDataAvailable: true, partition: one}
ebs: {preExistingEBSVolumeID-1: vol-0123456789abcdefg, preExistingEBSVolumeID-2: id, preExistingEBSVolumeSize: 5Gi}",
            "\
couchdb_data: {preExistingDataAvailable: true}
ebs: {preExistingEBSVolumeID-1: vol-0a, preExistingEBSVolumeID-2: vol-0b, preExistingEBSVolumeSize: 5Gi}",
        ],
    ));
}

#[test]
fn gke() {
    insta::assert_snapshot!(gallery(
        GKE,
        &[
            "ingress: {host: }",
            "chtversion: 4.22.0",
            "couchdb_data: {preExistingDataAvailable: true}",
            "\
couchdb: {persistent_disk: {size: <storage-size>, diskName: Disk 1}}
couchdb_data: {preExistingDataAvailable: true, partition: -1}",
        ],
    ));
}

#[test]
fn all_of_them_at_once_in_the_order_of_the_layers() {
    let base = "\
couchdb:
  password: a/b
  clusteredCouchEnabled: perhaps
namespace: Bad Name
cluster_type: eks
api: {port: 0}
";
    let more = "\
environment: moon
chtversion: 5.3
";
    insta::assert_snapshot!(shown(&problems(base, more)));
}
