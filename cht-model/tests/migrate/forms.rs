//! Texts of every form: what Helm prints, other ends of lines, braces, quotes, aliases.

use cht_model::{Layer, References, Values};

use crate::fixture::{EKS, K3S, K3S_CLUSTER, migrated, shown};

#[test]
fn what_helm_prints_is_read_without_its_heading() {
    for heading in ["USER-SUPPLIED VALUES:\n", "COMPUTED VALUES:\n", "\nUSER-SUPPLIED VALUES:\n"] {
        for old in [K3S, K3S_CLUSTER, EKS] {
            let plain = migrated(old, "5.3");
            let helm = migrated(&format!("{heading}{old}"), "5.3");
            assert_eq!(helm.text.trim_start(), plain.text);
            let shift = heading.matches('\n').count();
            for (helm, plain) in helm.changes.iter().zip(&plain.changes) {
                assert_eq!(helm.old_line, plain.old_line.map(|line| line + shift), "{helm}");
                assert_eq!(helm.new_line, plain.new_line + shift - 1, "{helm}");
                assert_eq!(helm.kind, plain.kind);
            }
        }
    }
}

#[test]
fn other_ends_of_lines_stay() {
    for old in [K3S, K3S_CLUSTER, EKS] {
        let migration = migrated(&old.replace('\n', "\r\n"), "5.3");
        assert_eq!(migration.text.replace("\r\n", "\n"), migrated(old, "5.3").text);
        assert_eq!(migration.text.matches('\n').count(), migration.text.matches("\r\n").count());
    }
}

#[test]
fn the_last_line_needs_no_end() {
    for old in [K3S_CLUSTER, &K3S_CLUSTER.replace("local_storage: {preExistingDiskPath-1: /var/lib/couchdb1}\n", "")] {
        let migration = migrated(old.trim_end(), "5.3");
        assert_eq!(migration.text.trim_end(), migrated(old, "5.3").text.trim_end());
    }
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let migration = migrated(&format!("\u{feff}{K3S_CLUSTER}"), "5.3");
    assert_eq!(migration.text, format!("\u{feff}{}", migrated(K3S_CLUSTER, "5.3").text));
}

#[test]
fn quotes_stay_where_they_are_needed_and_go_from_booleans() {
    let migration = migrated(&K3S_CLUSTER.replace("4.22.0", "\"4.22.0\" # ours"), "5.3");
    assert!(migration.text.contains("\nchtversion: \"5.3.0\" # ours\n"), "{}", migration.text);
    assert!(migrated(K3S, "5.3").text.contains("\n  clusteredCouchEnabled: false  # one is enough\n"));
}

#[test]
fn folders_with_odd_names_are_quoted() {
    let path = "/srv/it's: #1";
    let folder = format!("local_storage: {{preExistingDiskPath-1: \"{path}\", preExistingDiskPath-2: /srv/b}}");
    let old = K3S_CLUSTER.replace("local_storage: {preExistingDiskPath-1: /var/lib/couchdb1}", &folder);
    let migration = migrated(&format!("{old}couchdb_data: {{preExistingDataAvailable: true}}\n"), "5.3");
    assert!(migration.text.contains(&folder), "{}", shown(&migration));
    assert!(migration.is_valid());
}

#[test]
fn an_alias_makes_way_for_a_value() {
    let old = K3S_CLUSTER.replace("chtversion: 4.22.0", "chtversion: &version 4.22.0\ncht_image_tag: *version");
    let migration = migrated(&old, "5.3");
    assert!(migration.text.contains("\nchtversion: &version 5.3.0\ncht_image_tag: 5.3.0\n"), "{}", migration.text);
}

#[test]
fn keys_without_a_value_get_one() {
    for nothing in ["", " ~", " null", " # none", "  "] {
        let old = format!("{EKS}\n").replace("ebs:\n", &format!("ebs:\n  preExistingEBSVolumeSize:{nothing}\n"));
        let migration = migrated(&old, "5.3");
        assert!(migration.is_valid(), "{}", shown(&migration));
        assert!(migration.text.contains("  preExistingEBSVolumeSize: 100Gi"), "{}", migration.text);
        assert_eq!(migration.text.contains("100Gi # none\n"), nothing == " # none");
    }
}

#[test]
fn what_cannot_be_put_right_in_place_is_left_with_its_warning() {
    let old = K3S_CLUSTER.replace("clusteredCouch_enabled: true", "clusteredCouch_enabled: &yes !!str true");
    let migration = migrated(&old, "5.3");
    assert!(migration.is_valid(), "{}", shown(&migration));
    assert!(migration.text.contains("clusteredCouchEnabled: &yes !!str true\n"), "{}", migration.text);
    assert_eq!(migration.problems.warnings().count(), 1);
}

#[test]
fn a_file_in_braces_is_edited_as_far_as_it_goes() {
    let old = "{namespace: a, chtversion: 4.22.0, cluster_type: eks, \
               couchdb: {clusteredCouch_enabled: false, couchdb_node_storage_size: 1Gi}, \
               ingress: {host: a.example.org, annotations: {groupname: a}}}\n";
    let new = old.replace("4.22.0", "5.3.0").replace("clusteredCouch_enabled", "clusteredCouchEnabled");
    assert_eq!(migrated(old, "5.3").text, new);
}

/// Every variable is set to its name.
struct Known;

impl References for Known {
    fn env(&self, name: &str) -> Result<String, String> {
        Ok(name.to_lowercase())
    }

    fn file(&self, _: &str, _: usize) -> Result<String, String> {
        Err("is none".to_owned())
    }
}

#[test]
fn references_stay_as_they_are() {
    let old =
        K3S.replace("canary-password", "${env:PASSWORD}").replace("namespace: county ", "namespace: ${env:NAME} ");
    let to = "5.3".parse().expect("a target");
    let migration = cht_model::migrate(&Layer::new("old.yaml", old), &to, "new.yaml", &Known).expect("it is migrated");
    assert!(migration.text.contains("\n  password: ${env:PASSWORD} # nobody else knows\n"), "{}", migration.text);
    assert!(migration.text.contains("\nnamespace: ${env:NAME}   # where it lives\n"), "{}", migration.text);
    assert!(Values::load_with(&[Layer::new("new.yaml", migration.text)], &Known).is_ok());
}
