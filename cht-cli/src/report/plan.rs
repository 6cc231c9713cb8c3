//! What a deploy would change: for people, and for programs.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use cht_k8s::{Change, Downtime, Fate, FieldChange, FieldConflict, Plan, Step, Superseded};
use serde_json::{Value, json};

use crate::exit::Exit;

/// So much of a value is shown to a person.
const LONGEST_VALUE: usize = 100;
/// So many fields of one owner are named to a person.
const MOST_FIELDS: usize = 3;

/// The whole plan, for people.
pub(crate) fn text(plan: &Plan, target: &str) -> String {
    let title = format!("{}: CHT {} in namespace {} of {target}", plan.project(), plan.version(), plan.namespace());
    let notes = plan.notes().iter().map(|note| format!("note: {note}"));
    let risks = plan.risks().iter().map(|risk| format!("{}: {risk}", painted("data at risk", AnsiColor::Red)));
    let lines = [title].into_iter().chain(changes(plan)).chain(notes).chain(risks);
    lines.map(|line| line + "\n").collect()
}

/// What would be done, and what people would notice of it, line by line.
pub(crate) fn changes(plan: &Plan) -> Vec<String> {
    let pending: Vec<_> = plan.steps().iter().filter(|step| !step.change.is_as_wanted()).collect();
    let alike = pending.chunk_by(|one, next| one.change == next.change && one.restarts == next.restarts);
    let superseded = plan.superseded().iter().filter_map(superseded);
    alike.flat_map(steps).chain(superseded).chain([counts(plan)]).chain(downtime(plan)).collect()
}

/// What becomes of an object that is not wanted any more; what is left alone is a note.
fn superseded(superseded: &Superseded) -> Option<String> {
    let (colour, kept) = match superseded.fate {
        Fate::Prune { .. } => (AnsiColor::Red, ""),
        Fate::Protected => (AnsiColor::White, ": not wanted any more, and kept, for it holds data"),
        Fate::NotOurs { .. } => return None,
    };
    let class = painted(&format!("{:<9}", superseded.fate.as_str()), colour);
    Some(format!("  {class} {}{kept}", superseded.object))
}

/// All that people would notice, the most first.
fn downtime(plan: &Plan) -> Option<String> {
    let mut nodes = Vec::new();
    let mut others = Vec::new();
    for down in plan.downtime() {
        match down {
            Downtime::Shards(node) => nodes.push(format!("couchdb-{node}")),
            Downtime::Unnoticed | Downtime::BackgroundTasks | Downtime::Instance => others.insert(0, down.to_string()),
        }
    }
    if !nodes.is_empty() {
        others.push(format!("the documents on {} cannot be read or written, in turn", nodes.join(", ")));
    }
    (!others.is_empty()).then(|| format!("for a time: {}", others.join("; ")))
}

fn counts(plan: &Plan) -> String {
    let (as_wanted, pending): (Vec<_>, Vec<_>) = plan.steps().iter().partition(|step| step.change.is_as_wanted());
    let pruned = plan.superseded().iter().filter(|superseded| matches!(superseded.fate, Fate::Prune { .. })).count();
    if pending.is_empty() && pruned == 0 {
        return format!("nothing to change: {} objects are as wanted", as_wanted.len());
    }
    let mut by_class: BTreeMap<(u8, &str), usize> = BTreeMap::new();
    for step in pending {
        *by_class.entry(class(&step.change)).or_default() += 1;
    }
    let parts = by_class.into_iter().map(|((_, class), count)| format!("{count} {class}"));
    let pruned = (pruned > 0).then(|| format!("{pruned} to prune"));
    let unchanged = (!as_wanted.is_empty()).then(|| format!("{} unchanged", as_wanted.len()));
    parts.chain(pruned).chain(unchanged).collect::<Vec<_>>().join(", ")
}

/// How objects of a class are counted, in which place.
fn class(change: &Change) -> (u8, &'static str) {
    match change {
        Change::Create => (0, "to create"),
        Change::Update { .. } => (1, "to change"),
        Change::Adopt { .. } => (2, "to adopt"),
        Change::Rerun => (3, "to run again"),
        Change::Untried { .. } => (4, "to apply untried"),
        Change::Conflict { .. } => (5, "in conflict"),
        Change::Immutable { .. } => (6, "that cannot change"),
        Change::Denied { .. } => (7, "denied"),
        Change::Unchanged | Change::Leave => (8, "unchanged"),
    }
}

fn colour(change: &Change) -> AnsiColor {
    match change {
        Change::Create => AnsiColor::Green,
        Change::Update { .. } | Change::Rerun | Change::Untried { .. } => AnsiColor::Yellow,
        Change::Adopt { .. } => AnsiColor::Cyan,
        Change::Conflict { .. } | Change::Immutable { .. } | Change::Denied { .. } => AnsiColor::Red,
        Change::Unchanged | Change::Leave => AnsiColor::White,
    }
}

pub(super) fn painted(text: &str, colour: AnsiColor) -> String {
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}

/// Steps of one class with the same details, which stand below them.
fn steps(alike: &[&Step]) -> Vec<String> {
    let step = |step: &&Step| {
        let class = painted(&format!("{:<9}", step.change.as_str()), colour(&step.change));
        format!("  {class} {}", step.manifest.object.key())
    };
    let each = if alike.len() > 1 { "each: " } else { "" };
    let details = alike.first().into_iter().flat_map(|step| {
        let replaced = step.restarts.map(|downtime| format!("its pods are replaced; meanwhile {downtime}"));
        details(&step.change).into_iter().chain(replaced)
    });
    alike.iter().map(step).chain(details.map(|line| format!("            {each}{line}"))).collect()
}

fn details(change: &Change) -> Vec<String> {
    match change {
        Change::Update { fields } => fields.iter().map(field).collect(),
        Change::Adopt { fields, owners } => owned(owners).into_iter().chain(fields.iter().map(field)).collect(),
        Change::Rerun => vec!["an earlier deploy has left it: it is removed, and run again".to_owned()],
        Change::Untried { message } => vec![format!("the server cannot try it: {message}")],
        Change::Conflict { fields } => {
            fields.iter().map(|conflict| format!("{} is owned by {}", conflict.field, conflict.manager)).collect()
        }
        Change::Immutable { message } => vec![message.clone()],
        Change::Denied { error } => vec![error.to_string()],
        Change::Unchanged | Change::Create | Change::Leave => Vec::new(),
    }
}

fn field(change: &FieldChange) -> String {
    format!("{}: {} → {}", change.field, value(change.old.as_ref()), value(change.new.as_ref()))
}

pub(super) fn value(value: Option<&Value>) -> String {
    let Some(value) = value else { return "(not set)".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Whose fields are taken over, a line for each owner.
fn owned(owners: &[FieldConflict]) -> Vec<String> {
    let mut by_owner: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for conflict in owners {
        by_owner.entry(&conflict.manager).or_default().push(&conflict.field);
    }
    let line = |(owner, fields): (&str, Vec<&str>)| {
        let more = fields.len().saturating_sub(MOST_FIELDS);
        let named = fields.iter().take(MOST_FIELDS).copied().collect::<Vec<_>>().join(", ");
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("taken over from {owner}: {named}{more}")
    };
    by_owner.into_iter().map(line).collect()
}

/// The whole plan, for programs.
pub(crate) fn json(plan: &Plan, requests: u64, exit: Exit) -> Value {
    let outcome = match exit {
        Exit::Ok => "unchanged",
        Exit::Pending => "pending",
        Exit::DataSafety => "data-safety",
        _ => "refused",
    };
    let downtime = plan.downtime();
    let downtime = downtime.iter().map(|down| json!({ "code": down.as_str(), "message": down.to_string() }));
    let refusals: Vec<_> = plan.refusals().iter().map(ToString::to_string).collect();
    let mut value = json!(plan.record());
    value["exit_code"] = exit.code().into();
    value["outcome"] = outcome.into();
    value["downtime"] = downtime.collect();
    value["refusals"] = refusals.into();
    value["requests"] = requests.into();
    value
}
