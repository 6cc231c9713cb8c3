//! `cht up` and `cht down` with a k3d that is played, whose cluster is the test's API server.

use cht_tests::laptop::{K3D, Laptop};
use cht_tests::program::Ran;
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::config::{Kubeconfig, NamedContext};
use serde_json::json;

use crate::site::{Site, at_once, on_a_site};

/// The kubeconfig that k3d writes: the cluster's context, and a current one that leads nowhere.
fn kubeconfig(site: &Site) -> String {
    let mut config = Kubeconfig::read_from(site.backdoor.kubeconfig()).expect("the test's kubeconfig");
    let current = config.current_context.take();
    let named = config.contexts.iter_mut().find(|context| Some(&context.name) == current.as_ref());
    "@NAME@".clone_into(&mut named.expect("the current context").name);
    config.contexts.push(NamedContext { name: "production".to_owned(), context: None, ..NamedContext::default() });
    config.current_context = Some("production".to_owned());
    serde_json::to_string(&config).expect("it can be written")
}

/// Traefik, as far as it is looked at: k3s brings it, and this API server does not.
async fn with_traefik(site: &Site, test: impl AsyncFnOnce()) {
    let deployments = Api::<Deployment>::namespaced(site.backdoor.client(), "kube-system");
    let labels = json!({ "app": "traefik" });
    let traefik = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "traefik" },
        "spec": {
            "replicas": 0, "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "traefik", "image": "traefik" }] },
            },
        },
    });
    let made = deployments.patch("traefik", &PatchParams::apply("test"), &Patch::Apply(traefik)).await;
    made.expect("Traefik is there");
    test().await;
    deployments.delete("traefik", &DeleteParams::default()).await.expect("Traefik goes");
}

/// Runs the command while the nodes are played.
async fn run(laptop: &Laptop, arguments: &[String]) -> Ran {
    let mut command = laptop.command("");
    command.args(arguments);
    tokio::task::spawn_blocking(|| Ran::of(command)).await.expect("it is run")
}

#[tokio::test]
async fn an_instance_comes_up_and_goes_again() {
    on_a_site(at_once(), async |site: &Site| {
        let laptop = Laptop::with(&[K3D]);
        laptop.say("kubeconfig", &kubeconfig(site));
        laptop.say("taken", "80\n443\n");
        let values = site.example("k3d.yaml").arguments();
        let up: Vec<String> = std::iter::once("up".to_owned()).chain(values).collect();
        let down = async |flags: &str| {
            let words = format!("down {flags}");
            run(&laptop, &words.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).await
        };
        with_traefik(site, async || {
            // The engine sees that the usual ports are taken, whatever this machine says.
            let made = run(&laptop, &up).await.expect(0);
            let port = std::fs::read_to_string(laptop.state("clusters/cht/https")).expect("the cluster has a port");
            assert!(port.trim().parse::<u16>().is_ok_and(|port| port >= 8443), "{port}");
            let address = format!("is ready at https://{}.example.org:{}\n", site.namespace, port.trim());
            assert!(made.stdout.contains(&address), "{made}");
            for command in ["cht status -f ", "cht password -f "] {
                let line = made.stdout.lines().find(|line| line.contains(command)).expect("the command is named");
                assert!(line.ends_with(" --context k3d-cht"), "{line}");
            }
            let calls = laptop.calls();
            let merge = "kubeconfig merge cht --kubeconfig-merge-default --kubeconfig-switch-context=false";
            assert!(calls.iter().any(|call| call.starts_with("cluster create cht ")), "{calls:?}");
            assert_eq!(calls.last().map(String::as_str), Some(merge));

            let again = run(&laptop, &up).await.expect(0);
            assert!(again.stdout.contains(&address) && again.stdout.contains(" unchanged, "), "{again}");
            assert!(again.stderr.starts_with("cluster cht: runs already\n"), "{again}");
            assert_eq!(laptop.calls(), [merge]);

            let _ = down("--keep-data").await.expect(0);
            let started = run(&laptop, &up).await.expect(0);
            assert!(started.stderr.starts_with("cluster cht: is started again\n"), "{started}");
            assert!(started.stdout.contains(&address) && started.stdout.contains(" unchanged, "), "{started}");
            assert_eq!(laptop.calls(), ["cluster stop cht", "cluster start cht --wait --timeout 600s", merge]);

            // It holds an instance of someone's values, and others that this API server has besides.
            let refused = down("--yes").await.expect(5);
            let record = format!("instance {0} in namespace {0}", site.namespace);
            assert!(refused.stderr.contains(&record), "{refused}");
            assert_eq!(laptop.calls(), Vec::<String>::new());
            let removed = down("--delete-data cht").await.expect(0);
            assert_eq!(removed.stdout, "cluster cht is removed, with everything stored in it\n");
            assert_eq!(laptop.calls(), ["cluster delete cht"]);
            assert_eq!(down("--yes").await.expect(0).stdout, "there is no cluster cht\n");

            // The same API server as the k3s of this machine: it is named, and used by those who say so.
            std::fs::copy(site.backdoor.kubeconfig(), laptop.cht.folder().join("k3s.yaml")).expect("a kubeconfig");
            let on_k3s = run(&laptop, &[&up[..], &["--k3s".to_owned()]].concat()).await.expect(0);
            assert!(on_k3s.stdout.contains(" unchanged, "), "{on_k3s}");
            assert_eq!(laptop.calls(), Vec::<String>::new());
            let named = run(&laptop, &up).await.expect(0);
            assert!(named.stderr.starts_with("note: k3s runs on this machine ("), "{named}");
            assert!(laptop.calls()[0].starts_with("cluster create cht "));
        })
        .await;
    })
    .await;
}

/// A cluster that never has what an instance needs ends the wait with what that is.
#[tokio::test]
async fn a_cluster_that_does_not_get_ready_says_what_it_lacks() {
    on_a_site(at_once(), async |site: &Site| {
        let laptop = Laptop::with(&[K3D]);
        laptop.say("kubeconfig", &kubeconfig(site));
        let values = site.example("k3d.yaml").set("couchdb.storage_class", "none-of-this-name").arguments();
        let flags = ["up", "--cluster-timeout", "1s", "--quiet"].map(str::to_owned);
        let ran = run(&laptop, &flags.into_iter().chain(values).collect::<Vec<_>>()).await.expect(9);
        assert!(ran.stderr.contains("the StorageClass none-of-this-name is not there"), "{ran}");
    })
    .await;
}
