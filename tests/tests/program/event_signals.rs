//! A stream of records ends with its last line, whenever a signal comes.

#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdout, Command};

use cht_k8s::sandbox::Fault;
use cht_tests::event_lines::EventLines;
use cht_tests::program::{Cht, Ran, signal, start};
use serde_json::{Value, json};

use crate::connection::write_kubeconfig;
use crate::support::{clinic, deployed_clinic, let_fail};

const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

/// A program of which the first lines have been read.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    read: String,
}

impl Running {
    fn start(command: Command) -> Self {
        let mut child = start(command);
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, stdout, read: String::new() }
    }

    /// Reads until such a line has come.
    fn until(&mut self, is_it: impl Fn(&Value) -> bool) {
        loop {
            let mut line = String::new();
            assert_ne!(self.stdout.read_line(&mut line).expect("text"), 0, "not in\n{}", self.read);
            self.read.push_str(&line);
            if is_it(&serde_json::from_str(&line).expect("JSON")) {
                return;
            }
        }
    }

    /// Reads on to the end of the program, and of its lines.
    fn end(mut self) -> (EventLines, Ran) {
        self.stdout.read_to_string(&mut self.read).expect("text");
        let mut ran = Ran::from(self.child.wait_with_output().expect("its end"));
        ran.stdout = self.read;
        (EventLines::of_program(&ran), ran)
    }

    /// Sends a signal, and checks what the program then says.
    #[track_caller]
    fn interrupted(self, name: &str, code: i32) -> EventLines {
        signal(self.child.id(), name);
        let (lines, ran) = self.end();
        let _ = ran.expect(code);
        assert_eq!(lines.last()["outcome"], "interrupted");
        lines
    }
}

/// A pipe in the folder of the test.
fn fifo(cht: &Cht, name: &str) -> std::path::PathBuf {
    let path = cht.folder().join(name);
    let mut command = Command::new("mkfifo");
    command.arg(&path);
    let _ = Ran::of(command).expect(0);
    path
}

#[test]
fn while_values_are_read() {
    for (name, code) in SIGNALS {
        let cht = Cht::new();
        let values = fifo(&cht, "values.yaml");
        let running = Running::start(cht.command("deploy --sandbox -f values.yaml -o ndjson".split_whitespace()));
        // It is open when the program has opened it, too.
        let writer = OpenOptions::new().write(true).open(values).expect("the pipe");
        assert_eq!(running.interrupted(name, code).types(), ["run.finished"]);
        drop(writer);
    }
}

#[test]
fn while_credentials_are_waited_for() {
    for (name, code) in SIGNALS {
        let cht = clinic();
        write_kubeconfig(&cht, 1);
        let credentials = fifo(&cht, "credentials");
        let helper = format!(
            "exec: {{ apiVersion: client.authentication.k8s.io/v1, command: cat, args: [{}], interactiveMode: Never }}",
            credentials.display()
        );
        cht.write("kubeconfig", cht.read("kubeconfig").replace("token: t", &helper));
        let command = "deploy --kubeconfig kubeconfig -f values.yaml -o ndjson";
        let running = Running::start(cht.command(command.split_whitespace()));
        let writer = OpenOptions::new().write(true).open(credentials).expect("the pipe");
        assert_eq!(running.interrupted(name, code).types(), ["run.finished"]);
        drop(writer);
    }
}

#[test]
fn while_the_plan_is_made() {
    for (name, code) in SIGNALS {
        let cht = clinic();
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        write_kubeconfig(&cht, server.local_addr().expect("an address").port());
        let command = "deploy --kubeconfig kubeconfig -f values.yaml -o ndjson";
        let running = Running::start(cht.command(command.split_whitespace()));
        // Once a request is here, the program waits for its answer.
        let (connection, _) = server.accept().expect("a connection");
        BufReader::new(&connection).read_line(&mut String::new()).expect("a request");
        let lines = running.interrupted(name, code);
        assert_eq!(lines.types(), ["run.started", "run.finished"]);
        assert!(lines.last()["requests"].as_u64().is_some_and(|requests| requests > 0), "{:#}", lines.last());
    }
}

#[test]
fn while_the_instance_is_waited_for() {
    for (name, code) in SIGNALS {
        let cht = clinic();
        let_fail(&cht, &[Fault::Indexing { seconds: 1_000_000_000 }]);
        let command = "deploy --quiet --sandbox -f values.yaml -o ndjson --timeout 99999h";
        let mut running = Running::start(cht.command(command.split_whitespace()));
        running.until(|line| line["type"] == "component.health" && line["stage"] == "api");
        let lines = running.interrupted(name, code);
        assert_eq!((&lines.last()["stage"], &lines.last()["rev"]), (&json!("api"), &json!(1)));

        // What was interrupted is on record, and goes on.
        let history = cht.run("history --sandbox -f values.yaml -o json").expect(0).json();
        assert_eq!(history["revisions"][0]["outcome"], "interrupted");
        assert_eq!(history["revisions"][0]["run"], lines.last()["run"]);
    }
}

#[test]
fn while_an_instance_is_watched() {
    for (name, code) in SIGNALS {
        let cht = deployed_clinic();
        let mut running =
            Running::start(cht.command("status --watch --sandbox -f values.yaml -o ndjson".split_whitespace()));
        running.until(|line| line["type"] == "component.health");
        let lines = running.interrupted(name, code);
        assert_eq!(lines.only("run.started")["action"], "watch");
        assert!(lines.types()[1..lines.types().len() - 1].iter().all(|kind| *kind == "component.health"));
    }
}

/// Opens a pipe for writing that nobody reads, and that takes nothing more.
#[cfg(target_os = "linux")]
fn full(cht: &Cht) -> (File, File) {
    use std::io::{ErrorKind, Write as _};
    use std::os::unix::fs::OpenOptionsExt as _;

    const O_NONBLOCK: i32 = 0o4000;
    let path = fifo(cht, "full");
    let mut pipe = OpenOptions::new().read(true).write(true).custom_flags(O_NONBLOCK).open(&path).expect("the pipe");
    // The last byte, too: a write of a few of them is done as a whole or not at all.
    for size in [4096, 1] {
        while let Ok(written) = pipe.write(&vec![b'.'; size]) {
            assert!(written > 0);
        }
    }
    assert_eq!(pipe.write(b".").expect_err("it is full").kind(), ErrorKind::WouldBlock);
    let writer = OpenOptions::new().write(true).open(path).expect("the pipe");
    (pipe, writer)
}

/// Whoever reads standard error stands still, and so does the run: the first signal stops it in vain, the second ends it.
#[cfg(target_os = "linux")]
#[test]
fn the_second_one_ends_a_run_that_stands_still() {
    let cht = clinic();
    let log = "no".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-couchdb".to_owned(), exit_code: 1, log }]);
    let (pipe, writer) = full(&cht);
    let mut command = cht.command("deploy --quiet --sandbox -f values.yaml -o ndjson".split_whitespace());
    command.stderr(writer);
    let mut running = Running::start(command);
    running.until(|line| line["state"] == "failed");
    for (name, _) in SIGNALS {
        signal(running.child.id(), name);
    }
    // Which of the two comes first is not said.
    let (lines, ran) = running.end();
    assert!(matches!(ran.code, 130 | 143), "{ran}");
    assert_eq!((&lines.last()["outcome"], &lines.last()["stage"]), (&json!("interrupted"), &json!("couchdb")));
    drop(pipe);
}
