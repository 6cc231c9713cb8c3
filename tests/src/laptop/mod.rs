//! A laptop: `cht` with nothing on its search path but what a test puts there, such as a k3d that is played.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::program::{Cht, Ran};

/// A command for the search path, and the script that plays it.
pub const K3D: (&str, &str) = ("k3d", include_str!("k3d.sh"));

/// The command of a container engine.
pub const DOCKER: (&str, &str) = ("docker", include_str!("docker.sh"));

/// The command of another container engine.
pub const PODMAN: (&str, &str) = ("podman", include_str!("docker.sh"));

/// `cht` in a folder of its own, with its own search path.
#[derive(Debug)]
pub struct Laptop {
    /// The folder, which is also the home.
    pub cht: Cht,
}

impl Laptop {
    /// A laptop with these commands and no others.
    ///
    /// # Panics
    /// When the files cannot be written.
    pub fn with(commands: &[(&str, &str)]) -> Self {
        let laptop = Self { cht: Cht::new() };
        fs::create_dir_all(laptop.state("clusters")).expect("a folder");
        let bin = laptop.cht.folder().join("bin");
        fs::create_dir(&bin).expect("a folder");
        for (name, script) in commands {
            let path = bin.join(name);
            fs::write(&path, script).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
        }
        laptop
    }

    /// A file of what is played.
    pub fn state(&self, name: &str) -> PathBuf {
        self.cht.folder().join("played").join(name)
    }

    /// Says something to what is played: which version it has, what is wrong with the engine, which ports are taken.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn say(&self, name: &str, text: &str) {
        fs::write(self.state(name), text).expect("written");
    }

    /// Puts a cluster there: its mark, if any, and the state of its server and of its load balancer, if it has one.
    ///
    /// # Panics
    /// When the files cannot be written.
    pub fn cluster(&self, name: &str, mark: Option<&str>, server: &str, balancer: Option<&str>) {
        let folder = format!("clusters/{name}");
        fs::create_dir_all(self.state(&folder)).expect("a folder");
        let marks = mark.map(|mark| ("mark", mark)).into_iter().chain(balancer.map(|state| ("balancer", state)));
        for (file, text) in marks.chain([("server", server), ("http", "8080"), ("https", "8443")]) {
            self.say(&format!("{folder}/{file}"), text);
        }
    }

    /// What k3d was asked to do since the last time, without what it was only asked about.
    pub fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.state("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.state("calls"));
        let acts = |call: &&str| !call.starts_with("version") && !call.starts_with("cluster list");
        calls.lines().filter(acts).map(str::to_owned).collect()
    }

    /// The command.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = self.cht.command(arguments.split_whitespace());
        command.env("PATH", self.cht.folder().join("bin")).env("K3D_PLAYED", self.state(""));
        // A k3s of the machine that the tests run on is none of theirs.
        command.env("K3S_KUBECONFIG_OUTPUT", self.cht.folder().join("k3s.yaml"));
        command
    }

    /// Runs the command to its end.
    ///
    /// # Panics
    /// When it cannot be started, is ended by a signal, or writes what is no text.
    pub fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments))
    }
}
