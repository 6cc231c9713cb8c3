//! How long `cht render` takes as a whole process, for each example, beside a process that does nothing.
//!
//! Run by `benches/run`, with the release build.

#![expect(clippy::print_stdout, reason = "the tables are what a benchmark is run for")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// An odd number has a middle.
const RUNS: usize = 101;
/// What a person does not notice.
const BUDGET: Duration = Duration::from_millis(10);

fn main() {
    let cht = cht_tests::program::to_measure();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut files: Vec<PathBuf> = std::fs::read_dir(examples)
        .expect("the examples are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();

    println!("| `cht render`, whole process | median | 95 % |");
    println!("|---|---|---|");
    print_row("(a process that does nothing: `cht --version`)", &times(&cht, &["--version"]));
    let mut slow = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let times = times(&cht, &["render", "-f", &file.to_string_lossy()]);
        print_row(&name, &times);
        if times[RUNS / 2] > BUDGET {
            slow.push(name);
        }
    }
    assert!(slow.is_empty(), "over the budget of {BUDGET:?}: {}", slow.join(", "));
}

/// How long each run took, the shortest first.
fn times(cht: &Path, arguments: &[&str]) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(cht).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
            assert!(status.expect("the program starts").success(), "{arguments:?} failed");
            started.elapsed()
        })
        .collect();
    times.sort();
    times
}

fn print_row(name: &str, times: &[Duration]) {
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    println!("| {name} | {} | {} |", milliseconds(times[RUNS / 2]), milliseconds(times[RUNS * 95 / 100]));
}
