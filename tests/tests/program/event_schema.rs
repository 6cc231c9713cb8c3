//! The schema that is shipped: it is what the program prints, what the program writes is as it says, and nothing else is.

use cht_tests::event_lines::{EventLines, validator};
use cht_tests::program::{Cht, workspace};
use serde_json::{Value, json};

use crate::support::{clinic, deploy};

#[test]
fn it_is_what_the_program_prints() {
    let printed = Cht::new().run("schema events").expect(0);
    assert_eq!(printed.stderr, "");
    let shipped = std::fs::read_to_string(workspace().join("docs/schemas/event-v1.json")).expect("the schema");
    assert!(printed.stdout == shipped, "write it anew: cht schema events > docs/schemas/event-v1.json");
    assert!(jsonschema::meta::is_valid(&printed.json()), "a schema itself");
}

#[test]
fn what_the_documentation_shows_is_as_it_says() {
    let text = std::fs::read_to_string(workspace().join("docs/EVENTS.md")).expect("the page");
    let shown: Vec<&str> = text.lines().filter(|line| line.starts_with(r#"{"v":"#)).collect();
    assert!(shown.len() > 5);
    for line in shown {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert!(validator().is_valid(&line), "{line:#}");
    }
    let schema = Cht::new().run("schema events").json();
    for of in schema["oneOf"].as_array().expect("types") {
        let row = format!("\n| `{}` |", of["title"].as_str().expect("a name"));
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn there_are_no_schemas_of_anything_else() {
    let ran = Cht::new().run("schema everything").expect(2);
    assert!(ran.stderr.contains("[possible values: events, values]"), "{ran}");
}

/// The lines of a deploy that breaks: most types are among them.
fn lines() -> Vec<Value> {
    let cht = clinic();
    let fault =
        cht_k8s::sandbox::Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log: "no".to_owned() };
    crate::support::let_fail(&cht, &[fault]);
    let ran = deploy(&cht, "-o ndjson").expect(8);
    let _ = EventLines::of_program(&ran);
    ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[track_caller]
fn refused(what: &str, line: &Value) {
    assert!(!validator().is_valid(line), "{what}: {line:#}");
}

#[test]
fn a_line_that_is_not_as_it_shall_be_is_refused() {
    for line in lines() {
        assert!(validator().is_valid(&line), "{line:#}");
        let fields = line.as_object().expect("an object").clone();
        // No field too many, and none that is null.
        let mut more = line.clone();
        more["surprise"] = json!(1);
        refused("a field too many", &more);
        for (name, value) in &fields {
            let mut other = line.clone();
            other[name] = Value::Null;
            refused(&format!("{name} is null"), &other);
            other[name] = if value.is_array() { json!({}) } else { json!([]) };
            refused(&format!("{name} is a list, or none"), &other);
            // What is in an object is as strict.
            if let Some(inner) = line[name].as_object().filter(|_| name != "classes") {
                let mut more = line.clone();
                more[name]["surprise"] = json!(1);
                refused(&format!("a field too many in {name}"), &more);
                assert!(!inner.is_empty() || name == "evidence", "{line:#}");
            }
        }
        for name in ["v", "seq", "ts", "run", "type"] {
            let mut less = line.clone();
            less.as_object_mut().expect("an object").remove(name);
            refused(&format!("without {name}"), &less);
        }
        for (name, value) in [
            ("v", json!("cht.event/v2")),
            ("seq", json!(0)),
            ("seq", json!(1.5)),
            ("ts", json!("2026-01-01 00:00:00")),
            ("ts", json!("2026-01-01T00:00:00Z")),
            ("ts", json!("2026-13-01T00:00:00.000Z")),
            ("run", json!("4711")),
            ("rev", json!(-1)),
            ("stage", json!("Not A Stage")),
            ("type", json!("run.surprised")),
        ] {
            let mut other = line.clone();
            other[name] = value;
            refused(name, &other);
        }
    }
}

/// What one type must have is no line of another.
#[test]
fn a_line_of_one_type_is_none_of_another() {
    let lines = lines();
    let of = |kind: &str| lines.iter().find(|line| line["type"] == kind).unwrap_or_else(|| panic!("{kind}")).clone();
    let kinds = ["run.started", "plan.made", "object.applied", "component.health", "component.failed", "run.finished"];
    for kind in kinds {
        for other in kinds.iter().filter(|other| **other != kind) {
            let mut line = of(kind);
            line["type"] = json!(other);
            refused(kind, &line);
        }
    }
    for (kind, needed) in [
        ("revision.started", "rev"),
        ("stage.started", "stage"),
        ("object.applied", "change"),
        ("component.health", "state"),
        ("component.failed", "evidence"),
        ("run.finished", "exit_code"),
        ("run.finished", "counts"),
    ] {
        let mut line = of(kind);
        line.as_object_mut().expect("an object").remove(needed);
        refused(kind, &line);
    }
    for (kind, field, wrong) in [
        ("object.applied", "change", json!("destroyed")),
        ("component.health", "state", json!("unwell")),
        ("run.finished", "exit_code", json!(256)),
        ("run.finished", "outcome", json!("")),
    ] {
        let mut line = of(kind);
        line[field] = wrong;
        refused(kind, &line);
    }
}
