//! Secrets in everything that holds some, and no trace of them in anything that is told or remembered: by each command, in
//! each format, with each request said, also when the server repeats what it was sent and containers say what they know.

use cht_k8s::{Cluster as _, LiveObject};
use cht_manifests::{Kind, ObjectKey};
use cht_model::{Layer, Values};
use cht_tests::canary::{Canaries, header};
use cht_tests::cluster::TestCluster;
use cht_tests::player::Behaviour;
use cht_tests::program::Ran;
use cht_tests::proxy::{Class, Fault, Proxy, Rule};
use serde_json::json;

use crate::site::{ONE_NODE, Site, on_a_site, run};

const USER: &str = "canary-user";
const PASSWORD: &str = "Canary%+&=9_x~y";
const SECRET: &str = "Kanari+ =?8:@.z";
const UUID: &str = "canarino~_-.%7'!()*";
const TLS_KEY: &str = "Kanarienvogel-of-a-key";

/// Values with the first four, and a Secret with the last.
async fn settle(site: &Site) {
    let credentials = json!({ "user": USER, "password": PASSWORD, "secret": SECRET, "uuid": UUID });
    site.cht.write("canaries.yaml", json!({ "couchdb": credentials }).to_string());
    let namespace = json!({ "metadata": { "name": site.namespace } });
    let _ = site.kube.create(&LiveObject::new(Kind::Namespace, namespace)).await.expect("a namespace");
    let tls = json!({
        "metadata": { "name": "api-tls-secret", "namespace": site.namespace },
        "type": "kubernetes.io/tls",
        "stringData": { "tls.crt": "a certificate", "tls.key": TLS_KEY },
    });
    let _ = site.kube.create(&LiveObject::new(Kind::Secret, tls)).await.expect("a Secret");
}

fn canaries() -> Canaries {
    Canaries::of(&[USER, PASSWORD, SECRET, UUID, TLS_KEY]).and(header(USER, PASSWORD))
}

/// Runs a command with each request said, through a proxy.
async fn told(site: &Site, proxy: &Proxy, command: &str, code: i32) -> Ran {
    said(site, proxy, command).await.expect(code)
}

async fn said(site: &Site, proxy: &Proxy, command: &str) -> Ran {
    let values = "-f values.yaml -f site.yaml -f canaries.yaml --verbose --kubeconfig";
    let mut words = site.cht.command(command.split_whitespace().chain(values.split_whitespace()));
    words.arg(proxy.kubeconfig());
    let ran = canaries().assert_unseen(run(words).await);
    assert!(ran.stderr.contains("Z list "), "requests are said: {ran}");
    ran
}

/// What is in the namespace, and what records hold; but for Secrets, and for what pods say of themselves.
async fn assert_remembered_without(site: &Site) {
    let others_say = [Kind::Secret, Kind::Pod, Kind::Event];
    for kind in Kind::ALL.into_iter().filter(|kind| !others_say.contains(kind)) {
        for object in site.all(kind).await {
            let seen = canaries().seen_in(&object.value().to_string()).len();
            assert_eq!(seen, 0, "{}", object.key());
        }
    }
    let layers = ["values.yaml", "site.yaml"].map(|file| Layer::new(file, site.cht.read(file)));
    let values = Values::load(&layers).expect("values").validate().expect("an instance").value;
    let history = cht_k8s::history(&site.kube, &values).await.expect("a history");
    let mut with_credentials = 0;
    for line in history {
        // What could not be written down is not there.
        let Ok(revision) = cht_k8s::revision(&site.kube, &values, line.number).await else { continue };
        let text = json!(revision).to_string();
        with_credentials += usize::from(text.contains("cht-couchdb-credentials"));
        assert_eq!(canaries().seen_in(&text), Vec::<&str>::new());
    }
    assert!(with_credentials > 0);
}

#[tokio::test]
async fn are_kept_to_themselves_by_every_command() {
    let cluster = TestCluster::connect().await;
    on_a_site(&cluster, ONE_NODE, async |site| {
        settle(site).await;
        let proxy = Proxy::start(&site.cluster);
        let tell = async |command: &str, code| told(site, &proxy, command, code).await;
        let _ = tell("diff --out plan.json", 3).await;
        let _ = tell("deploy --plan plan.json -o json", 0).await;
        assert_eq!(canaries().seen_in(&site.cht.read("plan.json")), Vec::<&str>::new());
        let _ = tell("deploy -o ndjson --set cht_image_tag=5.3.1", 0).await;
        let _ = tell("diff -o json", 3).await;
        for looking in [
            "status",
            "status -o json",
            "status --drift",
            "status --drift -o json",
            "describe -o json",
            "resources -o json",
            "volumes -o json",
        ] {
            let _ = tell(looking, 0).await;
        }
        let _ = tell("rollback --yes -o ndjson", 0).await;
        assert_remembered_without(site).await;

        let secret = ObjectKey::new(Kind::Secret, &site.namespace, "cht-couchdb-credentials");
        let held = site.kube.get(&secret).await.expect("an answer").expect("a Secret");
        assert!(!canaries().seen_in(&held.value().to_string()).is_empty(), "the canaries are in the cluster");
        let _ = tell("uninstall --yes -o ndjson", 0).await;
        assert_remembered_without(site).await;
    })
    .await;
}

#[tokio::test]
async fn are_kept_to_themselves_whoever_repeats_them() {
    let cluster = TestCluster::connect().await;
    on_a_site(&cluster, ONE_NODE, async |site| {
        settle(site).await;
        let proxy = Proxy::start(&site.cluster);
        for (status, class) in [(422, Class::Apply), (403, Class::Create), (422, Class::DryRun), (500, Class::Replace)]
        {
            proxy.on(Rule::new(Fault::echo(status)).class(class));
            let values = "-f values.yaml -f site.yaml -f canaries.yaml --timeout 20s -o ndjson --verbose";
            let mut command = site.cht.command(format!("deploy {values} --kubeconfig").split_whitespace());
            command.arg(proxy.kubeconfig());
            let ran = canaries().assert_unseen(run(command).await);
            assert_ne!(ran.code, 0, "{status} for {class:?}: {ran}");
            proxy.off();
        }
        let message = canaries().forms().chunks(4).map(|forms| forms.join(" ")).collect::<Vec<_>>().join("\n");
        let broken = Behaviour::CrashLoop { exit_code: 1, message };
        site.player.script(|script| script.container("cht-api", broken));
        let _ = told(site, &proxy, "deploy -o ndjson", 8).await;
        let status = said(site, &proxy, "status -o json").await;
        // It runs for a moment each time, and then it is on its way.
        assert!([8, 9].contains(&status.code), "{status}");
        assert_remembered_without(site).await;
    })
    .await;
}
