//! What is made from the table.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{Deviation, TOPICS, Topic};

const BEFORE: &str = "\
# Where the objects differ from the charts'

For the same values, every field that CHT's Helm chart of a release line sets has the same value here, except the fields
below. Each difference is deliberate. What the charts do not set at all (labels, ports' protocols) is listed too, as far
as it changes how the instance runs or is managed.

`<ns>` is the namespace, `N` the number of a CouchDB node.
";

const AFTER: &str = "
## The case where the charts' own bugs show

The values of a 5.x k3s single node with `preExistingDataAvailable: 'false'` (in quotes, as the chart's own example has
it) and without `couchdb.user` differ in exactly three fields from what the chart renders: the claim's
`storageClassName`, the claim's `volumeName` and the Secret's `COUCH_URL`. The chart's rendering of that case does not
run: its claim names a volume that nobody makes, and its URL has no user.
";

fn document() -> String {
    let mut text = BEFORE.to_owned();
    for Topic { title, about, deviations, .. } in TOPICS {
        let about = if about.is_empty() { String::new() } else { format!("{about}\n\n") };
        write!(text, "\n## {title}\n\n{about}").expect("a text");
        text.push_str("| Object, field | Where | Charts | Here | Why |\n|---|---|---|---|---|\n");
        for Deviation { subject, lines, charts, here, why, .. } in deviations {
            writeln!(text, "| {subject} | {lines} | {charts} | {here} | {why} |").expect("a text");
        }
    }
    text + AFTER
}

/// The rules for a comparison with what the charts render. A `[` begins a set of characters there.
fn rules() -> Value {
    let rules = TOPICS.into_iter().flat_map(|topic| {
        topic.deviations.iter().flat_map(move |deviation| {
            deviation.reference.iter().map(move |(case, path)| {
                json!({
                    "profile": topic.profile, "case": case, "path": path.replace('[', "[[]"),
                    "reason": format!("{}: {}", deviation.subject, deviation.why),
                })
            })
        })
    });
    let about = "Made from the table in cht-manifests/tests/rendering/deviations.rs.";
    json!({ "about": about, "rules": rules.collect::<Vec<_>>() })
}

/// Compares a file with what it is made from; with `UPDATE_DOCS=1`, makes it anew.
fn assert_made(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, made).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the file is there");
    assert!(kept == made, "{file} is not as its table says: UPDATE_DOCS=1 makes it anew");
}

#[test]
fn the_document_is_as_the_table_says() {
    assert_made("docs/DEVIATIONS.md", &document());
}

#[test]
fn the_rules_of_parity_are_as_the_table_says() {
    let rules = serde_json::to_string_pretty(&rules()).expect("JSON");
    assert_made("tests/parity/deviations.json", &format!("{rules}\n"));
}
