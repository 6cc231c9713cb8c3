//! What keeps a pod from getting ready.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Event, Pod};
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::problem::{Problem, ProblemCode};
use super::view::{View, uid};

/// A container that ended this often in one rollout does not mend itself.
const CRASHES: i32 = 3;
/// A container that ends again and again runs for moments in between. Only after so long has it come to stay.
const STEADY: SignedDuration = SignedDuration::from_secs(10);
/// One refusal by a registry may be a passing state, e.g. a tag that is being pushed.
const PULLS: i32 = 2;

/// The reason by which the kubelet says that a container cannot be made from its configuration.
const MISCONFIGURED: &str = "CreateContainerConfigError";
/// How often it says so before it is not about what was there before this run any more.
const CONFIGURATIONS: i32 = 2;

/// How long a pod may wait for room on a node.
const PATIENCE_FOR_ROOM: SignedDuration = SignedDuration::from_secs(120);

/// What the scheduler says of a pod that no node takes.
pub(super) fn unschedulable(pod: &Pod) -> Option<&str> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let scheduled = conditions.iter().find(|condition| condition.type_ == "PodScheduled")?;
    (scheduled.status == "False" && scheduled.reason.as_deref() == Some("Unschedulable"))
        .then(|| scheduled.message.as_deref().unwrap_or_default())
}

/// Whether no node that there is will ever take the pod, by what the scheduler says of them. Where one of them may get
/// room or be let in again, it is not so.
pub(super) fn is_unsatisfiable(message: &str) -> bool {
    const FOR_GOOD: [&str; 4] =
        ["match node selector", "match Pod's node affinity", "match node affinity", "volume node affinity conflict"];
    const PASSING: [&str; 7] = [
        "unbound immediate PersistentVolumeClaims",
        // Nodes that start or are drained carry taints of these families, and lose them.
        "node.kubernetes.io/",
        "node.cloudprovider.kubernetes.io/",
        "were unschedulable",
        "Insufficient",
        "Too many pods",
        "free ports",
    ];
    let says = |reason: &&str| message.contains(reason);
    let taint = message.contains("had taint") || message.contains("had untolerated taint");
    !PASSING.iter().any(says) && (taint || FOR_GOOD.iter().any(says))
}

/// Whether waiting for a node is in vain. Nodes without room may be joined by others for a while: autoscalers take a
/// minute or two. So long may the scheduler take, too, until it notices what has changed since an earlier run.
fn is_in_vain(view: &View, pod: &Pod, message: &str, now: Timestamp) -> bool {
    let uid = uid(&pod.metadata);
    let for_long = || view.unschedulable_since(uid).is_some_and(|since| now.duration_since(since) > PATIENCE_FOR_ROOM);
    if is_unsatisfiable(message) {
        !view.was_unplaced(uid) || for_long()
    } else {
        message.contains("Insufficient") && for_long()
    }
}

/// What is wrong with a pod, where waiting does not mend it. Crashes count only while what the pod depends on is ready:
/// `ready_since` is since when.
pub(super) fn problem(
    view: &View,
    pod: &Pod,
    namespace: &str,
    ready_since: Option<Timestamp>,
    now: Timestamp,
) -> Option<Problem> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let template = Problem {
        code: ProblemCode::Unschedulable,
        object: ObjectKey::new(Kind::Pod, namespace, name),
        container: None,
        node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        exit_code: None,
        message: String::new(),
    };
    if let Some(message) = unschedulable(pod)
        && is_in_vain(view, pod, message, now)
    {
        return Some(Problem { message: format!("no node takes pod {name}: {message}"), ..template });
    }
    if let Some(message) = multi_attach(view, pod) {
        return Some(Problem { code: ProblemCode::VolumeAttached, message, ..template });
    }
    containers(pod).find_map(|container| {
        let (code, message) = container_problem(view, pod, container, ready_since)?;
        let exit_code = last_end(container).map(|end| end.exit_code);
        Some(Problem { code, message, container: Some(container.name.clone()), exit_code, ..template.clone() })
    })
}

/// What a pod that is not ready yet is doing.
pub(super) fn progress(view: &View, pod: &Pod) -> String {
    if let Some(message) = unschedulable(pod) {
        return format!("no node takes the pod yet: {message}");
    }
    if pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_none()) {
        return "the pod waits for a node".to_owned();
    }
    let not_ready = containers(pod).find(|container| !container.ready);
    match not_ready {
        None => "the pod starts".to_owned(),
        Some(container) => container_progress(view, pod, container),
    }
}

/// Whether all of a pod's containers run, ready or not.
pub(super) fn is_running(pod: &Pod) -> bool {
    let runs = |container: &ContainerStatus| container.state.as_ref().is_some_and(|state| state.running.is_some());
    containers(pod).next().is_some() && containers(pod).all(runs)
}

/// What a pod has to prove that counts as ready: that a container stays which has ended before. What has just ended is
/// seen here before its Deployment says that the pod is not available any more.
pub(super) fn unsteady(pod: &Pod, now: Timestamp) -> Option<String> {
    containers(pod).find_map(|container| {
        let Some(running) = container.state.as_ref().and_then(|state| state.running.as_ref()) else {
            // An init container that has done its work is ready.
            return (!container.ready)
                .then(|| last_end(container))
                .flatten()
                .map(|end| format!("{} has ended with exit code {}", container.name, end.exit_code));
        };
        // The node's clock may be a little ahead.
        let is_new = running.started_at.as_ref().is_some_and(|since| now.duration_since(since.0).abs() < STEADY);
        (container.restart_count > 0 && is_new).then(|| {
            format!(
                "{} has restarted {} times, and runs only since a moment ago",
                container.name, container.restart_count
            )
        })
    })
}

/// How a pod's container ended last.
pub(super) fn exit_code(pod: &Pod) -> Option<i32> {
    containers(pod).find_map(|container| last_end(container).map(|end| end.exit_code))
}

/// Whether a container cannot be made from its configuration.
pub(super) fn is_misconfigured(container: &ContainerStatus) -> bool {
    waiting(container).is_some_and(|(reason, _)| reason == MISCONFIGURED)
}

/// The state of each container of a pod, in the order in which they start.
pub(super) fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init = status.into_iter().flat_map(|status| status.init_container_statuses.iter().flatten());
    init.chain(status.into_iter().flat_map(|status| status.container_statuses.iter().flatten()))
}

fn waiting(container: &ContainerStatus) -> Option<(&str, &str)> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some((waiting.reason.as_deref().unwrap_or_default(), waiting.message.as_deref().unwrap_or_default()))
}

fn last_end(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let states = [&container.state, &container.last_state];
    states.into_iter().find_map(|state| state.as_ref()?.terminated.as_ref())
}

fn container_progress(view: &View, pod: &Pod, container: &ContainerStatus) -> String {
    let name = &container.name;
    match waiting(container) {
        Some(("ContainerCreating" | "PodInitializing" | "", _)) => match volume_trouble(view, pod) {
            Some(trouble) => format!("{name}: its volumes are not there yet: {trouble}"),
            None => format!("{name}: volumes are mounted and the image is pulled"),
        },
        Some((reason, "")) => format!("{name}: {reason}"),
        Some((reason, message)) => format!("{name}: {reason}: {message}"),
        None if container.restart_count > 0 => {
            format!("{name} is not ready, and has restarted {} times", container.restart_count)
        }
        None => format!("{name} runs and is not ready yet"),
    }
}

fn container_problem(
    view: &View,
    pod: &Pod,
    container: &ContainerStatus,
    ready_since: Option<Timestamp>,
) -> Option<(ProblemCode, String)> {
    let name = &container.name;
    let image = &container.image;
    match waiting(container) {
        Some(("InvalidImageName", message)) => {
            Some((ProblemCode::ImageName, format!("{name}: {image:?} is not an image's name: {message}")))
        }
        Some((MISCONFIGURED, message)) => (is_missing_reference(message)
            && is_misconfigured_in_run(view, pod, container))
        .then(|| (ProblemCode::ContainerConfig, format!("{name} cannot be configured: {message}"))),
        Some(("ErrImageNeverPull", message)) => Some((ProblemCode::ImagePull, format!("{name}: {message}"))),
        Some(("ErrImagePull" | "ImagePullBackOff", message)) => {
            let (pulls, refusal) = pulls(view, pod, image);
            let refusal = refusal.unwrap_or(message);
            (pulls >= PULLS && !is_passing(refusal))
                .then(|| (ProblemCode::ImagePull, format!("{name}: image {image} cannot be pulled: {refusal}")))
        }
        _ => crashes(view, pod, container, ready_since),
    }
}

/// A container that ended at least three times, at least once of them while this run watched, and at last when all that
/// it depends on was ready.
fn crashes(
    view: &View,
    pod: &Pod,
    container: &ContainerStatus,
    ready_since: Option<Timestamp>,
) -> Option<(ProblemCode, String)> {
    let running = container.state.as_ref().is_some_and(|state| state.running.is_some());
    let in_run = view.restarts_in_run(pod, container);
    if running || container.restart_count < CRASHES || in_run < 1 {
        return None;
    }
    let end = last_end(container);
    let ended_at = end.and_then(|end| end.finished_at.as_ref()).map_or(Timestamp::MAX, |time| time.0);
    if ended_at < ready_since? {
        return None;
    }
    let exit = end.map_or_else(String::new, |end| format!(" with exit code {}", end.exit_code));
    Some((
        ProblemCode::CrashLoop,
        format!("{} ends again and again{exit}: {} restarts", container.name, container.restart_count),
    ))
}

/// The kubelet's words for a key or an object that an environment variable refers to.
fn is_missing_reference(message: &str) -> bool {
    message.contains("couldn't find key")
        || message.contains("not found")
        || message.contains("non-existent config key")
}

/// Whether a container cannot be configured for a reason of this run. One that could not before gets time to notice what
/// this run has restored: the kubelet has to say so again.
fn is_misconfigured_in_run(view: &View, pod: &Pod, container: &ContainerStatus) -> bool {
    let says_so = |event: &&Event| {
        event.reason.as_deref() == Some("Failed")
            && event
                .message
                .as_deref()
                .is_some_and(|message| message.starts_with("Error: ") && is_missing_reference(message))
    };
    let said =
        || view.events_in_run(uid(&pod.metadata)).into_iter().filter(says_so).map(|event| view.count_in_run(event));
    !view.was_misconfigured(pod, container) || said().sum::<i32>() >= CONFIGURATIONS
}

/// How often the kubelet has tried to pull an image for a pod, and what it was told last.
fn pulls<'a>(view: &'a View, pod: &Pod, image: &str) -> (i32, Option<&'a str>) {
    let events = view.events_in_run(uid(&pod.metadata));
    let failed = events.into_iter().filter(|event| {
        event.reason.as_deref() == Some("Failed")
            && event
                .message
                .as_deref()
                .is_some_and(|message| message.starts_with("Failed to pull image") && message.contains(image))
    });
    failed.fold((0, None), |(count, _), event| (count + view.count_in_run(event), event.message.as_deref()))
}

/// What a slow or broken link says, rather than a registry.
fn is_passing(message: &str) -> bool {
    const PASSING: [&str; 13] = [
        "timeout",
        "deadline exceeded",
        "connection refused",
        "connection reset",
        "no route to host",
        "network is unreachable",
        "name resolution",
        "server misbehaving",
        "unexpected EOF",
        "toomanyrequests",
        "429 Too Many Requests",
        "502 Bad Gateway",
        "503 Service Unavailable",
    ];
    PASSING.iter().any(|reason| message.contains(reason))
}

/// Another pod has the volume on another node. (One that is only attached there still is being detached: whoever had it
/// is gone.)
fn multi_attach(view: &View, pod: &Pod) -> Option<String> {
    if containers(pod).any(has_run) {
        return None;
    }
    let trouble = volume_trouble(view, pod)?;
    (trouble.contains("Multi-Attach") && trouble.contains("already used by")).then(|| trouble.to_owned())
}

fn has_run(container: &ContainerStatus) -> bool {
    let runs = container.state.as_ref().is_some_and(|state| state.running.is_some());
    runs || container.restart_count > 0 || last_end(container).is_some()
}

/// What keeps a pod's volumes from it, by the last that was said of them: controller and kubelet say so with events only.
fn volume_trouble<'a>(view: &'a View, pod: &Pod) -> Option<&'a str> {
    const ABOUT_VOLUMES: [&str; 3] = ["FailedAttachVolume", "FailedMount", "SuccessfulAttachVolume"];
    let events = view.events_in_run(uid(&pod.metadata));
    let about = |event: &&Event| event.reason.as_deref().is_some_and(|reason| ABOUT_VOLUMES.contains(&reason));
    let last = events.into_iter().rev().find(about)?;
    last.message.as_deref().filter(|_| last.type_.as_deref() == Some("Warning"))
}

#[cfg(test)]
mod tests;
