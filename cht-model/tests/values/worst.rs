//! Texts of a megabyte that are as hard to read as can be: nothing may take long, or much memory, for any of them.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::invariants::hold;

/// How large the texts are. Without optimization all of it takes much longer, and as much longer for each byte.
const SIZE: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// The largest text that is read.
const LIMIT: usize = 1 << 20;

fn many(piece: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        let next = piece(n);
        if text.len() + next.len() > SIZE {
            break;
        }
        text.push_str(&next);
    }
    text
}

fn repeated(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

/// What stands behind so much else that finding its line takes long for whoever begins at the first each time.
fn far_down(text: &str) -> String {
    let lines = SIZE.saturating_sub(text.len()) / 2;
    format!("{}{text}", "#\n".repeat(lines))
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        writeln!(text, "{}", line(n)).expect("text");
        text
    })
}

/// Each with what is hard about it.
pub(crate) fn texts() -> Vec<(&'static str, String)> {
    let laugh = |n: usize| format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 10].join(", "));
    let laughs = format!("a0: &a0 [{}]\n{}", "x, ".repeat(10), (0..100).map(laugh).collect::<String>());
    let echo = format!("a: &a {}\n{}", "x".repeat(SIZE), lines(1900, |n| format!("k{n}: *a")));
    let nested = (0..30).fold("x".repeat(SIZE), |inner, n| format!("&n{n} [{inner}]"));
    let long = |n: usize| format!("{n:04}{}", "couchdb_clustered.".repeat(5));
    vec![
        ("keys that are not known", many(|n| format!("key{n}: x\n"))),
        ("one key again and again", repeated("key: x\n")),
        (
            "as many keys as are read, each like a known one",
            lines(1990, |n| format!("couchdb.clusteredCouch_enable{n}: x")),
        ),
        ("as many long keys as are read", lines(1990, |n| format!("{}: x", long(n)))),
        ("as many keys far down", far_down(&lines(1990, |n| format!("key{n}: x")))),
        ("as many keys twice far down", far_down(&lines(1990, |_| "key: x".to_owned()))),
        (
            "sections where texts belong, far down",
            far_down(&format!("nodes:\n{}", lines(660, |n| format!("  node-{n}:\n    - x\n    -\n")))),
        ),
        ("a key without an end", "k".repeat(SIZE)),
        (
            "long keys, one in the other",
            (0..31).fold(String::new(), |text, n| format!("{text}{}{}:\n", " ".repeat(n), "k".repeat(SIZE / 35))),
        ),
        (
            "a long key above many",
            format!("{}:\n{}", "k".repeat(SIZE - SIZE / 10), lines(1990, |_| "  key: x".to_owned())),
        ),
        ("a long text", format!("namespace: {}", "x".repeat(SIZE))),
        ("a long number", format!("api:\n  port: {}\n", "9".repeat(SIZE))),
        ("a long password", format!("couchdb:\n  password: {}\n", "9".repeat(SIZE))),
        ("a password of many lines", format!("couchdb:\n  password: |\n{}", "    x\n".repeat(SIZE / 6))),
        ("a text of escapes", format!("namespace: \"{}\"", "\\u00e9".repeat(SIZE / 6))),
        ("a text of quotes", format!("namespace: '{}'", "''".repeat(SIZE / 2))),
        ("a text of empty lines", format!("namespace: |\n{}", "\n".repeat(SIZE))),
        ("a folded text", format!("namespace: >\n{}", "  x\n".repeat(SIZE / 4))),
        ("a plain text of many lines", format!("namespace: x\n{}", "  x\n".repeat(SIZE / 4))),
        ("spaces", repeated(" ")),
        ("tabs", repeated("\t")),
        ("carriage returns", repeated("\r")),
        ("comments", repeated("#\n")),
        ("one comment", repeated("#")),
        ("emoji", format!("namespace: {}", "😀".repeat(SIZE / 4))),
        ("marks of byte order", repeated("\u{feff}")),
        ("documents", repeated("---\n")),
        ("directives", repeated("%YAML 1.2\n")),
        ("tags", repeated("!!str ")),
        ("anchors", repeated("&a ")),
        ("anchors and texts", many(|n| format!("k{n}: &a{n} x\n"))),
        ("aliases of nothing", repeated("*a\n")),
        ("laughs", laughs),
        ("one long text under many names", echo),
        ("a long text in anchors, one in the other", format!("a: {nested}")),
        ("brackets", repeated("[")),
        ("braces", repeated("{")),
        ("sections in a line", repeated("{a: ")),
        ("lists of lists", repeated("- ")),
        ("questions", repeated("? ")),
        ("colons", repeated(": ")),
        ("a list in a line", format!("a: [{}", "x, ".repeat(SIZE / 3))),
        ("a section in a line", format!("a: {{{}", many(|n| format!("k{n}: x, ")))),
        (
            "keys merged",
            format!(
                "a: &a {{{}}}\n{}",
                (0..300).map(|n| format!("k{n}: x, ")).collect::<Vec<_>>().concat(),
                lines(1000, |n| format!("m{n}: {{<<: *a}}"))
            ),
        ),
        ("a quote without an end", format!("a: \"{}", "x\n ".repeat(SIZE / 3))),
        ("a mistake at the end", format!("{}a: b: c\n", "#\n".repeat(SIZE / 2))),
        ("references", format!("namespace: '{}'", "${env:A}".repeat(SIZE / 8))),
        ("references that do not end", format!("namespace: '{}'", "${env:".repeat(SIZE / 6))),
        ("references to long texts", lines(1900, |n| format!("k{n}: '{}'", "${env:LONG}".repeat(40)))),
    ]
}

/// How long a text may take, in builds without and with optimization.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 1 });

#[test]
fn none_takes_long() {
    for (what, text) in texts() {
        assert!(text.len() <= LIMIT, "{what}: {} bytes", text.len());
        let started = Instant::now();
        hold(&text);
        let taken = started.elapsed();
        assert!(taken <= LONGEST, "{what}: {taken:?}");
    }
}
