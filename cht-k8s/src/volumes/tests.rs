use std::sync::Arc;

use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt;
use futures::executor::block_on;

use super::*;
use crate::health::testing::{K3D, instance};
use crate::sandbox::{Fault, Sandbox, Verb};
use crate::{Cluster, ClusterError, LookError, Options, deploy, plan};

const NAMESPACE: &str = "county-a";

fn deploy_to(sandbox: &Arc<Sandbox>) {
    let plan = block_on(plan(&**sandbox, instance(K3D, &[]))).expect("a plan");
    let events = deploy(Arc::clone(sandbox) as Arc<dyn Cluster>, plan, Options::default());
    block_on(events.for_each(|_| std::future::ready(())));
}

fn deployed() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    deploy_to(&sandbox);
    sandbox
}

fn look(sandbox: &Sandbox) -> Volumes {
    block_on(volumes(sandbox, NAMESPACE, None)).expect("volumes")
}

fn delete(sandbox: &Sandbox, kind: Kind, name: &str) {
    let key = ObjectKey::new(kind, NAMESPACE, name);
    let live = block_on(sandbox.get(&key)).expect("an answer").expect("it is there");
    assert_eq!(block_on(sandbox.delete(&key, live.uid())), Ok(true));
    block_on(sandbox.clock().sleep(std::time::Duration::from_mins(2)));
}

#[test]
fn a_claim_is_shown_with_its_volume_and_who_mounts_it() {
    let volumes = look(&deployed());
    let [claim] = &volumes.claims[..] else { panic!("{volumes:#?}") };
    assert_eq!((claim.claim.as_str(), claim.phase.as_str()), ("couchdb-claim0", "Bound"));
    assert_eq!(claim.reclaim_policy.as_deref(), Some("Retain"));
    let [by] = &claim.mounted_by[..] else { panic!("{volumes:#?}") };
    assert_eq!(by.component.as_ref().map(ToString::to_string).as_deref(), Some("couchdb"));
    assert!(by.node.is_some() && claim.size.is_some() && claim.volume.is_some(), "{volumes:#?}");
    assert_eq!((volumes.left, volumes.folders, volumes.notes), (Vec::new(), Vec::new(), Vec::new()));
}

/// What the hint says, is so.
#[test]
fn a_volume_that_was_left_is_taken_back_as_its_hint_says() {
    let sandbox = deployed();
    let volume = look(&sandbox).claims[0].volume.clone().expect("a volume");
    delete(&sandbox, Kind::Deployment, "cht-couchdb");
    delete(&sandbox, Kind::PersistentVolumeClaim, "couchdb-claim0");
    let volumes = look(&sandbox);
    let [left] = &volumes.left[..] else { panic!("{volumes:#?}") };
    assert_eq!(
        (&left.volume, left.phase.as_str(), left.claim.as_deref()),
        (&volume, "Released", Some("couchdb-claim0"))
    );
    assert!(left.hint.contains(r#"'[{"op":"remove","path":"/spec/claimRef/uid"}]'"#), "{}", left.hint);
    let key = ObjectKey::new(Kind::PersistentVolume, "", &volume);
    let edit = |volume: &mut serde_json::Value| {
        volume["spec"]["claimRef"].as_object_mut().expect("a reference").remove("uid");
    };
    sandbox.update_as("kubectl", &key, edit).expect("edited");
    assert!(look(&sandbox).left[0].hint.contains("it is kept for a claim couchdb-claim0"));
    deploy_to(&sandbox);
    let volumes = look(&sandbox);
    assert_eq!(volumes.claims[0].volume.as_ref(), Some(&volume), "{volumes:#?}");
    assert_eq!(volumes.left, []);
}

#[test]
fn whoever_may_not_see_volumes_is_told_of_claims() {
    let sandbox = deployed();
    let error = ClusterError::Forbidden { object: "PersistentVolume".to_owned(), message: "no".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::List, kind: Some(Kind::PersistentVolume), times: 1, error });
    let volumes = look(&sandbox);
    assert_eq!((volumes.claims.len(), volumes.claims[0].reclaim_policy.as_ref(), volumes.notes.len()), (1, None, 1));
    let error = ClusterError::Unauthorized { message: "who?".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::List, kind: Some(Kind::Pod), times: 1, error: error.clone() });
    assert_eq!(block_on(volumes_of(&sandbox)), Err(LookError::Cluster(error)));
}

async fn volumes_of(sandbox: &Sandbox) -> Result<Volumes, LookError> {
    volumes(sandbox, NAMESPACE, None).await
}
