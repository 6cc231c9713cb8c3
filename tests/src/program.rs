//! The built programs that whole-program tests run, and how they run them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{PoisonError, RwLock};

use tempfile::TempDir;

/// The program that a benchmark shall measure: its first argument that is none of Cargo's flags.
///
/// # Panics
/// When there is none.
pub fn to_measure() -> PathBuf {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.find(|argument| !argument.starts_with("--"));
    PathBuf::from(program.expect("a benchmark is told which program to measure"))
}

/// The path of the `cht` program of this build.
///
/// Cargo names a package's own programs to its tests, but not another package's. So `tests/run` builds
/// `cargo build -p cht-cli --bin cht` first, and this finds it in the target folder that the running test lies in.
///
/// # Panics
/// When it is not there.
pub fn cht() -> PathBuf {
    built("cht", "cargo build -p cht-cli --bin cht")
}

/// The path of the program that `cht-k8s/examples/deploy.rs` makes.
///
/// # Panics
/// When it is not there.
pub fn deploy_example() -> PathBuf {
    built("examples/deploy", "cargo build -p cht-k8s --example deploy")
}

fn built(name: &str, command: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/<profile>/deps/<test>, for tests; target/<profile>/examples/<example>, for benchmarks.
    let built =
        test.ancestors().nth(2).unwrap_or(Path::new("/")).join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        built.is_file(),
        "{} is not there: run `{command}` first, or the tests through `tests/run`",
        built.display()
    );
    built
}

/// The folder that the workspace is in.
///
/// # Panics
/// When this package is not in a workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is a folder of the workspace")
}

/// Held by whoever starts a program, and alone by whoever has a file locked.
static STARTING: RwLock<()> = RwLock::new(());

/// Does something while no other test starts a program: a program that is being started holds all open files for a moment,
/// and the locks on them, too.
pub fn while_nothing_starts<T>(work: impl FnOnce() -> T) -> T {
    let _guard = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// `cht` in a folder of its own, which is also its home, with no variable set but the search path. The folder is gone with
/// this.
#[derive(Debug)]
pub struct Cht {
    folder: TempDir,
}

impl Cht {
    /// An empty folder.
    ///
    /// # Panics
    /// When it cannot be made.
    #[expect(clippy::new_without_default, reason = "it makes a folder, which a default value should not")]
    pub fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in the folder.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder().join(name), content).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// The text of a file in the folder.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of the files in the folder, in order.
    ///
    /// # Panics
    /// When they cannot be listed.
    pub fn files(&self) -> Vec<String> {
        let entries = self.folder().read_dir().expect("the folder is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The command, for what [`run`](Self::run) does not offer. Its standard input is empty, and its output is kept.
    pub fn command<S: AsRef<str>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.program(&cht(), arguments)
    }

    /// Another program in the same surroundings.
    pub fn program<S: AsRef<str>>(&self, program: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()))
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command to its end. The words of `arguments` are separated by white space.
    ///
    /// # Panics
    /// When it cannot be started, is ended by a signal, or writes what is no text.
    pub fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments.split_whitespace()))
    }

    /// Runs the command with a text as its standard input.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn run_with_input(&self, arguments: &str, input: &str) -> Ran {
        let file = tempfile::tempfile().expect("a temporary file");
        let mut writer = &file;
        std::io::Write::write_all(&mut writer, input.as_bytes()).expect("the input is written");
        std::io::Seek::rewind(&mut writer).expect("a file can be read from its start");
        let mut command = self.command(arguments.split_whitespace());
        command.stdin(file);
        Ran::of(command)
    }
}

/// Starts a program.
///
/// # Panics
/// When it cannot be started.
pub fn start(mut command: Command) -> Child {
    let _guard = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Sends a signal to a running program: `KILL`, `STOP`, `CONT`, …
///
/// # Panics
/// When there is no such program or signal.
pub fn signal(process: u32, name: &str) {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &process.to_string()]);
    let _ = Ran::of(kill).expect(0);
}

/// What came of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it cannot be started, is ended by a signal, or writes what is no text.
    pub fn of(command: Command) -> Self {
        start(command).wait_with_output().expect("the end of a program can be waited for").into()
    }

    /// This, if it ended with that exit code.
    ///
    /// # Panics
    /// When it ended otherwise, with all that it wrote.
    #[must_use]
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{self}");
        self
    }

    /// Standard output as the one JSON document that it is.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not one JSON document: {error}\n{self}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}")),
            stdout: String::from_utf8(output.stdout).expect("standard output is text"),
            stderr: String::from_utf8(output.stderr).expect("standard error is text"),
        }
    }
}

/// Both streams one after the other, as snapshots have them.
impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}
