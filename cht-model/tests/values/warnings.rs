//! What someone should look at, though an instance can be made.

use crate::fixture::{EKS, GKE, K3S, K3S_V4, check, shown};

fn gallery(base: &str, cases: &[&str]) -> String {
    let show = |more: &&str| {
        let warnings = check(base, more).warnings;
        assert!(!warnings.is_empty(), "{more}");
        format!("{more}\n{}", shown(&warnings))
    };
    cases.iter().map(show).collect::<Vec<_>>().join("\n")
}

#[test]
fn of_5_x() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "name_space: a\nCouchDB: {}\nreplicas: 3\nstorage_class: fast",
            "nodes: {node_1: a, node-0: b}\ningress: {hosts: a}",
            "\"odd\\nkey\": 1",
            "couchdb: {clusteredCouch_enabled: false}\nupgrade_service: {tag: 0.32}",
            "couchdb_data: {preExistingDataAvailable: 'false'}",
            "chtversion: 5.0.0",
            "chtversion: 7.1.0",
            "chtversion: master\ncht_image_tag: master-1",
            "chtversion: 5.2.x\ncht_image_tag: master-1",
            "k3s_use_vSphere_storage_class: true",
            "cert_source: eks-medic",
            "certificate_issuer: letsencrypt\ncertificate_secret: mine\ncert_source: self-signed",
            "couchdb: {password: '', secret: , uuid: \"\"}",
            "upgrade_service: {resources: {limits: {memory: 1Gi}}}\ncouchdb: {resources: {memory: 1Gi}}",
            "profile: chart\npriority_class: high\nimage_pull_secret: mine\nsize: large\napi: {resources: {limits: {memory: 1Gi}}}\nnouveau: {resources: {requests: {cpu: 1}}}",
        ],
    ));
}

#[test]
fn of_4_x() {
    insta::assert_snapshot!(gallery(
        K3S_V4,
        &[
            "couchdb: {clusteredCouchEnabled: true}",
            "api: {log_level: debug, port: 5988}\nsentinel: {node_env: test}",
            "nouveau: {resources: {requests: {memory: 1Gi}}}",
            "couchdb: {storage_class: vmware-sc}",
            "couchdb: {persistent_disk: {size: 1Gi, diskName: ''}}\ningress: {gcp: {enabled: false}}",
        ],
    ));
}

#[test]
fn of_platforms_with_certificates_of_their_own() {
    insta::assert_snapshot!(gallery(EKS, &["cert_source: specify-file-path"]));
    insta::assert_snapshot!(gallery(GKE, &["cert_source: my-ip-co"]));
}

#[test]
fn of_network_policies_and_classes_that_change_nothing() {
    insta::assert_snapshot!(gallery(
        K3S,
        &[
            "network_policy: {enabled: false, api_from: ingress}",
            "network_policy: {api_from: ingress}\napi: {service: {type: NodePort}}",
            "profile: chart\nnetwork_policy: {enabled: true, api_from: any}\ningress: {class_name: nginx}",
        ],
    ));
    let load_balancer = "network_policy: {enabled: true, api_from: ingress}\ningress: {class_name: nginx}";
    insta::assert_snapshot!(gallery(EKS, &[load_balancer]));
    insta::assert_snapshot!(gallery(GKE, &["network_policy: {api_from: any}"]));
}

/// The charts' own files have every key, whatever it is for.
#[test]
fn what_the_charts_ask_for_without_using_it_is_no_matter() {
    let more = "\
ingress: {hosted_zone_id: Z1, load_balancer: lb.example.org}
cert_source: eks-medic
nodes: {node-1: '', node-2: '', node-3: ''}
k3s_use_vSphere_storage_class: 'false'
vSphere: {datastoreName: '', diskPath: ''}
local_storage: {preExistingDiskPath-1: /var/lib/couchdb1}
couchdb: {persistent_disk: {type: pd-standard}}
";
    assert!(check(EKS, more).warnings.is_empty());
}
