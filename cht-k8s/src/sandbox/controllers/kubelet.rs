//! Runs the containers of a pod on its node: mounts, pulls, starts, probes, restarts, stops.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::conditions;
use super::notice::claims_of;
use crate::sandbox::agenda::{Action, PodId, Step};
use crate::sandbox::events::{self, Report};
use crate::sandbox::faults::Fault;
use crate::sandbox::json::{self, items, items_mut, number, text};
use crate::sandbox::world::World;

const KUBELET: &str = "kubelet";

/// The first pull of an image.
const PULL: Duration = Duration::from_secs(2);
/// Asking a registry for an image that is there already.
const PULL_AGAIN: Duration = Duration::from_millis(100);
/// From the pull until the process runs.
const START: Duration = Duration::from_millis(300);
/// From when the process runs until its readiness probe succeeds.
const READY: Duration = Duration::from_millis(500);
/// The same for CouchDB.
const READY_COUCHDB: Duration = Duration::from_secs(1);
/// How long a process runs that ends by itself.
const RUN: Duration = Duration::from_millis(500);
/// How long a process runs that crashes.
const CRASH: Duration = Duration::from_secs(1);
/// How long a container takes to stop when it is asked to.
pub(crate) const STOP: Duration = Duration::from_secs(1);
/// From a failure until the kubelet says that it is backing off.
const NOTICE_BACK_OFF: Duration = Duration::from_secs(1);
/// The first pause before trying again; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_secs(10);
/// The longest pause.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(5);
/// Between two tries that fail for want of a Secret, a volume or readiness.
const RETRY: Duration = Duration::from_secs(10);

/// The pod has a node: its containers are made.
pub(super) fn begin(world: &mut World, id: &PodId) {
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
fn run_next(world: &mut World, id: &PodId, pod: &Value) {
    let init = items(pod, "/status/initContainerStatuses")
        .iter()
        .find(|status| number(status, "/state/terminated/exitCode") != Some(0))
        .and_then(|status| text(status, "/name"));
    let names: Vec<_> = match init {
        Some(name) => vec![name],
        None => items(pod, "/spec/containers").iter().filter_map(|container| text(container, "/name")).collect(),
    };
    for name in names {
        next(world, id, name, Duration::ZERO, Step::Mount);
    }
}

fn next(world: &mut World, id: &PodId, container: &str, after: Duration, step: Step) {
    world.later(after, Action::Container { pod: id.clone(), container: container.to_owned(), step });
}

/// Everything about one container that the steps need.
struct Container<'a> {
    id: &'a PodId,
    name: &'a str,
    spec: Value,
    status: Value,
    is_init: bool,
    restarts: bool,
    pod: Value,
}

impl<'a> Container<'a> {
    fn find(world: &World, id: &'a PodId, name: &'a str) -> Option<Self> {
        let pod = world.pod(id)?.clone();
        if text(&pod, "/metadata/deletionTimestamp").is_some() {
            return None;
        }
        let named = |list: &str| items(&pod, list).iter().find(|item| text(item, "/name") == Some(name)).cloned();
        let (spec, is_init) = match named("/spec/containers") {
            Some(spec) => (spec, false),
            None => (named("/spec/initContainers")?, true),
        };
        let list = if is_init { "/status/initContainerStatuses" } else { "/status/containerStatuses" };
        let status = named(list)?;
        let restarts = text(&pod, "/spec/restartPolicy") != Some("Never");
        Some(Self { id, name, spec, status, is_init, restarts, pod })
    }

    /// Whether the process is meant to end.
    fn is_task(&self) -> bool {
        self.is_init || text(&self.pod, "/spec/restartPolicy") != Some("Always")
    }

    fn has_probe(&self) -> bool {
        self.spec.get("readinessProbe").is_some()
    }

    fn namespace(&self) -> &str {
        self.id.key.namespace.as_deref().unwrap_or_default()
    }

    fn restart_count(&self) -> i64 {
        number(&self.status, "/restartCount").unwrap_or_default()
    }

    fn next(&self, world: &mut World, after: Duration, step: Step) {
        next(world, self.id, self.name, after, step);
    }

    fn normal(&self, world: &mut World, reason: &str, message: impl Into<String>) {
        events::record(world, &self.id.key, &Report::normal(KUBELET, reason, message).of(self.name));
    }

    fn warn(&self, world: &mut World, reason: &str, message: impl Into<String>) {
        events::record(world, &self.id.key, &Report::warning(KUBELET, reason, message).of(self.name));
    }

    /// Changes the container's status, and what follows from it for the pod.
    fn update(&self, world: &mut World, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let list = if self.is_init { "/status/initContainerStatuses" } else { "/status/containerStatuses" };
        let now = world.stamp();
        world.change(&self.id.key, KUBELET, |pod| {
            let status = items_mut(pod, list).iter_mut().find(|status| text(status, "/name") == Some(self.name));
            if let Some(status) = status {
                edit(status);
            }
            refresh(pod, &now);
        })
    }

    fn wait(&self, world: &mut World, reason: &str, message: &str) {
        self.update(world, |status| {
            status["state"] = json!({"waiting": {"reason": reason, "message": message}});
        });
    }
}

/// Goes on with one container, if its pod is still meant to run.
pub(super) fn container(world: &mut World, id: &PodId, name: &str, step: Step) {
    let Some(container) = Container::find(world, id, name) else { return };
    match step {
        Step::Mount => mount(world, &container),
        Step::Pull { attempt } => pull(world, &container, attempt),
        Step::PullBackOff { attempt } => {
            let image = text(&container.spec, "/image").unwrap_or_default();
            let message = format!("Back-off pulling image {image:?}");
            container.wait(world, "ImagePullBackOff", &message);
            container.normal(world, "BackOff", message);
            container.warn(world, "Failed", "Error: ImagePullBackOff");
            let pause = back_off(attempt).saturating_sub(NOTICE_BACK_OFF);
            container.next(world, pause, Step::Pull { attempt: attempt + 1 });
        }
        Step::Pulled => {
            let image = text(&container.spec, "/image").unwrap_or_default();
            world.images.insert(image.to_owned());
            container.normal(world, "Pulled", format!("Successfully pulled image {image:?}"));
            create(world, &container);
        }
        Step::Create => create(world, &container),
        Step::Start => start(world, &container),
        Step::Probe => probe(world, &container),
        Step::Exit => exit(world, &container),
        Step::CrashBackOff => crash_back_off(world, &container),
    }
}

fn back_off(attempt: u32) -> Duration {
    BACK_OFF.saturating_mul(2_u32.saturating_pow(attempt)).min(LONGEST_BACK_OFF)
}

fn mount(world: &mut World, container: &Container<'_>) {
    match unmountable(world, &container.id.key, &container.pod) {
        Some(message) => {
            events::record(world, &container.id.key, &Report::warning(KUBELET, "FailedMount", message));
            container.next(world, RETRY, Step::Mount);
        }
        None => container.next(world, Duration::ZERO, Step::Pull { attempt: 0 }),
    }
}

/// Why the volumes of a pod cannot be mounted.
fn unmountable(world: &World, key: &ObjectKey, pod: &Value) -> Option<String> {
    let namespace = key.namespace.as_deref().unwrap_or_default();
    for volume in items(pod, "/spec/volumes") {
        let name = text(volume, "/name").unwrap_or_default();
        for (pointer, kind) in [("/secret/secretName", Kind::Secret), ("/configMap/name", Kind::ConfigMap)] {
            let Some(source) = text(volume, pointer) else { continue };
            let field = pointer.split('/').nth(1).unwrap_or_default();
            let optional = volume.pointer(&format!("/{field}/optional")) == Some(&Value::Bool(true));
            if !optional && world.store.get(&ObjectKey::new(kind, namespace, source)).is_none() {
                return Some(format!(
                    "MountVolume.SetUp failed for volume {name:?} : {} {source:?} not found",
                    kind.as_str().to_lowercase()
                ));
            }
        }
    }
    claims_of(key, pod)
        .into_iter()
        .find(|claim| world.store.get(claim).is_none_or(|claim| text(claim, "/status/phase") != Some("Bound")))
        .map(|claim| format!("persistentvolumeclaim {:?} is not bound", claim.name))
}

fn pull(world: &mut World, container: &Container<'_>, attempt: u32) {
    let image = text(&container.spec, "/image").unwrap_or_default();
    if !is_image_name(image) {
        let message = format!("Failed to apply default image tag {image:?}: couldn't parse image reference");
        container.wait(world, "InvalidImageName", &message);
        container.warn(world, "InspectFailed", message);
        container.warn(world, "Failed", "Error: InvalidImageName");
        container.next(world, RETRY, Step::Pull { attempt });
        return;
    }
    let there = world.images.contains(image);
    let policy = text(&container.spec, "/imagePullPolicy").unwrap_or("IfNotPresent");
    if there && policy != "Always" {
        container.normal(world, "Pulled", format!("Container image {image:?} already present on machine"));
        create(world, container);
        return;
    }
    if policy == "Never" {
        let message = format!("Container image {image:?} is not present with pull policy of Never");
        container.wait(world, "ErrImageNeverPull", &message);
        container.warn(world, "ErrImageNeverPull", message);
        container.next(world, RETRY, Step::Pull { attempt });
        return;
    }
    container.normal(world, "Pulling", format!("Pulling image {image:?}"));
    let Some(message) = world.faults.pull(image) else {
        container.next(world, if there { PULL_AGAIN } else { PULL }, Step::Pulled);
        return;
    };
    let message =
        if message.starts_with("rpc error") { message } else { format!("rpc error: code = Unknown desc = {message}") };
    container.wait(world, "ErrImagePull", &message);
    container.warn(world, "Failed", format!("Failed to pull image {image:?}: {message}"));
    container.warn(world, "Failed", "Error: ErrImagePull");
    container.next(world, NOTICE_BACK_OFF, Step::PullBackOff { attempt });
}

/// Whether a text can name an image: a path of lower-case parts, a tag, a digest.
fn is_image_name(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match name[last..].find(':') {
        Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
        None => (name, None),
    };
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    let mut parts = path.split('/');
    // The registry may have a port, and upper-case letters.
    let registry_or_part = parts.next().is_some_and(|first| {
        let host = first.split(':').next().unwrap_or_default();
        is_part(&host.to_ascii_lowercase()) && (path.contains('/') || is_part(first))
    });
    let is_tag = |tag: &str| {
        (1..=128).contains(&tag.len())
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && !tag.starts_with(['.', '-'])
    };
    registry_or_part && parts.all(is_part) && tag.is_none_or(is_tag) && digest.is_none_or(|digest| digest.contains(':'))
}

fn create(world: &mut World, container: &Container<'_>) {
    let problem = world.faults.config_error(container.name).or_else(|| missing_value(world, container));
    if let Some(message) = problem {
        container.wait(world, "CreateContainerConfigError", &message);
        container.warn(world, "Failed", format!("Error: {message}"));
        container.next(world, RETRY, Step::Create);
        return;
    }
    container.normal(world, "Created", format!("Created container {}", container.name));
    container.next(world, START, Step::Start);
}

/// What a container's environment refers to and is not there.
fn missing_value(world: &World, container: &Container<'_>) -> Option<String> {
    let namespace = container.namespace();
    let sources = [("secretKeyRef", Kind::Secret, "secret"), ("configMapKeyRef", Kind::ConfigMap, "configmap")];
    for variable in items(&container.spec, "/env") {
        for (field, kind, word) in sources {
            let Some(reference) = variable.pointer(&format!("/valueFrom/{field}")) else { continue };
            if reference.get("optional") == Some(&Value::Bool(true)) {
                continue;
            }
            let name = text(reference, "/name").unwrap_or_default();
            let wanted = text(reference, "/key").unwrap_or_default();
            let Some(found) = world.store.get(&ObjectKey::new(kind, namespace, name)) else {
                return Some(format!("{word} {name:?} not found"));
            };
            let has = |data: &str| found.get(data).and_then(|data| data.get(wanted)).is_some();
            if !has("data") && !has("binaryData") {
                return Some(format!("couldn't find key {wanted} in {kind} {namespace}/{name}"));
            }
        }
    }
    for source in items(&container.spec, "/envFrom") {
        for (field, kind, word) in
            [("secretRef", Kind::Secret, "secret"), ("configMapRef", Kind::ConfigMap, "configmap")]
        {
            let Some(name) = text(source, &format!("/{field}/name")) else { continue };
            let optional = source.pointer(&format!("/{field}/optional")) == Some(&Value::Bool(true));
            if !optional && world.store.get(&ObjectKey::new(kind, namespace, name)).is_none() {
                return Some(format!("{word} {name:?} not found"));
            }
        }
    }
    None
}

fn start(world: &mut World, container: &Container<'_>) {
    let now = world.stamp();
    let number = world.number();
    let ready = !container.has_probe() && !container.is_init;
    let image = text(&container.spec, "/image").unwrap_or_default();
    container.update(world, |status| {
        if let Some(last) = ended(status) {
            status["lastState"] = json!({"terminated": last});
            status["restartCount"] = json!(self::number(status, "/restartCount").unwrap_or_default() + 1);
        }
        status["state"] = json!({"running": {"startedAt": now}});
        status["started"] = json!(true);
        status["ready"] = json!(ready);
        status["imageID"] = json!(format!("{image}@sandbox"));
        status["containerID"] = json!(format!("containerd://{number:064x}"));
    });
    container.normal(world, "Started", format!("Started container {}", container.name));
    if world.faults.crash(container.name).is_some() {
        container.next(world, CRASH, Step::Exit);
    } else if container.is_task() {
        container.next(world, RUN, Step::Exit);
    } else if container.has_probe() {
        let usual = if container.name.starts_with("cht-couchdb") { READY_COUCHDB } else { READY };
        let after = world.durations.ready.unwrap_or(usual);
        container.next(world, after, Step::Probe);
    }
}

/// How the last run of a container ended.
fn ended(status: &Value) -> Option<Value> {
    let waits = status.pointer("/state/waiting").and_then(|_| status.pointer("/lastState/terminated"));
    status.pointer("/state/terminated").or(waits).cloned()
}

fn probe(world: &mut World, container: &Container<'_>) {
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

fn exit(world: &mut World, container: &Container<'_>) {
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
        status["state"] = json!({"terminated": {
            "exitCode": code,
            "reason": if code == 0 { "Completed" } else { "Error" },
            "startedAt": started,
            "finishedAt": now,
        }});
    });
    let over = code == 0 && container.is_task();
    if over && container.is_init {
        if let Some(pod) = updated {
            run_next(world, container.id, &pod);
        }
    } else if !over && container.restarts {
        if container.restart_count() == 0 {
            container.next(world, Duration::ZERO, Step::Create);
        } else {
            container.next(world, NOTICE_BACK_OFF, Step::CrashBackOff);
        }
    }
}

fn crash_back_off(world: &mut World, container: &Container<'_>) {
    let restarts = u32::try_from(container.restart_count()).unwrap_or(u32::MAX);
    let pause = back_off(restarts.saturating_sub(1));
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
            }) && items(pod, "/spec/containers").iter().any(|container| {
                text(container, "/name") == Some(name)
                    && (step == Step::Exit || container.get("readinessProbe").is_some())
            })
        })
        .map(|(key, pod)| PodId { key: key.clone(), uid: text(pod, "/metadata/uid").unwrap_or_default().to_owned() })
        .collect();
    for id in struck {
        next(world, &id, name, CRASH, step);
    }
}

/// The containers of a pod have stopped: nothing is left of it.
pub(super) fn stopped(world: &mut World, id: &PodId) {
    if world.pod(id).is_some() {
        world.remove(&id.key);
    }
}

/// Derives the pod's phase and conditions from its containers.
fn refresh(pod: &mut Value, now: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let seconds: Vec<_> = (0..7).map(|attempt| back_off(attempt).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 300, 300]);
    }

    #[test]
    fn image_names_are_told_from_other_texts() {
        for image in ["a", "a:1", "public.ecr.aws/medic/cht-api:4.9.0", "localhost:5000/a/b:x", "a@sha256:00"] {
            assert!(is_image_name(image), "{image}");
        }
        for image in ["", "A", "a b", "a:", "reg/A:1", "a:1:2", "http://x/a", "reg//a"] {
            assert!(!is_image_name(image), "{image}");
        }
    }
}
