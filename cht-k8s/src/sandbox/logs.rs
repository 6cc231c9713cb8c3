//! What containers write.

use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::future::ready;
use futures::stream::{self, StreamExt};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use super::json::{items, number, text};
use super::shared::Shared;
use super::watch;
use super::world::World;
use super::write::not_found;
use crate::{LiveObject, LogLines, LogOptions, LogRequest, WatchEvent, WrittenLine};

/// Between two lines of a container.
const PACE: Duration = Duration::from_millis(1);

/// One run of a container.
struct Run {
    started: Timestamp,
    lines: Vec<String>,
    /// What tells it from other runs, where it goes on.
    running: Option<String>,
}

/// The lines that a container wrote.
///
/// # Errors
///
/// The server's words for why there are none.
pub(crate) fn of(world: &World, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, String> {
    let Some(Run { lines, .. }) = run(world, pod, container, options.previous)? else { return Ok(String::new()) };
    let last = &lines[skipped(&lines, Some(options.tail))..];
    Ok(if last.is_empty() { String::new() } else { last.join("\n") + "\n" })
}

/// The lines that a container writes, with their times.
///
/// # Errors
///
/// The server's words for why there are none.
pub(crate) fn lines(
    shared: &Arc<Shared>,
    pod: &ObjectKey,
    container: &str,
    request: LogRequest,
) -> Result<LogLines, String> {
    let (run, version) =
        shared.read(|world| Ok::<_, String>((run(world, pod, container, request.previous)?, world.store.version())))?;
    let Some(run) = run else { return Ok(stream::empty().boxed()) };
    let first = skipped(&run.lines, request.tail);
    // As servers do, whole seconds count.
    let since =
        request.since.map_or(Timestamp::MIN, |since| Timestamp::from_second(since.as_second()).unwrap_or(since));
    let written = run.lines.into_iter().zip(0_u32..).skip(first).map(move |(text, number)| {
        let time = run.started.checked_add(PACE * number).unwrap_or(run.started);
        WrittenLine { time: Some(time), text, is_cut: false }
    });
    let written: Vec<_> = written.filter(|line| line.time >= Some(since)).map(Ok).collect();
    let written = stream::iter(written);
    let Some(running) = run.running.filter(|_| request.follow) else { return Ok(written.boxed()) };
    let namespace = pod.namespace.as_deref().unwrap_or_default();
    let (name, container) = (pod.name.clone(), container.to_owned());
    let goes_on = move |event: &WatchEvent| match event {
        WatchEvent::Changed(pod) if pod.name() == name => {
            id_of_running(pod, &container).is_some_and(|id| id == running)
        }
        WatchEvent::Deleted(pod) => pod.name() != name,
        WatchEvent::Changed(_) | WatchEvent::Bookmark(_) => true,
    };
    let until_it_ends = watch::stream(Arc::clone(shared), Kind::Pod, namespace, version)
        .take_while(move |event| ready(event.as_ref().is_ok_and(&goes_on)))
        .filter_map(|_| ready(None));
    Ok(written.chain(until_it_ends).boxed())
}

fn skipped(lines: &[String], tail: Option<u32>) -> usize {
    let tail = tail.map_or(usize::MAX, |tail| usize::try_from(tail).unwrap_or(usize::MAX));
    lines.len().saturating_sub(tail)
}

fn id_of_running<'a>(pod: &'a LiveObject, container: &str) -> Option<&'a str> {
    running_id(statuses(pod.value()).find(|status| text(status, "/name") == Some(container))?)
}

fn running_id(status: &Value) -> Option<&str> {
    status.pointer("/state/running").and_then(|_| text(status, "/containerID"))
}

fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    ["/status/containerStatuses", "/status/initContainerStatuses"].into_iter().flat_map(|list| items(pod, list))
}

/// One run of a container; none before the pod has a node.
fn run(world: &World, pod: &ObjectKey, container: &str, previous: bool) -> Result<Option<Run>, String> {
    let found = world.store.get(pod).ok_or_else(|| not_found(pod))?;
    let known = ["/spec/containers", "/spec/initContainers"]
        .iter()
        .flat_map(|list| items(found, list))
        .any(|known| text(known, "/name") == Some(container));
    if !known {
        return Err(format!("container {container} is not valid for pod {}", pod.name));
    }
    if text(found, "/spec/nodeName").is_none() {
        return Ok(None);
    }
    let status = statuses(found).find(|status| text(status, "/name") == Some(container)).unwrap_or(&Value::Null);
    let last = status.pointer("/lastState/terminated");
    if previous {
        if last.is_none() {
            return Err(format!("previous terminated container {container:?} in pod {:?} not found", pod.name));
        }
    } else if let Some(reason) = text(status, "/state/waiting/reason")
        && last.is_none()
    {
        return Err(format!("container {container:?} in pod {:?} is waiting to start: {reason}", pod.name));
    } else if number(status, "/restartCount").is_none() {
        return Err(format!("container {container:?} in pod {:?} is waiting to start: ContainerCreating", pod.name));
    }
    let written = match world.faults.crash(container) {
        Some((_, log)) => log,
        None => format!("{container} has started"),
    };
    let mut current = ["/state/running", "/state/terminated"].into_iter().filter(|_| !previous);
    let state = current.find_map(|state| status.pointer(state)).or(last);
    let started = state.and_then(|state| text(state, "/startedAt")).and_then(|time| time.parse().ok());
    let started: Timestamp = started.unwrap_or(world.now);
    // Statuses carry whole seconds, in which a container may have run more than once.
    let is_earlier = previous && status.pointer("/state/waiting").is_none();
    let number = number(status, "/restartCount").unwrap_or_default() - i64::from(is_earlier);
    let after = Duration::from_millis(number.rem_euclid(10).unsigned_abs() * 100);
    Ok(Some(Run {
        started: started.checked_add(after).unwrap_or(started),
        lines: written.lines().map(str::to_owned).collect(),
        running: running_id(status).filter(|_| !previous).map(str::to_owned),
    }))
}
