//! What keeps a pod from getting ready.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::problem::{Problem, ProblemCode};
use super::view::{View, uid};

/// A container that ended this often in one rollout does not mend itself.
const CRASHES: i32 = 3;
/// One refusal by a registry may be a passing state, e.g. a tag that is being pushed.
const PULLS: i32 = 2;

/// How long a pod may wait for room on a node.
const PATIENCE_FOR_ROOM: SignedDuration = SignedDuration::from_secs(120);

/// What the scheduler says of a pod that no node takes.
pub(super) fn unschedulable(pod: &Pod) -> Option<&str> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let scheduled = conditions.iter().find(|condition| condition.type_ == "PodScheduled")?;
    (scheduled.status == "False" && scheduled.reason.as_deref() == Some("Unschedulable"))
        .then(|| scheduled.message.as_deref().unwrap_or_default())
}

/// Whether the nodes that there are will ever take the pod, by what the scheduler says of each.
pub(super) fn is_unsatisfiable(message: &str) -> bool {
    const FOR_GOOD: [&str; 4] =
        ["match node selector", "match Pod's node affinity", "match node affinity", "volume node affinity conflict"];
    // Nodes that start or are drained carry taints of this family, and lose them.
    let passing_taint =
        message.contains("node.kubernetes.io/") || message.contains("node.cloudprovider.kubernetes.io/");
    let taint = message.contains("had taint") || message.contains("had untolerated taint");
    let unbound = message.contains("unbound immediate PersistentVolumeClaims");
    !unbound && !passing_taint && (taint || FOR_GOOD.iter().any(|reason| message.contains(reason)))
}

/// Nodes without room may be joined by others for a while: autoscalers take a minute or two.
fn lacks_room_for_long(view: &View, pod: &Pod, message: &str, now: Timestamp) -> bool {
    message.contains("Insufficient")
        && view
            .unschedulable_since(uid(&pod.metadata))
            .is_some_and(|since| now.duration_since(since) > PATIENCE_FOR_ROOM)
}

/// What is wrong with a pod, where waiting does not mend it. Crashes count only when what the pod depends on is ready.
pub(super) fn problem(
    view: &View,
    pod: &Pod,
    namespace: &str,
    dependencies_ready: bool,
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
        && (is_unsatisfiable(message) || lacks_room_for_long(view, pod, message, now))
    {
        return Some(Problem { message: format!("no node takes pod {name}: {message}"), ..template });
    }
    if let Some(message) = multi_attach(view, pod) {
        return Some(Problem { code: ProblemCode::VolumeAttached, message, ..template });
    }
    containers(pod).find_map(|container| {
        let (code, message) = container_problem(view, pod, container, dependencies_ready)?;
        let exit_code = last_exit(container);
        Some(Problem { code, message, container: Some(container.name.clone()), exit_code, ..template.clone() })
    })
}

/// What a pod that is not ready yet is doing.
pub(super) fn progress(pod: &Pod) -> String {
    if let Some(message) = unschedulable(pod) {
        return format!("no node takes the pod yet: {message}");
    }
    if pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_none()) {
        return "the pod waits for a node".to_owned();
    }
    let not_ready = containers(pod).find(|container| !container.ready);
    match not_ready {
        None => "the pod starts".to_owned(),
        Some(container) => container_progress(container),
    }
}

fn containers(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init = status.into_iter().flat_map(|status| status.init_container_statuses.iter().flatten());
    init.chain(status.into_iter().flat_map(|status| status.container_statuses.iter().flatten()))
}

fn waiting(container: &ContainerStatus) -> Option<(&str, &str)> {
    let waiting = container.state.as_ref()?.waiting.as_ref()?;
    Some((waiting.reason.as_deref().unwrap_or_default(), waiting.message.as_deref().unwrap_or_default()))
}

fn last_exit(container: &ContainerStatus) -> Option<i32> {
    let ended = |state: Option<&ContainerState>| Some(state?.terminated.as_ref()?.exit_code);
    ended(container.state.as_ref()).or_else(|| ended(container.last_state.as_ref()))
}

fn container_progress(container: &ContainerStatus) -> String {
    let name = &container.name;
    match waiting(container) {
        Some(("ContainerCreating" | "PodInitializing" | "", _)) => {
            format!("{name}: volumes are mounted and the image is pulled")
        }
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
    dependencies_ready: bool,
) -> Option<(ProblemCode, String)> {
    let name = &container.name;
    let image = &container.image;
    match waiting(container) {
        Some(("InvalidImageName", message)) => {
            Some((ProblemCode::ImageName, format!("{name}: {image:?} is not an image's name: {message}")))
        }
        Some(("CreateContainerConfigError", message)) if is_missing_reference(message) => {
            Some((ProblemCode::ContainerConfig, format!("{name} cannot be configured: {message}")))
        }
        Some(("ErrImageNeverPull", message)) => Some((ProblemCode::ImagePull, format!("{name}: {message}"))),
        Some(("ErrImagePull" | "ImagePullBackOff", message)) => {
            let (pulls, refusal) = pulls(view, pod, image);
            let refusal = refusal.unwrap_or(message);
            (pulls >= PULLS && !is_passing(refusal))
                .then(|| (ProblemCode::ImagePull, format!("{name}: image {image} cannot be pulled: {refusal}")))
        }
        _ => crashes(view, pod, container, dependencies_ready),
    }
}

/// A container that ended at least three times, at least once of them while this run watched.
fn crashes(
    view: &View,
    pod: &Pod,
    container: &ContainerStatus,
    dependencies_ready: bool,
) -> Option<(ProblemCode, String)> {
    let running = container.state.as_ref().is_some_and(|state| state.running.is_some());
    let in_run = view.restarts_in_run(pod, container);
    if running || !dependencies_ready || container.restart_count < CRASHES || in_run < 1 {
        return None;
    }
    let exit = last_exit(container).map_or_else(String::new, |code| format!(" with exit code {code}"));
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
    const PASSING: [&str; 7] = [
        "timeout",
        "deadline exceeded",
        "connection refused",
        "connection reset",
        "no route to host",
        "unexpected EOF",
        "toomanyrequests",
    ];
    PASSING.iter().any(|reason| message.contains(reason))
}

/// The volume is attached to another node, which the attach controller reports with an event only.
fn multi_attach(view: &View, pod: &Pod) -> Option<String> {
    let created = pod
        .status
        .as_ref()?
        .container_statuses
        .as_ref()
        .is_some_and(|all| all.iter().any(|one| one.started == Some(true)));
    if created {
        return None;
    }
    let events = view.events_in_run(uid(&pod.metadata));
    let event = events.into_iter().rev().find(|event| {
        event.reason.as_deref() == Some("FailedAttachVolume")
            && event.message.as_deref().is_some_and(|message| message.contains("Multi-Attach"))
    })?;
    event.message.clone()
}
