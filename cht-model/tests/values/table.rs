//! What each way of writing a scalar is, in one table: as text (`api.log_level`), as a truth value (`cache_images`), as a number
//! (`api.port`) and as a password. A cell has the value, or why it is refused.

use std::fmt::Write;

use cht_model::{CredentialKey, Instance, Layer, PullPolicy, Values};
use secrecy::ExposeSecret;

use crate::fixture::K3S;

/// What stands behind `key:`, as it is written.
const WRITTEN: &[&str] = &[
    // Truth values, and what YAML 1.1 took for them.
    "true",
    "false",
    "True",
    "FALSE",
    "'true'",
    "\"false\"",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "n",
    "'yes'",
    // Numbers.
    "8080",
    "'8080'",
    "0.32",
    "4.10",
    "1e5",
    "0123",
    "'0123'",
    "0x1F",
    "0o17",
    "1_000",
    "-1",
    "+1",
    "123456789012345678901234567890",
    ".inf",
    "-.inf",
    ".nan",
    "!!int 8080",
    "!!str 0.32",
    "!!str 8080",
    // Dates.
    "2026-11-23",
    "2026-11-23T10:00:00Z",
    "12:30:45",
    // Nothing.
    "",
    "~",
    "null",
    "Null",
    "'~'",
    "'null'",
    "''",
    "\"\"",
    "!!null ''",
    "# a",
    // Texts of several lines.
    "|\n    one\n    two\n",
    "|-\n    one\n    two\n",
    "|-\n    one\n",
    "|+\n    one\n\n",
    ">-\n    one\n    two\n",
    "\"one\n    two\"",
    "'one\n\n    two'",
    "one\n    two",
    // Signs.
    "😀",
    "\"\\U0001F600\"",
    "'käse'",
    "\"a\\tb\"",
    "\"a\\u0000b\"",
    "\"a\\nb\"",
    "a#b",
    "a #b",
    "'a #b'",
    "a:b",
    "'it''s'",
    "\"a\\\\b\"",
    "C:\\dir",
    "*a",
    "'*a'",
    "&a x",
    "@a",
    "`a`",
    "%a",
    "!a",
    "- a",
    "[a]",
    "{a: b}",
    "$(HOME)",
];

fn load(key: &str, written: &str) -> Result<Instance, String> {
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let more =
        if section.is_empty() { format!("{key}: {written}\n") } else { format!("{section}:\n  {name}: {written}\n") };
    let layers = [Layer::new("base.yaml", K3S), Layer::new("more.yaml", more)];
    let problem = |problems: &cht_model::Problems| {
        let first = problems.errors().next().expect("an error");
        format!("refused: {}", first.what())
    };
    let values = Values::load(&layers).map_err(|error| problem(&error.problems))?;
    values.validate().map(|checked| checked.value).map_err(|invalid| problem(&invalid.problems))
}

fn cell<T: std::fmt::Debug>(key: &str, written: &str, read: impl Fn(&Instance) -> T) -> String {
    load(key, written).map_or_else(|refused| refused, |instance| format!("{:?}", read(&instance)))
}

#[test]
fn each_way_to_write_a_scalar() {
    let mut table = String::new();
    for written in WRITTEN {
        let text = cell("api.log_level", written, |instance| {
            instance.api().logging.as_ref().map(|logging| logging.log_level.clone()).unwrap_or_default()
        });
        let truth = cell("cache_images", written, |instance| instance.images().pull_policy == PullPolicy::Cached);
        let number = cell("api.port", written, |instance| instance.api().port.get());
        let password = cell("couchdb.password", written, |instance| {
            let password = instance.couchdb().credentials.get(CredentialKey::Password);
            password.map_or_else(|| "(left out)".to_owned(), |password| password.expose_secret().to_owned())
        });
        let row = [("text", text), ("truth", truth), ("number", number), ("password", password)];
        let row: Vec<_> = row.iter().map(|(kind, cell)| format!("  {kind:<8} {cell}\n")).collect();
        writeln!(table, "{written:?}\n{}", row.concat()).expect("text");
    }
    insta::assert_snapshot!(table);
}

/// Anchors, aliases and merge keys, marks of byte order and line ends.
#[test]
fn what_stands_for_something_else() {
    let log_level = |more: &str| {
        let layers = [Layer::new("base.yaml", K3S), Layer::new("more.yaml", more)];
        let instance = Values::load(&layers).expect(more).validate().expect(more).value;
        instance.api().logging.as_ref().expect("5.x").log_level.clone()
    };
    for (more, value) in [
        ("x: &x 0.32\napi: {log_level: *x}\n", "0.32"),
        ("x: &x {log_level: a}\napi: *x\n", "a"),
        ("x: &x {log_level: a}\napi: {<<: *x}\n", "a"),
        ("x: &x {log_level: a}\napi: {<<: *x, log_level: b}\n", "b"),
        ("x: &x {log_level: a}\ny: &y {log_level: b}\napi: {<<: [*x, *y]}\n", "a"),
        ("x: &x {log_level: 0x10}\napi:\n  <<: *x\n", "0x10"),
        ("\u{feff}api: {log_level: a}\n", "a"),
        ("api:\r\n  log_level: a\r\n", "a"),
        ("api:\r  log_level: a\r", "a"),
        ("api:\r\n  log_level: >-\r\n    a\r\n    b\r\n", "a b"),
        ("\"api\": {'log_level': a}\n", "a"),
        ("? api\n: {log_level: a}\n", "a"),
    ] {
        assert_eq!(log_level(more), value, "{more:?}");
    }
}
