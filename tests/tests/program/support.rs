//! What the tests have in common: small values, what is in the sandbox, and snapshots.

use std::io::pipe;

use cht_k8s::sandbox::{Fault, Sandbox};
use cht_tests::program::{Cht, Ran, while_nothing_starts};
use serde_json::{Value, json};

/// The sandbox that `--sandbox` names.
pub(crate) const SANDBOX: &str = "cht-sandbox.json";

/// The namespace of [`VALUES`].
pub(crate) const NAMESPACE: &str = "clinic";

/// An instance of one node, whose credentials are generated.
pub(crate) const VALUES: &str = "\
namespace: clinic
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: local
couchdb:
  couchdb_node_storage_size: 10Gi
";

/// The command, and [`VALUES`] in `values.yaml`.
pub(crate) fn clinic() -> Cht {
    let cht = Cht::new();
    cht.write("values.yaml", VALUES);
    cht
}

/// The command, and [`VALUES`] deployed in the sandbox.
pub(crate) fn deployed_clinic() -> Cht {
    let cht = clinic();
    let _ = deploy(&cht, "").expect(0);
    cht
}

/// Deploys `values.yaml` to the sandbox and reports the result only.
pub(crate) fn deploy(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("deploy --quiet --sandbox -f values.yaml {more}"))
}

/// Looks at `values.yaml` in the sandbox.
pub(crate) fn status(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("status --sandbox -f values.yaml {more}"))
}

/// Uninstalls `values.yaml` from the sandbox.
pub(crate) fn uninstall(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("uninstall --yes --sandbox -f values.yaml {more}"))
}

/// Runs a command of which nobody reads standard output.
pub(crate) fn unread(cht: &Cht, arguments: &str) -> Ran {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let mut command = cht.command(arguments.split_whitespace());
    command.stdout(writer);
    Ran::of(command)
}

/// Writes into the state file what goes wrong from now on, as a person would.
pub(crate) fn let_fail(cht: &Cht, faults: &[Fault]) {
    let mut state = if cht.files().iter().any(|name| name == SANDBOX) {
        state(cht)
    } else {
        json!({ "format": "cht-sandbox", "version": 1 })
    };
    state["faults"] = json!(faults);
    cht.write(SANDBOX, state.to_string());
}

/// The state file.
pub(crate) fn state(cht: &Cht) -> Value {
    serde_json::from_str(&cht.read(SANDBOX)).expect("the state file is JSON")
}

/// What changes with every write to the sandbox's objects.
pub(crate) fn version(cht: &Cht) -> Value {
    state(cht)["resource_version"].clone()
}

/// The sandbox's objects of a kind, in every namespace.
pub(crate) fn objects(cht: &Cht, kind: &str) -> Vec<Value> {
    let state = state(cht);
    let all = state["objects"].as_array().expect("a list").iter();
    all.filter(|object| object["kind"] == kind).cloned().collect()
}

/// The data of the Secret with the credentials, in base64.
pub(crate) fn credentials(cht: &Cht, namespace: &str) -> Value {
    let is_it = |secret: &&Value| {
        secret["metadata"]["name"] == "cht-couchdb-credentials" && secret["metadata"]["namespace"] == namespace
    };
    objects(cht, "Secret").iter().find(is_it).expect("the Secret is there")["data"].clone()
}

/// Does something to the sandbox as another program would, which has it for itself meanwhile.
pub(crate) fn with_sandbox<T>(cht: &Cht, work: impl FnOnce(&Sandbox) -> T) -> T {
    while_nothing_starts(|| {
        let sandbox = Sandbox::open(cht.folder().join(SANDBOX)).expect("the sandbox is there and free");
        work(&sandbox)
    })
}

/// Compares with a snapshot, without what depends on the sandbox's own pace and names.
pub(crate) fn snapshot(name: &str, value: &impl std::fmt::Display) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, replacement) in [
        (r"took \d.* s: ", "took [TIME]: "),
        (r"with the ports \d+ and \d+", "with the ports [HTTP] and [HTTPS]"),
        (r"waiting, \d.* so far", "waiting, [TIME] so far"),
        (r"\d+ requests", "[N] requests"),
        (r#""requests": \d+"#, r#""requests": "[N]""#),
        (r#""duration_seconds": [\d.]+"#, r#""duration_seconds": "[TIME]""#),
        (r#""requests":\d+"#, r#""requests":"[N]""#),
        (r#""duration_seconds":[\d.]+"#, r#""duration_seconds":"[TIME]""#),
        (r#""seq":\d+,"ts":"[^"]+","run":"[0-9a-f]{12}""#, r#""seq":"[N]","ts":"[TIME]","run":"[RUN]""#),
        (r#""user":"[^"]+","host":"[^"]+""#, r#""user":"[USER]","host":"[HOST]""#),
        (r#""tool":"[^"]+""#, r#""tool":"[VERSION]""#),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "[UID]"),
        (r"\b[0-9a-f]{64}\b", "[SHA-256]"),
        (r"\[secret [0-9a-f]{12}\]", "[secret MARK]"),
        (r"(cht-[a-z0-9-]+)-[0-9a-z]{8,10}-[0-9a-z]{5}(_|\b)", "$1-[POD]$2"),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings.bind(|| insta::assert_snapshot!(name, value.to_string()));
}
