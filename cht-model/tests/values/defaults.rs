//! The defaults of both release lines apply wherever a section is missing, null or empty.

use cht_model::Values;

use crate::fixture::{K3S, K3S_V4, layers};

/// Sections that nothing is needed of.
const SECTIONS: [&str; 10] = [
    "api",
    "sentinel",
    "haproxy",
    "toleration",
    "upstream_servers",
    "upgrade_service",
    "couchdb_data",
    "local_storage",
    "ebs",
    "vSphere",
];

fn made_of(base: &str, more: &str) -> String {
    let checked =
        Values::load(&layers(base, more)).expect(more).validate().unwrap_or_else(|invalid| panic!("{invalid}"));
    assert!(checked.warnings.is_empty(), "{more}: {}", checked.warnings);
    format!("{:#?}", checked.value)
}

#[test]
fn of_each_section() {
    for base in [K3S, K3S_V4] {
        let missing = made_of(base, "");
        for section in SECTIONS {
            for empty in ["", "null", "~", "{}", "[]", "''"] {
                assert_eq!(made_of(base, &format!("{section}: {empty}\n")), missing, "{section}: {empty}");
            }
        }
    }
}

/// Keys of a section that is written, each with nothing behind it.
#[test]
fn of_each_key() {
    for (base, keys) in [
        (K3S, "api: {port: , node_env: , log_level: ~}\nsentinel: {node_env: null}\nhaproxy: {port: ''}\n"),
        (K3S_V4, "api: {port: , service: {type: }}\nupgrade_service: {tag: }\nhaproxy: {port: ~}\n"),
    ] {
        let shared = "upstream_servers: {docker_registry: , builds_url: ''}\ntoleration: {key: '', operator: , value: , effect: }\n\
                      couchdb_data: {preExistingDataAvailable: , partition: }\ncache_images:\nproject_name:\nenvironment:\n";
        assert_eq!(made_of(base, &format!("{keys}{shared}")), made_of(base, ""));
    }
}
