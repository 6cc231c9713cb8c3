//! Commands that answer as a test says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cht_local::{CommandRunner, K3d, NotRun, Ran};
use serde_json::{Value, json};

type Answer = Result<Ran, NotRun>;

/// Commands whose answers are known beforehand, in order.
#[derive(Default)]
pub(crate) struct Scripted {
    script: Mutex<VecDeque<(String, Answer)>>,
    asked: Mutex<Vec<String>>,
}

#[expect(clippy::unnecessary_wraps, reason = "a command may as well not have run")]
pub(crate) fn says(stdout: impl Into<String>) -> Answer {
    Ok(Ran { succeeded: true, stdout: stdout.into(), stderr: String::new() })
}

#[expect(clippy::unnecessary_wraps, reason = "a command may as well not have run")]
pub(crate) fn fails(stderr: &str) -> Answer {
    Ok(Ran { succeeded: false, stdout: String::new(), stderr: stderr.to_owned() })
}

/// What `k3d version` says.
pub(crate) fn version() -> (&'static str, Answer) {
    ("k3d version", says("k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)\n"))
}

/// The list with one cluster `cht`.
pub(crate) fn listed(mark: Option<&str>, server: &str, balancer: &str, ports: Option<(u16, u16)>) -> Answer {
    let node = |role: &str, status: &str| {
        let state = json!({ "Running": status == "running", "Status": status });
        json!({ "name": format!("k3d-cht-{role}"), "role": role, "runtimeLabels": {}, "State": state })
    };
    let (mut server, mut balancer) = (node("server", server), node("loadbalancer", balancer));
    if let Some(mark) = mark {
        server["runtimeLabels"]["k3d-cht"] = mark.into();
    }
    if let Some((http, https)) = ports {
        let binding = |port: u16| json!([{ "HostIp": "127.0.0.1", "HostPort": port.to_string() }]);
        balancer["portMappings"] = json!({ "80/tcp": binding(http), "443/tcp": binding(https) });
    }
    says(Value::Array(vec![json!({ "name": "cht", "nodes": [server, balancer] })]).to_string())
}

impl Scripted {
    /// Commands that begin as written, each with its answer.
    pub(crate) fn new<'s>(script: impl IntoIterator<Item = (&'s str, Answer)>) -> Arc<Self> {
        let script = script.into_iter().map(|(command, answer)| (command.to_owned(), answer)).collect();
        Arc::new(Self { script: Mutex::new(script), asked: Mutex::default() })
    }

    pub(crate) fn k3d(self: &Arc<Self>) -> K3d {
        K3d::new(Arc::<Self>::clone(self))
    }

    /// What was asked, once the script is through; the port of the API is any.
    pub(crate) fn asked(&self) -> Vec<String> {
        assert_eq!(*self.script.lock().expect("one thread"), [], "not asked");
        let asked = self.asked.lock().expect("one thread");
        asked
            .iter()
            .map(|command| match command.split_once("--api-port 127.0.0.1:") {
                Some((before, after)) => {
                    let (port, after) = after.split_once(' ').expect("more follows");
                    assert!(port.parse::<u16>().is_ok(), "{command}");
                    format!("{before}--api-port 127.0.0.1:PORT {after}")
                }
                None => command.clone(),
            })
            .collect()
    }
}

#[async_trait]
impl CommandRunner for Scripted {
    async fn run(&self, program: &str, arguments: &[&str], _: Duration) -> Result<Ran, NotRun> {
        let command = format!("{program} {}", arguments.join(" "));
        let next = self.script.lock().expect("one thread").pop_front();
        let (expected, answer) = next.unwrap_or_else(|| panic!("nothing more was to be asked: {command}"));
        assert!(command.starts_with(&expected), "{command} instead of {expected}");
        self.asked.lock().expect("one thread").push(command);
        answer
    }
}
