//! Claims find their volumes.

use cht_k8s::sandbox::{Fault, Sandbox};
use cht_k8s::{ApplyMode, Cluster, ClusterError};
use cht_manifests::Kind;
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::support::*;

const CLAIM: Kind = Kind::PersistentVolumeClaim;
const VOLUME: Kind = Kind::PersistentVolume;

fn on_host(host: &str) -> Value {
    json!({"required": {"nodeSelectorTerms": [{"matchExpressions": [
        {"key": "kubernetes.io/hostname", "operator": "In", "values": [host]},
    ]}]}})
}

#[test]
fn a_claim_without_a_class_gets_the_default_one_and_waits_for_its_pod() {
    let sandbox = sandbox();
    let claim = apply(&sandbox, &claim("data", &json!({})));
    assert_eq!(claim.text("/spec/storageClassName"), Some("local-path"));
    wait_event(&sandbox, "WaitForFirstConsumer", 1);
    assert_eq!(get(&sandbox, CLAIM, "data").text("/status/phase"), Some("Pending"));

    apply(&sandbox, &deployment_on("web", "data"));
    wait_ready(&sandbox, "web");
    let bound = get(&sandbox, CLAIM, "data");
    assert_eq!(bound.text("/status/phase"), Some("Bound"));
    let volume = get(&sandbox, VOLUME, bound.text("/spec/volumeName").unwrap());
    assert_eq!(volume.text("/status/phase"), Some("Bound"));
    assert_eq!(volume.text("/spec/persistentVolumeReclaimPolicy"), Some("Delete"));
}

#[test]
fn a_claim_with_a_volume_by_name_is_bound_without_a_pod() {
    let sandbox = sandbox();
    apply(&sandbox, &volume("v", &json!({"storageClassName": "manual", "capacity": {"storage": "5Gi"}})));
    assert_eq!(wait_phase(&sandbox, VOLUME, "v", "Available").text("/status/phase"), Some("Available"));
    apply(&sandbox, &claim("data", &json!({"storageClassName": "manual", "volumeName": "v"})));
    let bound = wait_phase(&sandbox, CLAIM, "data", "Bound");
    assert_eq!(bound.text("/status/capacity/storage"), Some("5Gi"));
    assert_eq!(wait_phase(&sandbox, VOLUME, "v", "Bound").text("/spec/claimRef/uid"), Some(bound.uid()));
}

#[test]
fn another_class_or_too_little_room_never_binds() {
    let sandbox = sandbox();
    apply(&sandbox, &volume("v", &json!({"storageClassName": "local-path"})));
    apply(&sandbox, &claim("data", &json!({"storageClassName": "", "volumeName": "v"})));
    let event = wait_event(&sandbox, "VolumeMismatch", 1);
    assert_eq!(event.text("/message"), Some("Cannot bind to requested volume \"v\": storageClassName does not match"));
    apply(
        &sandbox,
        &claim(
            "large",
            &json!({"storageClassName": "local-path", "volumeName": "v", "resources": {"requests": {"storage": "2Gi"}}}),
        ),
    );
    wait(&sandbox, Kind::Event, "too small", |events| {
        events.iter().any(|event| event.text("/message").is_some_and(|message| message.ends_with("too small")))
    });
    block_on(sandbox.clock().sleep(std::time::Duration::from_mins(10)));
    for name in ["data", "large"] {
        assert_eq!(get(&sandbox, CLAIM, name).text("/status/phase"), Some("Pending"));
    }
}

#[test]
fn local_volumes_put_the_pod_on_their_machine() {
    let sandbox = sandbox();
    for host in ["n1", "n2"] {
        apply(
            &sandbox,
            &volume(&format!("v-{host}"), &json!({"storageClassName": "local-storage", "nodeAffinity": on_host(host)})),
        );
    }
    apply(&sandbox, &claim("data", &json!({"storageClassName": "local-storage"})));
    let on_n2 = deployment_with("web", "image:1", |spec| {
        let pod = &mut spec["template"]["spec"];
        pod["volumes"] = json!([{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]);
        pod["nodeSelector"] = json!({"kubernetes.io/hostname": "n2"});
    });
    apply(&sandbox, &on_n2);
    wait_ready(&sandbox, "web");
    assert_eq!(get(&sandbox, CLAIM, "data").text("/spec/volumeName"), Some("v-n2"));
    assert_eq!(list(&sandbox, Kind::Pod)[0].text("/spec/nodeName"), Some("n2"));
}

#[test]
fn a_class_without_a_provisioner_and_without_volumes_keeps_the_pod_waiting() {
    let sandbox = sandbox();
    apply(&sandbox, &claim("data", &json!({"storageClassName": "local-storage"})));
    apply(&sandbox, &deployment_on("web", "data"));
    let event = wait_event(&sandbox, "FailedScheduling", 2);
    assert_eq!(
        event.text("/message"),
        Some("0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.")
    );
    apply(&sandbox, &volume("late", &json!({"storageClassName": "local-storage"})));
    wait_ready(&sandbox, "web");
}

#[test]
fn pods_wait_for_claims_that_are_bound_at_once() {
    let sandbox = sandbox();
    apply(&sandbox, &claim("data", &json!({"storageClassName": "vsphere-storage-class"})));
    apply(&sandbox, &deployment_on("web", "data"));
    wait_event(&sandbox, "ExternalProvisioning", 1);
    let event = wait_event(&sandbox, "FailedScheduling", 1);
    assert!(event.text("/message").unwrap().contains("unbound immediate PersistentVolumeClaims"));
    apply(&sandbox, &volume("v", &json!({"storageClassName": "vsphere-storage-class"})));
    wait_ready(&sandbox, "web");
}

#[test]
fn a_missing_class_and_a_missing_claim_are_reported() {
    let sandbox = sandbox();
    apply(&sandbox, &claim("data", &json!({"storageClassName": "gone"})));
    let event = wait_event(&sandbox, "ProvisioningFailed", 1);
    assert_eq!(event.text("/message"), Some("storageclass.storage.k8s.io \"gone\" not found"));
    apply(&sandbox, &deployment_on("web", "nowhere"));
    let event = wait_event(&sandbox, "FailedScheduling", 1);
    assert_eq!(event.text("/message"), Some("persistentvolumeclaim \"nowhere\" not found"));
}

#[test]
fn a_claim_in_use_goes_when_its_pod_is_gone_and_its_volume_is_kept() {
    let sandbox = sandbox();
    apply(&sandbox, &volume("v", &json!({"storageClassName": "manual"})));
    apply(&sandbox, &claim("data", &json!({"storageClassName": "manual"})));
    apply(&sandbox, &deployment_on("web", "data"));
    wait_ready(&sandbox, "web");
    assert!(delete(&sandbox, CLAIM, "data"));
    block_on(sandbox.clock().sleep(std::time::Duration::from_mins(1)));
    assert!(get(&sandbox, CLAIM, "data").is_terminating());

    assert!(delete(&sandbox, Kind::Deployment, "web"));
    wait(&sandbox, CLAIM, "the claim gone", <[_]>::is_empty);
    let kept = wait_phase(&sandbox, VOLUME, "v", "Released");
    assert_eq!(kept.text("/spec/claimRef/name"), Some("data"));
    // What belonged to another claim is not given to a new one.
    apply(&sandbox, &claim("data", &json!({"storageClassName": "manual", "volumeName": "v"})));
    assert_eq!(
        wait_event(&sandbox, "FailedBinding", 1).text("/message"),
        Some("volume already bound to a different claim.")
    );
}

#[test]
fn a_provisioned_volume_goes_with_its_claim() {
    let sandbox = sandbox();
    apply(&sandbox, &claim("data", &json!({"storageClassName": "ebs-gp2"})));
    apply(&sandbox, &deployment_on("web", "data"));
    wait_ready(&sandbox, "web");
    let name = get(&sandbox, CLAIM, "data").text("/spec/volumeName").unwrap().to_owned();
    delete(&sandbox, Kind::Deployment, "web");
    delete(&sandbox, CLAIM, "data");
    wait(&sandbox, CLAIM, "the claim gone", <[_]>::is_empty);
    wait(&sandbox, VOLUME, "the volume gone", |volumes| volumes.iter().all(|volume| volume.name() != name));
}

#[test]
fn a_bound_claim_grows_where_its_class_can() {
    let sandbox = sandbox();
    let sized = |class: &str, size: &str| {
        claim(class, &json!({"storageClassName": class, "resources": {"requests": {"storage": size}}}))
    };
    for class in ["ebs-gp2", "local-path"] {
        apply(&sandbox, &sized(class, "1Gi"));
        apply(&sandbox, &deployment_on(&format!("web-{class}"), class));
        wait_phase(&sandbox, CLAIM, class, "Bound");
    }
    apply(&sandbox, &sized("ebs-gp2", "2Gi"));
    wait(&sandbox, CLAIM, "grown", |claims| {
        claims.iter().any(|claim| claim.text("/status/capacity/storage") == Some("2Gi"))
    });
    let error = block_on(sandbox.apply(&sized("local-path", "2Gi"), ApplyMode::Respect)).unwrap_err();
    assert!(matches!(error, ClusterError::Forbidden { .. }), "{error}");
    let error = block_on(sandbox.apply(&sized("ebs-gp2", "1Gi"), ApplyMode::Force)).unwrap_err();
    assert!(matches!(error, ClusterError::Invalid { .. }), "{error}");
}

#[test]
fn a_claim_whose_volume_is_gone_is_lost() {
    let sandbox = sandbox();
    apply(&sandbox, &volume("v", &json!({"storageClassName": "manual"})));
    apply(&sandbox, &claim("data", &json!({"storageClassName": "manual"})));
    wait_phase(&sandbox, CLAIM, "data", "Bound");
    sandbox
        .update_as("someone", &cht_manifests::ObjectKey::new(VOLUME, "", "v"), |volume| {
            volume["metadata"]["finalizers"] = Value::Null;
        })
        .unwrap();
    delete(&sandbox, VOLUME, "v");
    wait_phase(&sandbox, CLAIM, "data", "Lost");
    wait_event(&sandbox, "ClaimLost", 1);
}

#[test]
fn a_volume_in_use_is_not_deleted() {
    let sandbox = sandbox();
    apply(&sandbox, &volume("v", &json!({"storageClassName": "manual"})));
    apply(&sandbox, &claim("data", &json!({"storageClassName": "manual"})));
    wait_phase(&sandbox, CLAIM, "data", "Bound");
    delete(&sandbox, VOLUME, "v");
    block_on(sandbox.clock().sleep(std::time::Duration::from_secs(10)));
    assert!(get(&sandbox, VOLUME, "v").is_terminating());
    delete(&sandbox, CLAIM, "data");
    wait(&sandbox, VOLUME, "the volume gone", |volumes| volumes.iter().all(|volume| volume.name() != "v"));
}

#[test]
fn a_claim_can_be_told_to_stay_pending() {
    let sandbox: Sandbox = sandbox();
    sandbox.fail(Fault::ClaimPending { claim: "data".to_owned() });
    apply(&sandbox, &claim("data", &json!({})));
    apply(&sandbox, &deployment_on("web", "data"));
    wait_event(&sandbox, "ProvisioningFailed", 2);
    assert_eq!(get(&sandbox, CLAIM, "data").text("/status/phase"), Some("Pending"));
    sandbox.heal();
    wait_ready(&sandbox, "web");
}
