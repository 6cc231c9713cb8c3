//! The peer: `kubectl apply --server-side` of the same objects, then waiting for every Deployment.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cht_manifests::Kind;
use cht_tests::cluster::TestCluster;
use serde_json::{Value, json};

/// How long kubectl took.
pub(crate) struct Times {
    pub(crate) first: Duration,
    pub(crate) unchanged: Duration,
}

/// The same objects twice; nothing where there is no kubectl.
pub(crate) fn deploys(cluster: &TestCluster, program: &Path, values: &Path, namespace: &str) -> Option<Times> {
    let objects = objects(program, values);
    let first = deploy(cluster, &objects, namespace)?;
    let unchanged = deploy(cluster, &objects, namespace)?;
    Some(Times { first, unchanged })
}

/// What both deploy: but for kinds that the server may lack, which the program leaves out then and kubectl fails on.
pub(crate) fn objects(program: &Path, values: &Path) -> Vec<u8> {
    let rendered = Command::new(program).args(["render", "-o", "json", "-f"]).arg(values).output();
    let rendered = rendered.expect("the program starts").stdout;
    let mut objects: Vec<Value> = serde_json::from_slice(&rendered).expect("a list of objects");
    let is_optional =
        |object: &Value| Kind::ALL.iter().any(|kind| kind.is_optional() && object["kind"] == kind.as_str());
    objects.retain(|object| !is_optional(object));
    json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string().into_bytes()
}

/// Applies objects and waits for their Deployments; nothing where there is no kubectl.
pub(crate) fn deploy(cluster: &TestCluster, objects: &[u8], namespace: &str) -> Option<Duration> {
    let started = Instant::now();
    let mut apply = kubectl(cluster)
        .args(["apply", "--server-side", "--force-conflicts", "-f", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .ok()?;
    apply.stdin.take()?.write_all(objects).ok()?;
    apply.wait().ok()?.success().then_some(())?;
    let wait = kubectl(cluster)
        .args(["--namespace", namespace, "wait", "--for=condition=Available", "deployment", "--all", "--timeout=60s"])
        .status();
    wait.ok()?.success().then(|| started.elapsed())
}

fn kubectl(cluster: &TestCluster) -> Command {
    let mut command = Command::new("kubectl");
    command.arg("--kubeconfig").arg(cluster.kubeconfig()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
