//! A sandbox outlives the program.

use std::fs;

use cht_k8s::Cluster;
use cht_k8s::sandbox::{Sandbox, SandboxError};
use cht_manifests::Kind;
use futures::executor::block_on;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::*;

#[test]
fn what_was_done_is_there_when_it_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    let sandbox = with_namespace(Sandbox::open(&path).unwrap());
    apply(&sandbox, &claim("data", &json!({})));
    apply(&sandbox, &deployment_on("web", "data"));
    let before = wait_ready(&sandbox, "web");
    let now = sandbox.clock().now();
    drop(sandbox);

    let sandbox = Sandbox::open(&path).unwrap();
    assert_eq!(get(&sandbox, Kind::Deployment, "web").value(), before.value());
    assert_eq!(sandbox.clock().now(), now);
    assert_eq!(apply(&sandbox, &deployment_on("web", "data")).value(), before.value());
    apply(&sandbox, &deployment("web", "image:2"));
    wait_ready(&sandbox, "web");
}

#[test]
fn what_was_under_way_goes_on() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    let sandbox = with_namespace(Sandbox::open(&path).unwrap());
    apply(&sandbox, &deployment("web", "image:1"));
    wait(&sandbox, Kind::Pod, "a pod", |pods| !pods.is_empty());
    drop(sandbox);
    wait_ready(&Sandbox::open(&path).unwrap(), "web");
}

#[test]
fn only_one_program_has_it_at_a_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    let sandbox = Sandbox::open(&path).unwrap();
    let error = Sandbox::open(&path).unwrap_err();
    assert!(matches!(&error, SandboxError::InUse { path: named } if *named == path), "{error}");
    assert!(error.to_string().contains("state.json"), "{error}");
    drop(sandbox);
    Sandbox::open(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    let sandbox = with_namespace(Sandbox::open(&path).unwrap());
    apply(&sandbox, &secret("s", &json!({"k": "eA=="})));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the file and its lock: {names:?}");
}

#[test]
fn other_files_are_left_as_they_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.json");
    for (text, too_new) in [
        ("hello", false),
        ("{\"kind\": \"Config\"}", false),
        ("{\"format\": \"cht-sandbox\", \"version\": 99, \"moons\": 2}", true),
    ] {
        fs::write(&path, text).unwrap();
        let error = Sandbox::open(&path).unwrap_err();
        assert_eq!(matches!(error, SandboxError::TooNew { found: 99, .. }), too_new, "{error}");
        assert_eq!(matches!(error, SandboxError::NotASandbox { .. }), !too_new, "{error}");
        assert!(error.to_string().contains("other.json"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
    let error = Sandbox::open("/nowhere/at/all.json").unwrap_err();
    assert!(error.to_string().contains("/nowhere/at/all.json"), "{error}");
}

#[test]
fn faults_and_machines_can_be_written_into_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state.json");
    let written = json!({
        "format": "cht-sandbox",
        "version": 1,
        "nodes": [{"name": "only"}],
        "faults": [{"ImagePull": {"image": "image:bad", "message": "not found"}}],
    });
    fs::write(&path, written.to_string()).unwrap();
    let sandbox = with_namespace(Sandbox::open(&path).unwrap());
    apply(&sandbox, &deployment("web", "image:bad"));
    wait_reason(&sandbox, "ImagePullBackOff");
    let nodes = block_on(sandbox.list(Kind::Node, None)).unwrap().items;
    assert_eq!(nodes.iter().map(cht_k8s::LiveObject::name).collect::<Vec<_>>(), ["only"]);
    drop(sandbox);
    let kept: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(kept["faults"], written["faults"]);
}
