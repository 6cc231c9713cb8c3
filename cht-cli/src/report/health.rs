//! How a component is, in few words.

use std::collections::BTreeSet;

use cht_k8s::event_record::HealthState;
use cht_k8s::{Broken, ComponentHealth, Health, ProblemCode, Waiting};

/// The state's name.
pub(crate) fn state(health: &Health) -> &'static str {
    HealthState::from(health).as_str()
}

/// Why it is not ready.
pub(crate) fn reason(health: &Health) -> Option<String> {
    let own = health.reason()?;
    Some(match waiting(health).and_then(|waiting| waiting.blocked_by.as_ref()) {
        Some(blocker) if blocker.reason == own => format!("waits for {}: {own}", blocker.component),
        Some(blocker) => format!("waits for {}: {}; {own}", blocker.component, blocker.reason),
        None => own.to_owned(),
    })
}

/// What it waits for, unless it is ready or broken.
pub(crate) fn waiting(health: &Health) -> Option<&Waiting> {
    match health {
        Health::Progressing(waiting) | Health::Degraded(waiting) => Some(waiting),
        Health::Ready | Health::Failed(_) => None,
    }
}

/// What may be done about what takes long, each once.
pub(crate) fn hints(components: &[ComponentHealth]) -> Vec<String> {
    let codes = components.iter().filter_map(|component| waiting(&component.health)?.hint);
    codes.collect::<BTreeSet<_>>().into_iter().map(hint).collect()
}

/// What to do about it.
pub(crate) fn hint_of(health: &Health) -> Option<String> {
    let code = match health {
        Health::Failed(problem) => Some(problem.code),
        other => waiting(other)?.hint,
    };
    code.map(hint)
}

fn hint(code: ProblemCode) -> String {
    format!("hint [{code}]: {}", code.hint())
}

/// One line: component, state, reason.
pub(crate) fn line(component: &ComponentHealth) -> String {
    let name = component.component.to_string();
    let state = state(&component.health);
    match reason(&component.health) {
        None => format!("{name:<16} {state}"),
        Some(reason) => format!("{name:<16} {state}: {reason}"),
    }
}

/// What is broken, why, and what to do about it.
pub(crate) fn broken(broken: &Broken) -> String {
    let problem = &broken.problem;
    let place = [
        problem.node.as_ref().map(|node| format!(" on node {node}")),
        problem.container.as_ref().map(|container| format!(", container {container}")),
        problem.exit_code.map(|code| format!(", exit code {code}")),
    ];
    let mut lines = vec![
        format!("error: {}: {}", broken.component, problem.message),
        format!("  seen at {}{}", problem.object, place.into_iter().flatten().collect::<String>()),
    ];
    lines.extend(broken.evidence.warnings.iter().map(|warning| format!("  warning: {warning}")));
    for tail in &broken.evidence.logs {
        let run = if tail.previous { "its previous run" } else { "its current run" };
        lines.push(format!("  last lines of {}, {run}:", tail.container));
        lines.extend(tail.lines.iter().map(|line| format!("    | {line}")));
    }
    lines.push(hint(problem.code));
    lines.join("\n")
}
