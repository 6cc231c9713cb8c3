//! The proxy passes everything on as it is, records it, and lets requests go wrong as its rules say.

use std::time::{Duration, Instant};

use cht_tests::cluster::TestCluster;
use cht_tests::program::start;
use cht_tests::proxy::{Class, Fault, Gate, Proxy, Rule, Seen, Victim, When};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config, Error, ResourceExt as _};
use serde_json::{Value, json};

/// A client that comes through the proxy, and tries nothing twice.
async fn client(proxy: &Proxy) -> Client {
    let kubeconfig = Kubeconfig::read_from(proxy.kubeconfig()).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let mut config = config.expect("a configuration");
    config.default_retry = false;
    Client::try_from(config).expect("a client")
}

/// What a test works with: objects of a namespace, through the proxy and past it.
struct Bench {
    proxy: Proxy,
    through: Api<ConfigMap>,
    past: Api<ConfigMap>,
    secrets: Api<Secret>,
}

async fn on_a_bench(test: impl AsyncFnOnce(&Bench)) {
    let cluster = TestCluster::connect().await;
    cluster
        .with_temp_namespace(async |cluster: TestCluster, namespace: String| {
            let proxy = Proxy::start(&cluster);
            let through = client(&proxy).await;
            let bench = Bench {
                proxy,
                through: Api::namespaced(through.clone(), &namespace),
                past: Api::namespaced(cluster.client(), &namespace),
                secrets: Api::namespaced(through, &namespace),
            };
            test(&bench).await;
        })
        .await;
}

impl Bench {
    async fn apply(&self, name: &str) -> Result<ConfigMap, Error> {
        let object =
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name }, "data": { "a": "b" } });
        self.through.patch(name, &PatchParams::apply("test"), &Patch::Apply(object)).await
    }

    async fn is_there(&self, name: &str) -> bool {
        self.past.get_opt(name).await.expect("an answer").is_some()
    }

    fn last(&self) -> Seen {
        self.proxy.seen().pop().expect("a request")
    }

    /// The names of the objects that a watch tells of, once it has ended or told of so many.
    async fn watched(&self, count: usize) -> Result<Vec<String>, Error> {
        let since = self.past.list(&ListParams::default()).await.expect("a list").metadata.resource_version;
        let events = self.through.watch(&WatchParams::default(), &since.expect("a version")).await?;
        for name in ["first", "second"] {
            let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name } });
            let object = serde_json::from_value(object).expect("a ConfigMap");
            self.past.create(&PostParams::default(), &object).await.expect("created");
        }
        events
            .take(count)
            .map(|event| match event? {
                WatchEvent::Added(object) => Ok(object.name_any()),
                WatchEvent::Error(status) => Err(Error::Api(status)),
                other => panic!("{other:?}"),
            })
            .try_collect()
            .await
    }
}

fn status(answer: Result<ConfigMap, Error>) -> (u16, String) {
    match answer {
        Err(Error::Api(status)) => (status.code, status.message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn without_rules_everything_is_passed_on_and_recorded() {
    on_a_bench(async |bench| {
        bench.apply("one").await.expect("applied");
        assert!(bench.is_there("one").await);
        let seen = bench.last();
        assert_eq!((seen.number, seen.target.class, seen.status), (1, Class::Apply, Some(201)));
        assert_eq!((&*seen.target.resource, seen.target.name.as_deref()), ("configmaps", Some("one")));
        assert!(seen.method == "PATCH" && seen.path.contains("/configmaps/one?") && !seen.went_wrong);
        assert_eq!(serde_json::from_str::<Value>(&seen.body).expect("JSON")["data"]["a"], "b");
        assert!(seen.answered.is_some_and(|answered| answered > seen.arrived));

        assert_eq!(bench.through.get_opt("none").await.expect("an answer"), None);
        assert_eq!(bench.last().status, Some(404));
        assert_eq!(bench.through.list(&ListParams::default()).await.expect("a list").items.len(), {
            bench.past.list(&ListParams::default()).await.expect("a list").items.len()
        });
        assert_eq!(bench.watched(1).await.expect("events").len(), 1);
        assert_eq!(bench.last().target.class, Class::Watch);
    })
    .await;
}

#[tokio::test]
async fn contents_of_secrets_are_not_recorded() {
    on_a_bench(async |bench| {
        let secret =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "data": { "a": "Y2FuYXJ5" } });
        bench.secrets.patch("s", &PatchParams::apply("test"), &Patch::Apply(secret)).await.expect("applied");
        assert!(bench.secrets.get("s").await.expect("there").data.is_some());
        assert!(bench.proxy.seen().iter().all(|seen| seen.body.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn other_answers() {
    on_a_bench(async |bench| {
        for code in [401, 403, 409, 422, 429, 500, 503, 504] {
            bench.proxy.on(Rule::new(Fault::answer(code)).nth(1));
            assert_eq!(status(bench.apply("one").await).0, code);
            assert_eq!((bench.last().status, bench.last().went_wrong), (Some(code), true));
            assert!(!bench.is_there("one").await);
            bench.proxy.off();
        }
        bench.proxy.on(Rule::new(Fault::echo(422)).nth(1));
        let (code, message) = status(bench.apply("one").await);
        assert!(
            code == 422 && message.contains("/configmaps/one") && message.contains(r#""data":{"a":"b"}"#),
            "{message}"
        );
        bench.proxy.off();

        bench.proxy.on(Rule::new(Fault::answer(500)).when(When::After).nth(1));
        assert_eq!(status(bench.apply("one").await).0, 500);
        assert!(bench.is_there("one").await);
    })
    .await;
}

#[tokio::test]
async fn broken_connections() {
    on_a_bench(async |bench| {
        bench.proxy.on(Rule::new(Fault::Reset).nth(1));
        let error = format!("{:?}", bench.apply("one").await.expect_err("no answer"));
        assert!(error.contains("ConnectionReset"), "{error}");
        assert!(!bench.is_there("one").await);
        assert_eq!(bench.last().status, None);
        bench.proxy.off();

        bench.proxy.on(Rule::new(Fault::Reset).when(When::After).nth(1));
        bench.apply("one").await.expect_err("no answer");
        assert!(bench.is_there("one").await);
        bench.proxy.off();

        bench.proxy.on(Rule::new(Fault::Half).nth(1));
        let error = format!("{:?}", bench.apply("two").await.expect_err("half an answer"));
        assert!(error.contains("IncompleteMessage") || error.contains("UnexpectedEof"), "{error}");
        assert!(bench.is_there("two").await);
        assert_eq!(bench.last().status, Some(201));
    })
    .await;
}

#[tokio::test]
async fn watches() {
    on_a_bench(async |bench| {
        bench.proxy.on(Rule::new(Fault::Duplicate).class(Class::Watch));
        assert_eq!(bench.watched(4).await.expect("events"), ["first", "first", "second", "second"]);
    })
    .await;
    on_a_bench(async |bench| {
        let delay = Duration::from_millis(300);
        bench.proxy.on(Rule::new(Fault::Delay(delay)).class(Class::Watch));
        let started = Instant::now();
        assert_eq!(bench.watched(2).await.expect("events"), ["first", "second"]);
        assert!(started.elapsed() >= delay);
    })
    .await;
    on_a_bench(async |bench| {
        bench.proxy.on(Rule::new(Fault::Expired).class(Class::Watch));
        assert!(matches!(bench.watched(1).await, Err(Error::Api(status)) if status.code == 410));
    })
    .await;
    on_a_bench(async |bench| {
        bench.proxy.on(Rule::new(Fault::Half).class(Class::Watch));
        // The client takes it for a watch that has ended.
        assert_eq!(bench.watched(1).await.unwrap_or_default(), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn late_and_held_requests() {
    on_a_bench(async |bench| {
        let latency = Duration::from_millis(200);
        bench.proxy.on(Rule::new(Fault::Latency(latency)).nth(1));
        bench.apply("one").await.expect("applied");
        let seen = bench.last();
        assert!(seen.answered.is_some_and(|answered| answered - seen.arrived >= latency));
        bench.proxy.off();

        for (name, when) in [("two", When::Before), ("three", When::After)] {
            let gate = Gate::closed();
            bench.proxy.on(Rule::new(Fault::Hold(gate.clone())).when(when).nth(1));
            let holding = async {
                gate.reached().await;
                assert_eq!(bench.is_there(name).await, when == When::After);
                assert_eq!(bench.last().status, None);
                gate.open();
            };
            let (applied, ()) = tokio::join!(bench.apply(name), holding);
            applied.expect("applied");
            bench.proxy.off();
        }
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_killed() {
    use std::os::unix::process::ExitStatusExt as _;

    on_a_bench(async |bench| {
        for (name, when) in [("one", When::Before), ("two", When::After)] {
            let mut sleeper = std::process::Command::new("sleep");
            sleeper.arg("600");
            let mut sleeper = start(sleeper);
            let victim = Victim::new();
            victim.is(sleeper.id());
            bench.proxy.on(Rule::new(Fault::Kill(victim)).when(when).nth(1));
            bench.apply(name).await.expect_err("no answer");
            assert_eq!(sleeper.wait().expect("its end").signal(), Some(9));
            assert_eq!(bench.is_there(name).await, when == When::After);
            bench.proxy.off();
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_waits_for_a_request_hears_of_it() {
    on_a_bench(async |bench| {
        let both = |seen: &[Seen]| seen.iter().filter(|seen| seen.status == Some(201)).count() == 2;
        let applying = async { (bench.apply("one").await, bench.apply("two").await) };
        let ((one, two), ()) = tokio::join!(applying, bench.proxy.wait_until("two answers", both));
        assert!(one.is_ok() && two.is_ok());
    })
    .await;
}
