//! What `-o ndjson` writes, checked line by line against the schema that is shipped, by a validator that knows nothing else of
//! this project.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::program::{Ran, workspace};

/// The lines of one run, each of which is as the schema says, and which belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct EventLines(Vec<Value>);

/// The shipped schema.
///
/// # Panics
/// When it is no schema.
pub fn validator() -> &'static Validator {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let path = workspace().join("docs/schemas/event-v1.json");
        let text = std::fs::read_to_string(path).expect("the schema is there");
        let schema = serde_json::from_str(&text).expect("the schema is JSON");
        jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is one")
    })
}

impl EventLines {
    /// The lines that a run wrote to standard output.
    ///
    /// # Panics
    /// When one is not as it shall be, or they are not those of one run from its first line to its last.
    #[track_caller]
    pub fn of(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line is not whole:\n{text}");
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect();
        for line in &lines {
            let errors: Vec<_> = validator().iter_errors(line).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}\n{line:#}");
        }
        for (seq, line) in (1..).zip(&lines) {
            assert_eq!(line["seq"], seq, "{line}");
            assert_eq!(line["run"], lines[0]["run"], "{line}");
        }
        // All have the same length, so that they are ordered as text.
        assert!(lines.is_sorted_by_key(|line| line["ts"].as_str().map(str::to_owned)), "{text}");
        let finished: Vec<_> = lines.iter().filter(|line| line["type"] == "run.finished").collect();
        assert_eq!(finished, [lines.last().expect("a line")], "it ends once, and with that");
        Self(lines)
    }

    /// The lines of a program that has ended, the last of which says so.
    ///
    /// # Panics
    /// As [`of`](Self::of); and when the last line says another exit code.
    #[track_caller]
    pub fn of_program(ran: &Ran) -> Self {
        let lines = Self::of(&ran.stdout);
        assert_eq!(lines.last()["exit_code"], ran.code, "{ran}");
        lines
    }

    /// The types of the lines, in order.
    pub fn types(&self) -> Vec<&str> {
        self.0.iter().filter_map(|line| line["type"].as_str()).collect()
    }

    /// The lines of a type.
    pub fn all(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|line| line["type"] == kind).collect()
    }

    /// The only line of a type.
    ///
    /// # Panics
    /// When there is none, or several.
    #[track_caller]
    pub fn only(&self, kind: &str) -> &Value {
        match self.all(kind)[..] {
            [line] => line,
            ref lines => panic!("{} lines of {kind}", lines.len()),
        }
    }

    /// The last line.
    ///
    /// # Panics
    /// Never: there is one.
    pub fn last(&self) -> &Value {
        self.0.last().expect("a line")
    }
}
