//! The processes of containers: they start, are probed, end and are started again.

use std::time::Duration;

use cht_manifests::Kind;
use serde_json::{Value, json};

use super::container::{self, Container};
use super::pauses::{self, CRASH, NOTICE_BACK_OFF, READY, READY_COUCHDB, RETRY, RUN};
use super::pod;
use crate::sandbox::agenda::{PodId, Step};
use crate::sandbox::faults::Fault;
use crate::sandbox::json::{items, number, text};
use crate::sandbox::world::World;

/// The process starts. One that is to crash has ended before anyone looks, so that it never counts as ready.
pub(super) fn start(world: &mut World, container: &Container<'_>) {
    let now = world.stamp();
    let serial = world.number();
    let crash = world.faults.crash(container.name);
    let never_ready = world.faults.never_ready(container.name);
    let ready = crash.is_none() && !never_ready && !container.has_probe() && !container.is_init;
    let image = text(&container.spec, "/image").unwrap_or_default();
    container.update(world, |status| {
        if let Some(last) = ended(status) {
            status["lastState"] = json!({"terminated": last});
            status["restartCount"] = json!(number(status, "/restartCount").unwrap_or_default() + 1);
        }
        status["state"] = match &crash {
            Some((code, _)) => terminated(*code, &now, &now),
            None => json!({"running": {"startedAt": now}}),
        };
        status["started"] = json!(crash.is_none());
        status["ready"] = json!(ready);
        status["imageID"] = json!(format!("{image}@sandbox"));
        status["containerID"] = json!(format!("containerd://{serial:064x}"));
    });
    container.normal(world, "Started", format!("Started container {}", container.name));
    if crash.is_some() {
        restart(world, container);
    } else if container.is_task() {
        container.next(world, RUN, Step::Exit);
    } else if container.has_probe() || never_ready {
        let usual = if container.name.starts_with("cht-couchdb") { READY_COUCHDB } else { READY };
        let after = world.durations.ready.unwrap_or(usual);
        container.next(world, after, Step::Probe);
    }
}

fn terminated(code: i32, started: &str, finished: &str) -> Value {
    json!({"terminated": {
        "exitCode": code,
        "reason": if code == 0 { "Completed" } else { "Error" },
        "startedAt": started,
        "finishedAt": finished,
    }})
}

/// How the last run of a container ended.
pub(super) fn ended(status: &Value) -> Option<Value> {
    let waits = status.pointer("/state/waiting").and_then(|_| status.pointer("/lastState/terminated"));
    status.pointer("/state/terminated").or(waits).cloned()
}

/// The readiness probe is made.
pub(super) fn probe(world: &mut World, container: &Container<'_>) {
    if container.status.pointer("/state/running").is_none() {
        return;
    }
    let ready = !world.faults.never_ready(container.name);
    container.update(world, |status| status["ready"] = json!(ready));
    if !ready {
        container.warn(world, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503");
        container.next(world, RETRY, Step::Probe);
    }
}

/// The process ends.
pub(super) fn exit(world: &mut World, container: &Container<'_>) {
    let Some(started) = text(&container.status, "/state/running/startedAt").map(str::to_owned) else { return };
    let crash = world.faults.crash(container.name);
    if crash.is_none() && !container.is_task() {
        // Healed in the meantime: the process goes on.
        return;
    }
    let code = crash.map_or(0, |(code, _)| code);
    let now = world.stamp();
    let updated = container.update(world, |status| {
        status["ready"] = json!(false);
        status["started"] = json!(false);
        status["state"] = terminated(code, &started, &now);
    });
    match updated {
        Some(pod) if code == 0 && container.is_init => pod::run_next(world, container.id, &pod),
        _ if code == 0 && container.is_task() => {}
        _ => restart(world, container),
    }
}

/// The process has ended and should not have: it is started again, at once for the first time.
fn restart(world: &mut World, container: &Container<'_>) {
    let Some(container) = Container::find(world, container.id, container.name) else { return };
    if !container.restarts {
        return;
    }
    if container.restart_count() == 0 {
        container.next(world, Duration::ZERO, Step::Create);
    } else {
        container.next(world, NOTICE_BACK_OFF, Step::CrashBackOff);
    }
}

/// The process is not started again for a while.
pub(super) fn back_off(world: &mut World, container: &Container<'_>) {
    let restarts = u32::try_from(container.restart_count()).unwrap_or(u32::MAX);
    let pause = pauses::back_off(restarts.saturating_sub(1));
    let uid = &container.id.uid;
    let pod = format!("{}_{}({uid})", container.id.key.name, container.namespace());
    let message = format!("back-off {}s restarting failed container={} pod={pod}", pause.as_secs(), container.name);
    container.update(world, |status| {
        let last = status["state"]["terminated"].clone();
        status["lastState"] = json!({"terminated": last});
        status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}});
    });
    container.warn(world, "BackOff", "Back-off restarting failed container");
    container.next(world, pause.saturating_sub(NOTICE_BACK_OFF), Step::Create);
}

/// A fault strikes containers that run already.
pub(crate) fn strike(world: &mut World, fault: &Fault) {
    let (name, step) = match fault {
        Fault::CrashLoop { container, .. } => (container, Step::Exit),
        Fault::NeverReady { container } => (container, Step::Probe),
        _ => return,
    };
    let struck: Vec<_> = world
        .store
        .list(Kind::Pod, None)
        .filter(|(_, pod)| {
            items(pod, "/status/containerStatuses").iter().any(|status| {
                text(status, "/name") == Some(name)
                    && status.pointer("/state/running").is_some()
                    && status.get("ready") == Some(&Value::Bool(true))
            })
        })
        .map(|(key, pod)| PodId { key: key.clone(), uid: text(pod, "/metadata/uid").unwrap_or_default().to_owned() })
        .collect();
    for id in struck {
        container::next(world, &id, name, CRASH, step);
    }
}
