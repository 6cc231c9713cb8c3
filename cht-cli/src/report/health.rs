//! How a component is, in few words.

use cht_k8s::{Broken, ComponentHealth, Health};

/// The state's name.
pub(crate) fn state(health: &Health) -> &'static str {
    match health {
        Health::Ready => "ready",
        Health::Progressing(_) => "progressing",
        Health::Degraded(_) => "degraded",
        Health::Failed(_) => "failed",
    }
}

/// Why it is not ready.
pub(crate) fn reason(health: &Health) -> Option<String> {
    match health {
        Health::Ready => None,
        Health::Progressing(waiting) | Health::Degraded(waiting) => Some(match waiting.blocked_by {
            Some(component) => format!("waits for {component}; {}", waiting.reason),
            None => waiting.reason.clone(),
        }),
        Health::Failed(problem) => Some(problem.message.clone()),
    }
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
    let node = problem.node.as_ref().map_or_else(String::new, |node| format!(" on node {node}"));
    let mut lines = vec![
        format!("error: {}: {}", broken.component, problem.message),
        format!("  seen at {}{node}", problem.object),
    ];
    lines.extend(broken.evidence.warnings.iter().map(|warning| format!("  warning: {warning}")));
    for tail in &broken.evidence.logs {
        let run = if tail.previous { "its previous run" } else { "its current run" };
        lines.push(format!("  last lines of {}, {run}:", tail.container));
        lines.extend(tail.lines.iter().map(|line| format!("    | {line}")));
    }
    lines.push(format!("hint [{}]: {}", problem.code, problem.code.hint()));
    lines.join("\n")
}
