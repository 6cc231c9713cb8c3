//! What was done to an instance, for people.

use std::time::Duration;

use cht_k8s::{Counts, Revision, RevisionOutcome, RevisionSummary};

use super::text::time;

/// One line for each revision, oldest first.
pub(crate) fn table(project: &str, revisions: &[RevisionSummary]) -> String {
    if revisions.is_empty() {
        return format!("{project} has no history: nothing was deployed by this tool yet\n");
    }
    let heading = ["REVISION", "STARTED", "BY", "ACTION", "VERSION", "CHANGES", "TOOK", "OUTCOME"];
    super::table::table(heading, &revisions.iter().map(row).collect::<Vec<_>>())
}

fn row(revision: &RevisionSummary) -> [String; 8] {
    [
        revision.number.to_string(),
        started(revision),
        revision.actor.to_string(),
        revision.action.to_string(),
        revision.version.clone(),
        changes(&revision.counts),
        took(revision).map_or_else(|| "-".to_owned(), time),
        outcome(revision),
    ]
}

/// One revision with each of its changes.
pub(crate) fn whole(revision: &Revision) -> String {
    let summary = &revision.summary;
    let mut lines = vec![
        format!(
            "revision {}: {} of CHT {} by {}, {}",
            summary.number,
            summary.action,
            summary.version,
            summary.actor,
            started(summary)
        ),
        format!("outcome: {}", outcome(summary)),
    ];
    lines.extend(took(summary).map(|took| format!("took: {}", time(took))));
    lines.push(format!("address: {}", revision.address));
    if revision.changes.is_empty() {
        lines.push("no object was changed".to_owned());
    }
    lines.extend(revision.changes.iter().map(|change| format!("  {} {}", change.object, change.change)));
    lines.push(String::new());
    lines.join("\n")
}

fn started(revision: &RevisionSummary) -> String {
    format!("{:.0}", revision.started)
}

fn took(revision: &RevisionSummary) -> Option<Duration> {
    revision.finished.map(|finished| finished.duration_since(revision.started).unsigned_abs())
}

fn changes(counts: &Counts) -> String {
    let parts = [("+", counts.created), ("~", counts.changed), ("-", counts.removed)];
    let parts: Vec<_> =
        parts.iter().filter(|(_, count)| *count > 0).map(|(sign, count)| format!("{sign}{count}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(" ") }
}

fn outcome(revision: &RevisionSummary) -> String {
    match &revision.outcome {
        RevisionOutcome::Applying => "applying, or ended without a word".to_owned(),
        other => other.to_string(),
    }
}
