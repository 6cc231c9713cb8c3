//! The values that count, with their origins.

use cht_model::{EffectiveValues, Instance, Layer, NoReferences, Origin, References, ShownValue, Values};

use crate::fixture::{EKS, GKE, K3S, K3S_V4, layers};

const SECRETS: &str = "couchdb: {user: canary-user, password: canary-password, secret: canary-secret}\n";

fn effective(layers: &[Layer], references: &dyn References) -> EffectiveValues {
    let values = Values::load_with(layers, references).expect("values");
    values.effective().unwrap_or_else(|invalid| panic!("{invalid}")).value
}

fn of(base: &str, more: &str) -> EffectiveValues {
    effective(&layers(base, more), &NoReferences)
}

#[test]
fn of_several_layers() {
    let mut all = layers(K3S, &format!("{SECRETS}api: {{port: 0123, log_level: 'null'}}\nproject_name: it's\n"));
    all.extend([Layer::set("project_name=my-county"), Layer::set("api.port=8080"), Layer::set("haproxy.port=")]);
    insta::assert_snapshot!(effective(&all, &NoReferences));
}

#[test]
fn of_each_platform() {
    let existing = "couchdb_data: {preExistingDataAvailable: true, dataPathOnDiskForCouchDB: ''}\n";
    let ebs =
        "ebs: {preExistingEBSVolumeID-1: vol-1, preExistingEBSVolumeID-2: vol-2, preExistingEBSVolumeSize: 10Gi}\n";
    let taint = "toleration: {key: db}\nupgrade_service: {tag: 0.40}\n";
    insta::assert_snapshot!("effective_k3s_v4", of(K3S_V4, taint));
    insta::assert_snapshot!("effective_eks", of(EKS, &format!("{existing}{ebs}")));
    insta::assert_snapshot!("effective_gke", of(GKE, "release_line: '5.3'\ningress: {gcp: {enabled: true}}\n"));
}

/// What an instance is made of, but for secrets.
fn described(instance: &Instance) -> String {
    format!("{instance:?}")
}

#[test]
fn what_is_shown_makes_the_same_instance() {
    let folders = "couchdb_data: {preExistingDataAvailable: true}\nnodes: {node-2: two}\n\
                   local_storage: {preExistingDiskPath-1: /srv/it's, preExistingDiskPath-2: '/srv/b: #c'}\n";
    let loud = "cache_images: False\napi: {node_env: development}\ningress: {annotations: {tags: 'a=b,c=d'}}\n";
    let v4 = format!("couchdb_data: {{preExistingDataAvailable: true}}\n{loud}");
    for (base, more) in [
        (K3S, ""),
        (K3S, loud),
        (K3S, "chtversion: 5.0.1\n"),
        (K3S, "chtversion: my-branch\ncht_image_tag: mine\n"),
        (K3S, "size: large\napi: {resources: {requests: {cpu: 0.5, memory: 9Gi}, limits: {cpu: '3'}}}\n"),
        (K3S, "profile: chart\n"),
        (K3S_V4, ""),
        (K3S_V4, "upgrade_service: {resources: {limits: {memory: 64Mi}}}\n"),
        (K3S_V4, folders),
        (K3S_V4, &v4),
        (K3S_V4, "couchdb: {clusteredCouch_enabled: false}\nlocal_storage: {preExistingDiskPath-1: /srv/a}\n"),
        (EKS, loud),
        (GKE, "ingress: {gcp: {enabled: false}}\n"),
    ] {
        let before = Values::load(&layers(base, more)).expect("values").validate().expect("valid").value;
        let shown = of(base, more).to_string();
        // Only what is made at the first deploy is a placeholder.
        let without: Vec<_> = shown.lines().filter(|line| !line.contains("<made at the first deploy>")).collect();
        let again = Values::load(&[Layer::new("shown.yaml", without.join("\n"))]).expect("it is YAML");
        let after = again.validate().unwrap_or_else(|invalid| panic!("{invalid}\n{shown}")).value;
        assert_eq!(described(&before), described(&after), "{shown}");
        assert_eq!(again.effective().expect("valid").value.iter().filter(|v| v.origin == Origin::Default).count(), 3);
    }
}

#[test]
fn secrets_are_hidden_and_no_deploy_takes_what_is_shown_for_them() {
    let shown = of(K3S, SECRETS);
    let text = shown.to_string();
    assert!(!format!("{text}{shown:?}").contains("canary"), "{text}");
    let hidden = shown.iter().filter(|value| value.value == ShownValue::Hidden);
    assert_eq!(hidden.count(), 3);
    let again = Values::load(&[Layer::new("shown.yaml", text)]).expect("it is YAML");
    let refused = again.validate().expect_err("the secrets are placeholders").problems;
    let keys: Vec<_> = refused.errors().filter_map(|problem| problem.key()).collect();
    assert_eq!(keys, ["couchdb.password", "couchdb.secret", "couchdb.user", "couchdb.uuid"]);
}

struct Known;

impl References for Known {
    fn env(&self, _: &str) -> Result<String, String> {
        Ok("canary".to_owned())
    }

    fn file(&self, _: &str, _: usize) -> Result<String, String> {
        Ok("canary".to_owned())
    }
}

#[test]
fn references_are_shown_as_they_are_written() {
    let more = "namespace: ${env:NAME}\n\
                couchdb: {user: '${file:/run/user}', password: '${env:PASSWORD}', secret: 'half-${env:SECRET}'}\n";
    let shown = effective(&layers(K3S, more), &Known);
    let value = |key: &str| {
        let found = shown.iter().find(|value| value.key == key).unwrap_or_else(|| panic!("{key}"));
        found.value.to_string()
    };
    assert_eq!(value("namespace"), "${env:NAME}");
    assert_eq!(value("couchdb.user"), "${file:/run/user}");
    assert_eq!(value("couchdb.password"), "${env:PASSWORD}");
    assert_eq!(value("couchdb.secret"), "<hidden>", "a part of it is written in the file");
    assert!(!shown.to_string().contains("half"));
}

#[test]
fn a_key_by_its_other_name_is_shown_once() {
    let shown = of(&K3S.replace("couchdb:\n", "couchdb:\n  clusteredCouch_enabled: true\n"), "").to_string();
    assert!(shown.contains("  clusteredCouch_enabled: true") && !shown.contains("clusteredCouchEnabled"), "{shown}");
}

#[test]
fn a_folder_that_nobody_looks_at_is_not_shown() {
    let shown = of(K3S_V4, "local_storage: {preExistingDiskPath-1: /var/lib/couchdb1}\n").to_string();
    assert!(shown.contains("preExistingDiskPath-1: /var/lib/county-couchdb1  # default\n"), "{shown}");
}

#[test]
fn nothing_of_a_secret_that_someone_else_manages_is_shown() {
    let shown = effective(&layers(K3S, "couchdb: {existing_secret: county}\n"), &cht_model::NoReferences);
    let keys: Vec<_> = shown.iter().map(|value| value.key.as_str()).filter(|key| key.starts_with("couchdb.")).collect();
    assert!(keys.contains(&"couchdb.existing_secret"), "{keys:?}");
    for key in ["couchdb.user", "couchdb.password", "couchdb.secret", "couchdb.uuid"] {
        assert!(!keys.contains(&key), "{keys:?}");
    }
}
