//! A sandbox on the day of the tests, an instance in it, and files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use cht_model::{Instance, TLS_SECRET};
use futures::StreamExt;
use futures::executor::block_on;
use k8s_openapi::ByteString;
use serde_json::json;
use tempfile::TempDir;

use super::super::Pair;
use super::super::live::LiveCertificate;
use super::made::{Authority, DAY, FITTING, NOW, Wish, authority, issued};
use crate::health::testing::{K3D, instance};
use crate::plan::{Plan, plan};
use crate::sandbox::Sandbox;
use crate::{Cluster, Event, Options, deploy};

pub(super) const NAMESPACE: &str = "county-a";
pub(super) const HOST: &str = "ingress.host=cht.example.org";
pub(super) const SELF_SIGNED: [&str; 2] = ["cert_source=self-signed", HOST];

/// A sandbox in which it is the day of the tests.
pub(super) fn sandbox() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let clock = sandbox.clock();
    let until = u64::try_from(NOW - clock.now().as_second()).expect("the tests live later");
    block_on(clock.sleep(Duration::from_secs(until)));
    sandbox
}

pub(super) fn pass(sandbox: &Sandbox, days: i64) {
    block_on(sandbox.clock().sleep(Duration::from_secs(u64::try_from(days * DAY).expect("days"))));
}

pub(super) fn county(set: &[&str]) -> Instance {
    instance(K3D, set)
}

/// Files with a pair, and the values that name them.
pub(super) struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    pub(super) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), authority: authority("Root", None) }
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(super) fn put(&self, (certificate, key): &(String, String)) {
        for (name, text) in [("a.crt", certificate), ("a.key", key)] {
            std::fs::write(Path::new(&self.path(name)), text).expect("a file");
        }
    }

    pub(super) fn issue(&self, from: i64, until: i64) -> (String, String) {
        issued(&self.authority, &Wish { from, until, ..FITTING })
    }

    pub(super) fn instance(&self) -> Instance {
        let (certificate, key) = (self.path("a.crt"), self.path("a.key"));
        let certificate = format!("certificate_crt_file_path={certificate}");
        county(&["cert_source=specify-file-path", &certificate, &format!("certificate_key_file_path={key}"), HOST])
    }
}

pub(super) fn deploys(sandbox: &Arc<Sandbox>, plan: Plan) {
    let cluster = Arc::clone(sandbox) as Arc<dyn Cluster>;
    let events: Vec<_> = block_on(deploy(cluster, plan, Options::default()).collect());
    let Some(Event::Finished(outcome)) = events.last() else { panic!("no outcome") };
    assert!(outcome.result.is_ok(), "{outcome:?}");
}

pub(super) fn planned(sandbox: &Sandbox, instance: &Instance) -> Plan {
    block_on(plan(sandbox, instance.clone())).expect("a plan")
}

pub(super) fn deployed(sandbox: &Arc<Sandbox>, instance: &Instance) -> Plan {
    deploys(sandbox, planned(sandbox, instance));
    planned(sandbox, instance)
}

pub(super) fn change(plan: &Plan, secret: &str) -> &'static str {
    let step = plan.steps().iter().find(|step| step.manifest.object.key() == key(secret));
    step.map_or("not wanted", |step| step.change.as_str())
}

pub(super) fn key(secret: &str) -> ObjectKey {
    ObjectKey::new(Kind::Secret, NAMESPACE, secret)
}

pub(super) fn pair_in(sandbox: &Sandbox, secret: &str) -> Pair {
    let live = block_on(sandbox.get(&key(secret))).expect("an answer").expect("a Secret");
    LiveCertificate::of(&live).pair.expect("a pair")
}

/// Puts a pair there as `kubectl create secret tls` does.
pub(super) fn put_by_kubectl(sandbox: &Sandbox, (certificate, key): &(String, String)) {
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    sandbox.apply_as("kubectl", namespace).expect("a namespace");
    let data = |text: &str| ByteString(text.as_bytes().to_vec());
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": { "name": TLS_SECRET, "namespace": NAMESPACE },
        "data": { "tls.crt": data(certificate), "tls.key": data(key) },
    });
    sandbox.apply_as("kubectl-create", secret).expect("a Secret");
}
