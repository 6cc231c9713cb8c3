//! What controllers make of Deployments and Jobs, with nodes that run their pods.

use cht_k8s::{LiveObject, WatchEvent};
use cht_manifests::{Kind, Object};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

use super::World;
use super::fields::at;
use super::objects::{changed, deployment, job, pod};

/// Waits until a Deployment's pods are all of its current template and available, and answers with it.
pub(super) async fn rolled_out(world: &World, object: &Object) -> LiveObject {
    let key = object.key();
    let done = |live: Option<&LiveObject>| {
        live.is_some_and(|live| {
            let wanted = at(live, "/spec/replicas");
            at(live, "/status/observedGeneration") == at(live, "/metadata/generation")
                && ["replicas", "updatedReplicas", "availableReplicas"]
                    .iter()
                    .all(|count| at(live, &format!("/status/{count}")) == wanted)
        })
    };
    world.until(&key, &format!("the rollout of {key}"), done).await.expect("it is there")
}

/// The pods of an application that are not on their way out.
pub(super) async fn pods_of(world: &World, app: &str) -> Vec<LiveObject> {
    let pods = world.cluster.list(Kind::Pod, Some(&world.namespace)).await.expect("a list").items;
    pods.into_iter().filter(|pod| pod.label("app") == Some(app) && !pod.is_terminating()).collect()
}

fn owner_of(object: &LiveObject) -> &str {
    object.text("/metadata/ownerReferences/0/uid").unwrap_or_default()
}

fn revision(object: &LiveObject) -> Option<&str> {
    object.value()["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str()
}

fn upgraded(app: &Object) -> Object {
    changed::<Deployment>(app, |value| pod(value)["containers"][0]["image"] = json!("example.org/app:2"))
}

/// A Deployment gets a `ReplicaSet`, that gets a pod, and that gets ready; each names its owner.
pub async fn a_deployment_gets_its_pod(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    let live = rolled_out(world, &app).await;
    assert_eq!(revision(&live), Some("1"));
    let sets = world.cluster.list(Kind::ReplicaSet, Some(&world.namespace)).await.expect("a list").items;
    assert_eq!(sets.len(), 1);
    assert_eq!(owner_of(&sets[0]), live.uid());
    assert_eq!(revision(&sets[0]), Some("1"));

    let pods = pods_of(world, "app").await;
    assert_eq!(pods.len(), 1);
    assert_eq!(owner_of(&pods[0]), sets[0].uid());
    let pod: Pod = pods[0].decode().expect("a pod");
    assert!(pod.metadata.name.as_deref().is_some_and(|name| name.starts_with(sets[0].name())));
    assert!(pods[0].label("pod-template-hash").is_some_and(|hash| sets[0].name() == format!("app-{hash}")));
    assert!(pod.spec.and_then(|spec| spec.node_name).is_some());
    let status = pod.status.expect("a status");
    assert_eq!(status.phase.as_deref(), Some("Running"));
    let container = &status.container_statuses.expect("its container")[0];
    assert!(container.ready && container.restart_count == 0);
    let is_ready = |kind: &str| {
        status.conditions.iter().flatten().any(|condition| condition.type_ == kind && condition.status == "True")
    };
    assert!(is_ready("PodScheduled") && is_ready("Ready"));
}

/// What controllers write down is no new generation.
pub async fn a_status_is_no_new_generation(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    let applied = world.apply(&app).await;
    let live = rolled_out(world, &app).await;
    assert_eq!(at(&live, "/metadata/generation"), 1);
    assert_ne!(live.resource_version(), applied.resource_version());
    let conditions = at(&live, "/status/conditions").as_array().cloned().unwrap_or_default();
    let progressing = conditions.iter().find(|condition| condition["type"] == "Progressing").expect("a condition");
    assert_eq!((&progressing["status"], &progressing["reason"]), (&json!("True"), &json!("NewReplicaSetAvailable")));
}

/// A changed template makes another `ReplicaSet`, and the old pods go.
pub async fn a_changed_template_rolls_out(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let before = pods_of(world, "app").await.remove(0);
    world.apply(&upgraded(&app)).await;
    let live = rolled_out(world, &app).await;
    assert_eq!(revision(&live), Some("2"));
    world.until_gone(&before.key()).await;
    let after = pods_of(world, "app").await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].text("/spec/containers/0/image"), Some("example.org/app:2"));
    let sets = world.cluster.list(Kind::ReplicaSet, Some(&world.namespace)).await.expect("a list").items;
    let current: Vec<_> = sets.iter().filter(|set| revision(set) == Some("2")).collect();
    assert_eq!((sets.len(), current.len()), (2, 1));
    assert_eq!(owner_of(&after[0]), current[0].uid());
}

/// A label of the Deployment alone restarts nothing.
pub async fn a_changed_label_restarts_nothing(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let before = pods_of(world, "app").await;
    world.apply(&changed::<Deployment>(&app, |value| value["metadata"]["labels"] = json!({ "tier": "front" }))).await;
    let live = rolled_out(world, &app).await;
    assert_eq!(revision(&live), Some("1"));
    let uids = |pods: &[LiveObject]| pods.iter().map(|pod| pod.uid().to_owned()).collect::<Vec<_>>();
    assert_eq!(uids(&pods_of(world, "app").await), uids(&before));
}

/// With `Recreate` the old pod has ended before the new one is made.
pub async fn recreate_never_has_two_pods(world: &World) {
    world.backstage.play().await;
    let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        value["spec"]["strategy"] = json!({ "type": "Recreate" });
    });
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let mut pods = world.follow(Kind::Pod).await;
    world.apply(&upgraded(&app)).await;
    loop {
        assert!(pods.objects().len() <= 1, "{:?}", pods.objects());
        let event = pods.next("the new pod").await;
        if let WatchEvent::Changed(pod) = event
            && pod.text("/spec/containers/0/image") == Some("example.org/app:2")
        {
            break;
        }
    }
    rolled_out(world, &app).await;
}

/// With a rolling update of one pod, the new one is ready before the old one goes.
pub async fn a_rolling_update_overlaps(world: &World) {
    world.backstage.play().await;
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    world.apply(&app).await;
    rolled_out(world, &app).await;
    let mut pods = world.follow(Kind::Pod).await;
    world.apply(&upgraded(&app)).await;
    loop {
        let event = pods.next("the end of the old pod").await;
        let (WatchEvent::Changed(object) | WatchEvent::Deleted(object)) = &event else { continue };
        let is_old = object.text("/spec/containers/0/image") == Some("example.org/app:1");
        if is_old && object.is_terminating() {
            let others = pods.objects();
            let new = others.iter().find(|pod| pod.text("/spec/containers/0/image") == Some("example.org/app:2"));
            assert_eq!(at(new.expect("the new pod"), "/status/containerStatuses/0/ready"), true);
            break;
        }
    }
}

/// A Job's pod runs to its end, and the Job is complete.
pub async fn a_job_completes(world: &World) {
    world.backstage.play().await;
    let job = job(&world.namespace, "work", "example.org/job:1");
    world.apply(&job).await;
    let is_complete = |live: Option<&LiveObject>| {
        let conditions = live.map(|live| at(live, "/status/conditions").clone()).unwrap_or_default();
        conditions.as_array().is_some_and(|all| {
            all.iter().any(|condition| condition["type"] == "Complete" && condition["status"] == "True")
        })
    };
    let live = world.until(&job.key(), "the end of the Job", is_complete).await.expect("it is there");
    assert_eq!(at(&live, "/status/succeeded"), 1);
    let pods = world.cluster.list(Kind::Pod, Some(&world.namespace)).await.expect("a list").items;
    assert_eq!(pods.len(), 1);
    assert_eq!(owner_of(&pods[0]), live.uid());
    assert_eq!(at(&pods[0], "/status/phase"), "Succeeded");
    assert_eq!(pods[0].label("job-name"), Some("work"));
}
