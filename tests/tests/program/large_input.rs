//! A megabyte of anything: an answer, within a bound of memory that the system holds the program to.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use cht_tests::program::{self, Cht, Ran};

const SIZE: usize = 1_000_000;

/// 200 MB, in the KiB that `ulimit -d` counts: it bounds what a process writes to, its threads' stacks included.
const LIMIT: &str = "204800";

/// The program validates a text as `values.yaml` in no more than so much memory.
fn validation(cht: &Cht, text: &str, limit: &str) -> Command {
    cht.write("values.yaml", text);
    let script = format!(r#"ulimit -d {limit} && exec "$0" validate -f values.yaml -o json"#);
    let program = program::cht();
    let program = program.to_str().expect("the target folder's name is text");
    cht.program(Path::new("/bin/sh"), ["-c", &script, program])
}

fn many(line: impl Fn(usize) -> String) -> String {
    let lines = (0..).map(line);
    let mut size = 0;
    lines
        .take_while(|line| {
            size += line.len();
            size <= SIZE
        })
        .collect()
}

#[test]
fn takes_little_memory_whatever_it_is() {
    let aliases = (0..1900).map(|number| format!("key{number}: *text\n")).collect::<Vec<_>>().concat();
    let nested =
        |number: usize| format!("a{}: &a{} [{}]\n", number + 1, number + 1, vec![format!("*a{number}"); 10].join(", "));
    let cases = [
        ("keys that are not known", many(|number| format!("key{number}: x\n"))),
        ("one key again and again", many(|_| "namespace: x\n".to_owned())),
        ("aliases of a long text", format!("text: &text {}\n{aliases}", "x".repeat(SIZE - aliases.len() - 20))),
        ("aliases of aliases", format!("a0: &a0 [x]\n{}", many(nested))),
        ("brackets", "[".repeat(SIZE)),
        ("a long password", format!("couchdb:\n  password: {}\n", "x".repeat(SIZE - 30))),
        ("references", format!("namespace: {}\n", "${env:HOME}".repeat((SIZE - 20) / 11))),
    ];
    for (case, text) in cases {
        assert!(text.len() <= SIZE, "{case}: {}", text.len());
        let ran = Ran::of(validation(&Cht::new(), &text, LIMIT));
        assert_eq!(ran.code, 2, "{case}: {} {}", ran.code, ran.stderr.chars().take(500).collect::<String>());
        assert_eq!(ran.json()["valid"], false, "{case}");
    }
}

#[test]
fn the_bound_holds_the_program() {
    let ended = validation(&Cht::new(), "", "100").output().expect("it starts");
    assert!(ended.status.signal().is_some(), "{ended:?}");
}
