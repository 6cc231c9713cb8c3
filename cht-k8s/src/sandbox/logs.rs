//! What containers write.

use cht_manifests::ObjectKey;
use serde_json::Value;

use super::json::{items, number, text};
use super::world::World;
use super::write::not_found;
use crate::LogOptions;

/// The lines that a container wrote.
///
/// # Errors
///
/// The server's words for why there are none.
pub(crate) fn of(world: &World, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, String> {
    let found = world.store.get(pod).ok_or_else(|| not_found(pod))?;
    let mut statuses =
        ["/status/containerStatuses", "/status/initContainerStatuses"].iter().flat_map(|list| items(found, list));
    let known = ["/spec/containers", "/spec/initContainers"]
        .iter()
        .flat_map(|list| items(found, list))
        .any(|known| text(known, "/name") == Some(container));
    if !known {
        return Err(format!("container {container} is not valid for pod {}", pod.name));
    }
    if text(found, "/spec/nodeName").is_none() {
        return Ok(String::new());
    }
    let status = statuses.find(|status| text(status, "/name") == Some(container)).unwrap_or(&Value::Null);
    if options.previous {
        if status.pointer("/lastState/terminated").is_none() {
            return Err(format!("previous terminated container {container:?} in pod {:?} not found", pod.name));
        }
    } else if let Some(reason) = text(status, "/state/waiting/reason")
        && status.pointer("/lastState/terminated").is_none()
    {
        return Err(format!("container {container:?} in pod {:?} is waiting to start: {reason}", pod.name));
    } else if number(status, "/restartCount").is_none() {
        return Err(format!("container {container:?} in pod {:?} is waiting to start: ContainerCreating", pod.name));
    }
    let written = match world.faults.crash(container) {
        Some((_, log)) => log,
        None => format!("{container} has started"),
    };
    let lines: Vec<_> = written.lines().collect();
    let skipped = lines.len().saturating_sub(usize::try_from(options.tail).unwrap_or(usize::MAX));
    let last = &lines[skipped..];
    Ok(if last.is_empty() { String::new() } else { last.join("\n") + "\n" })
}
