//! All there is to know about components: for people, and for programs.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::AnsiColor;
use cht_k8s::{
    ContainerTemplate, DescribedComponent, DescribedContainer, DescribedPod, DescribedService, Description, Happening,
};
use serde_json::Value;

use super::health;
use super::plan::painted;
use super::text::time;
use super::volumes::{mounted, size};

/// One block for each component.
pub(crate) fn text(described: &Description) -> String {
    let at = At(described);
    described.components.iter().map(|component| at.component(component)).collect::<Vec<_>>().join("\n")
}

/// All of it, for programs.
pub(crate) fn json(described: &Description) -> Value {
    let mut value = super::json::looked(described);
    let components = value.get_mut("components").and_then(Value::as_array_mut);
    for (component, of) in components.into_iter().flatten().zip(&described.components) {
        component["health"] = of.health.as_ref().map_or(Value::Null, super::json::component);
    }
    value
}

/// What ages are counted from.
struct At<'a>(&'a Description);

impl At<'_> {
    fn age(&self, since: Option<cht_k8s::Timestamp>) -> String {
        let Some(since) = since else { return "at an unknown time".to_owned() };
        let passed = Duration::try_from(self.0.at.duration_since(since)).unwrap_or_default();
        format!("{} ago", time(passed))
    }

    fn component(&self, of: &DescribedComponent) -> String {
        let mut lines = vec![format!(
            "{}: {}",
            of.component,
            of.health.as_ref().map_or("not known", |one| health::state(&one.health))
        )];
        if let Some(one) = &of.health {
            lines.extend(health::reason(&one.health).map(|reason| format!("  why: {reason}")));
            lines.extend(health::hint_of(&one.health).map(|hint| format!("  {hint}")));
        }
        let replicas = of.replicas;
        lines.push(format!(
            "  Deployment/{}, made {} by {}: {} of {} pods ready, {} of the current template, strategy {}",
            of.deployment,
            self.age(of.created),
            of.managed_by.as_deref().unwrap_or("an unknown tool"),
            replicas.ready,
            replicas.wanted,
            replicas.updated,
            of.strategy
        ));
        lines.extend(of.containers.iter().flat_map(template));
        lines.extend(of.pods.iter().flat_map(|pod| self.pod(pod)));
        for claim in &of.claims {
            let mut line = format!("  claim {}: {}, {}", claim.claim, claim.phase, size(claim));
            let _ = write!(line, ", class {}", claim.class.as_deref().unwrap_or("none"));
            if let Some(place) = &claim.place {
                let _ = write!(line, ", {place}");
            }
            let mounts: Vec<_> = claim.mounted_by.iter().map(mounted).collect();
            let _ = write!(
                line,
                ", mounted by {}",
                if mounts.is_empty() { "nobody".to_owned() } else { mounts.join(", ") }
            );
            lines.push(line);
        }
        lines.extend(of.services.iter().map(service));
        lines.extend(of.events.iter().map(|event| self.event(event)));
        lines.into_iter().map(|line| line + "\n").collect()
    }

    fn pod(&self, pod: &DescribedPod) -> Vec<String> {
        let place = match (&pod.node, &pod.address) {
            (Some(node), Some(address)) => format!(" on {node} at {address}"),
            (Some(node), None) => format!(" on {node}"),
            (None, _) => ", on no node yet".to_owned(),
        };
        let started = pod.started.map(|started| format!(", started {}", self.age(Some(started)))).unwrap_or_default();
        let mut lines = vec![format!("  pod {}: {}{place}{started}", pod.pod, pod.phase)];
        lines.extend(pod.containers.iter().map(|container| self.container(container)));
        lines.extend(
            pod.unmet.iter().map(|unmet| {
                format!("    not {}, since {}: {}", unmet.condition, self.age(unmet.since), unmet.message)
            }),
        );
        lines
    }

    fn container(&self, container: &DescribedContainer) -> String {
        let mut line = format!("    {}: {}", container.container, container.state);
        if container.since.is_some() {
            let _ = write!(
                line,
                " since {}, {}",
                self.age(container.since),
                if container.is_ready { "ready" } else { "not ready" }
            );
        }
        if !container.message.is_empty() {
            let _ = write!(line, ": {}", container.message);
        }
        if container.restarts > 0 {
            let _ = write!(line, "; restarted {} times", container.restarts);
        }
        if let Some(end) = &container.last_end {
            let _ = write!(line, "; last ended with exit code {} ({}) {}", end.exit_code, end.reason, self.age(end.at));
        }
        line
    }

    fn event(&self, event: &Happening) -> String {
        let what = if event.is_warning { painted("warning", AnsiColor::Yellow) } else { "event".to_owned() };
        let often = if event.count > 1 { format!("{} times, last ", event.count) } else { String::new() };
        format!("  {what} {often}{}: {}: {}: {}", self.age(event.last), event.object, event.reason, event.message)
    }
}

fn template(of: &ContainerTemplate) -> Vec<String> {
    let before = if of.is_init { ", which runs before the others" } else { "" };
    let part = |what: &str, amounts: &str| (!amounts.is_empty()).then(|| format!("    {what} {amounts}"));
    let head = format!("  container {}{before}: image {}", of.container, of.image);
    [head]
        .into_iter()
        .chain(part("requests", &of.requests))
        .chain(part("is limited to", &of.limits))
        .chain(of.probes.iter().map(|probe| format!("    probed whether {probe}")))
        .collect()
}

fn service(of: &DescribedService) -> String {
    let ports: Vec<_> = of.ports.iter().map(ToString::to_string).collect();
    let mut line = format!("  Service/{} ({}", of.service, of.sort);
    if let Some(address) = &of.address {
        let _ = write!(line, " {address}");
    }
    let _ = write!(line, ", ports {})", ports.join(", "));
    let leads = if of.endpoints.is_empty() {
        "leads nowhere".to_owned()
    } else {
        format!("leads to {}", of.endpoints.join(", "))
    };
    let _ = write!(line, ": {leads}");
    if !of.not_ready.is_empty() {
        let _ = write!(line, "; not ready: {}", of.not_ready.join(", "));
    }
    line
}
