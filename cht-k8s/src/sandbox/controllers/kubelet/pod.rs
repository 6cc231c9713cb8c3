//! The pod as a whole: its containers' order, its phase and its conditions.

use std::time::Duration;

use serde_json::{Value, json};

use super::container::{self, KUBELET};
use super::process::ended;
use crate::sandbox::agenda::{PodId, Step};
use crate::sandbox::controllers::conditions;
use crate::sandbox::json::{self, items, number, text};
use crate::sandbox::world::World;

/// The pod has a node: its containers are made.
pub(crate) fn begin(world: &mut World, id: &PodId) {
    let now = world.stamp();
    let number = world.number();
    let Some(pod) = world.change(&id.key, KUBELET, |pod| {
        for (list, statuses) in [("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")] {
            let waiting = if list == "containers" && !items(pod, "/spec/initContainers").is_empty() {
                "PodInitializing"
            } else {
                "ContainerCreating"
            };
            let made: Vec<_> = items(pod, &format!("/spec/{list}"))
                .iter()
                .map(|container| {
                    json!({
                        "name": container["name"],
                        "image": container["image"],
                        "imageID": "",
                        "ready": false,
                        "started": false,
                        "restartCount": 0,
                        "state": {"waiting": {"reason": waiting}},
                        "lastState": {},
                    })
                })
                .collect();
            if !made.is_empty() {
                json::set(pod, &["status", statuses], Value::Array(made));
            }
        }
        let address = format!("10.42.{}.{}", number / 250 % 250, number % 250 + 2);
        json::set(pod, &["status", "startTime"], json!(now));
        json::set(pod, &["status", "podIP"], json!(address));
        json::set(pod, &["status", "podIPs"], json!([{"ip": address}]));
        refresh(pod, &now);
    }) else {
        return;
    };
    run_next(world, id, &pod);
}

/// Starts the first init container that has not succeeded, or, when all have, the containers.
pub(super) fn run_next(world: &mut World, id: &PodId, pod: &Value) {
    let init = items(pod, "/status/initContainerStatuses")
        .iter()
        .find(|status| number(status, "/state/terminated/exitCode") != Some(0))
        .and_then(|status| text(status, "/name"));
    let names: Vec<_> = match init {
        Some(name) => vec![name],
        None => items(pod, "/spec/containers").iter().filter_map(|container| text(container, "/name")).collect(),
    };
    for name in names {
        container::next(world, id, name, Duration::ZERO, Step::Mount);
    }
}

/// The containers of a pod have stopped: nothing is left of it.
pub(crate) fn stopped(world: &mut World, id: &PodId) {
    if world.pod(id).is_some() {
        world.remove(&id.key);
    }
}

/// Derives the pod's phase and conditions from its containers.
pub(super) fn refresh(pod: &mut Value, now: &str) {
    let statuses = items(pod, "/status/containerStatuses").to_vec();
    let inits = items(pod, "/status/initContainerStatuses").to_vec();
    let exit = |status: &Value| number(status, "/state/terminated/exitCode");
    let restarts = text(pod, "/spec/restartPolicy").unwrap_or("Always").to_owned();
    let started = statuses.iter().any(|status| status.pointer("/state/waiting").is_none() || ended(status).is_some());
    let initialized = inits.iter().all(|status| exit(status) == Some(0));
    let ended_badly = |status: &Value| exit(status).is_some_and(|code| code != 0);
    let all_over = !statuses.is_empty() && statuses.iter().all(|status| exit(status).is_some());
    let phase =
        if restarts == "Never" && (inits.iter().any(ended_badly) || all_over && statuses.iter().any(ended_badly)) {
            "Failed"
        } else if restarts != "Always" && all_over && !statuses.iter().any(ended_badly) {
            "Succeeded"
        } else if started {
            "Running"
        } else {
            "Pending"
        };
    json::set(pod, &["status", "phase"], json!(phase));

    let unready: Vec<_> = statuses
        .iter()
        .filter(|status| status.get("ready") != Some(&Value::Bool(true)))
        .filter_map(|status| text(status, "/name"))
        .collect();
    let incomplete: Vec<_> =
        inits.iter().filter(|status| exit(status) != Some(0)).filter_map(|status| text(status, "/name")).collect();
    let why_unready = match phase {
        "Succeeded" => Some(("PodCompleted", String::new())),
        _ if unready.is_empty() => None,
        _ => Some(("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" ")))),
    };
    let why_incomplete = (!initialized).then(|| {
        ("ContainersNotInitialized", format!("containers with incomplete status: [{}]", incomplete.join(" ")))
    });
    for (name, why) in
        [("Initialized", why_incomplete), ("Ready", why_unready.clone()), ("ContainersReady", why_unready)]
    {
        let why = why.as_ref().map(|(reason, message)| (*reason, message.as_str()));
        conditions::set(pod, conditions::condition(name, why, now));
    }
}
