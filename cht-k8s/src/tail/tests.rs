use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::executor::block_on;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};

use super::*;
use crate::health::testing::{K3D, instance};
use crate::redact::Redactor;
use crate::sandbox::{Fault, Sandbox, Verb};
use crate::{Cluster, ClusterError, ComponentName, LookError, Options, WrittenLine, deploy, plan};

const NAMESPACE: &str = "county-a";
const CLUSTER: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: local
couchdb:
  user: medic
  clusteredCouchEnabled: true
  couchdb_node_storage_size: 10Gi
nodes:
  node-1: alpha
  node-2: beta
  node-3: gamma
";

fn deployed(values: &str, fault: Option<Fault>) -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    if let Some(fault) = fault {
        sandbox.fail(fault);
    }
    let plan = block_on(plan(&*sandbox, instance(values, &[]))).expect("a plan");
    let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
    block_on(events.for_each(|_| std::future::ready(())));
    sandbox
}

fn crash(log: &str) -> Fault {
    Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log: log.to_owned() }
}

fn of(components: &[&str]) -> TailOptions {
    let components = components.iter().map(|name| name.parse().expect("a name")).collect();
    TailOptions { components, ..TailOptions::default() }
}

fn start(
    sandbox: &Arc<Sandbox>,
    options: TailOptions,
) -> Result<BoxStream<'static, Result<Tailed, LookError>>, LookError> {
    let tailing = block_on(tail(Arc::clone(sandbox) as Arc<dyn Cluster>, NAMESPACE, None, options))?;
    Ok(tailing.lines)
}

fn shown(tailed: Tailed) -> String {
    match tailed {
        Tailed::Line(line) => format!("{}/{}: {}", line.component, line.container, line.text),
        Tailed::Missed(missed) => format!("{}/{} missed: {}", missed.component, missed.container, missed.reason),
    }
}

/// Every line that is there.
fn lines(sandbox: &Arc<Sandbox>, options: TailOptions) -> Vec<String> {
    let stream = start(sandbox, options).expect("lines");
    block_on(stream.map(|tailed| shown(tailed.expect("a line"))).collect())
}

#[test]
fn all_containers_are_read_in_order_of_time() {
    let sandbox = deployed(K3D, None);
    let all = lines(&sandbox, TailOptions::default());
    assert_eq!(
        all,
        [
            "couchdb/cht-couchdb: cht-couchdb has started",
            "couchdb/cht-couchdb-nouveau: cht-couchdb-nouveau has started",
            "healthcheck/cht-haproxy-healthcheck: cht-haproxy-healthcheck has started",
            "haproxy/cht-haproxy: cht-haproxy has started",
            "api/cht-api: cht-api has started",
            "sentinel/cht-sentinel: cht-sentinel has started",
        ]
    );
    let stream = start(&sandbox, TailOptions::default()).expect("lines");
    let times: Vec<_> = block_on(
        stream
            .map(|tailed| match tailed {
                Ok(Tailed::Line(line)) => line.time,
                other => panic!("{other:?}"),
            })
            .collect(),
    );
    assert!(times.is_sorted() && times.iter().all(Option::is_some), "{times:?}");
}

#[test]
fn components_and_containers_are_chosen_by_name() {
    let sandbox = deployed(K3D, None);
    assert_eq!(lines(&sandbox, of(&["api"])), ["api/cht-api: cht-api has started"]);
    assert_eq!(lines(&sandbox, of(&["nouveau"])), ["couchdb/cht-couchdb-nouveau: cht-couchdb-nouveau has started"]);
    assert_eq!(lines(&sandbox, of(&["api", "sentinel"])).len(), 2);
    let container = |name: &str| TailOptions { container: Some(name.to_owned()), ..TailOptions::default() };
    assert_eq!(lines(&sandbox, container("couchdb")), ["couchdb/cht-couchdb: cht-couchdb has started"]);
    let refused = |options| start(&sandbox, options).err().expect("refused").to_string();
    insta::assert_snapshot!(
        [refused(of(&["apy"])), refused(container("nginx"))].join("\n"),
        @r"
    there is no component apy, did you mean api?; there are couchdb, healthcheck, haproxy, api, sentinel
    there is no container nginx; there are cht-api, cht-couchdb, cht-couchdb-nouveau, cht-haproxy, cht-haproxy-healthcheck, cht-sentinel
    "
    );
    let cluster = deployed(CLUSTER, None);
    let nodes = lines(&cluster, of(&["couchdb"]));
    assert_eq!(nodes.iter().filter(|line| line.contains("/cht-couchdb-nouveau: ")).count(), 3, "{nodes:?}");
    assert_eq!(lines(&cluster, of(&["nouveau-2"])).len(), 1);
}

#[test]
fn runs_before_the_current_one_are_read_too() {
    let sandbox = deployed(K3D, Some(crash("one\ntwo\nthree")));
    let api = |options: TailOptions| -> Vec<String> {
        let options = TailOptions { components: of(&["api"]).components, ..options };
        lines(&sandbox, options).into_iter().filter_map(|line| line.split(": ").nth(1).map(str::to_owned)).collect()
    };
    assert_eq!(api(TailOptions { previous: true, ..TailOptions::default() }), ["one", "two", "three"]);
    let all = api(TailOptions::default());
    assert!(all == ["one", "two", "three"] || all == ["one", "two", "three", "one", "two", "three"], "{all:?}");
    let last = api(TailOptions { tail: Some(1), previous: true, ..TailOptions::default() });
    assert_eq!(last, ["three"]);
    sandbox.heal();
    block_on(sandbox.clock().sleep(Duration::from_hours(1)));
    assert_eq!(
        api(TailOptions { since: Some(Duration::from_mins(1)), ..TailOptions::default() }),
        Vec::<String>::new()
    );
}

#[test]
fn following_goes_on_in_the_pod_that_replaces_another() {
    let sandbox = deployed(K3D, None);
    let options = TailOptions { follow: true, tail: Some(0), ..of(&["api"]) };
    let mut stream = start(&sandbox, options).expect("lines");
    assert!(stream.next().now_or_never().is_none(), "nothing is written");
    let pods = block_on(sandbox.list(Kind::Pod, Some(NAMESPACE))).expect("pods").items;
    let api = pods.iter().find(|pod| pod.name().starts_with("cht-api-")).expect("a pod");
    assert_eq!(block_on(sandbox.delete(&api.key(), api.uid())), Ok(true));
    let Some(Ok(Tailed::Line(line))) = block_on(stream.next()) else { panic!("no line") };
    assert_eq!(line.text, "cht-api has started");
    assert_ne!(line.pod, api.name());
}

#[test]
fn following_goes_on_when_a_container_restarts() {
    let sandbox = deployed(K3D, None);
    let mut stream = start(&sandbox, TailOptions { follow: true, ..of(&["api"]) }).expect("lines");
    let mut next = || match block_on(stream.next()) {
        Some(Ok(tailed)) => shown(tailed),
        other => panic!("{other:?}"),
    };
    assert_eq!(next(), "api/cht-api: cht-api has started");
    sandbox.fail(crash("no route to haproxy"));
    for _ in 0..3 {
        assert_eq!(next(), "api/cht-api: no route to haproxy");
    }
}

fn failing(times: u32, error: ClusterError) -> Fault {
    Fault::Api { verb: Verb::Logs, kind: None, times, error }
}

#[test]
fn what_cannot_be_read_for_a_while_is_said_once_and_read_later() {
    let sandbox = deployed(K3D, None);
    let mut stream = start(&sandbox, TailOptions { follow: true, tail: Some(0), ..of(&["api"]) }).expect("lines");
    assert!(stream.next().now_or_never().is_none(), "nothing is written");
    let away = ClusterError::Unavailable { status: 502, message: "no route".to_owned(), retry_after: None };
    sandbox.fail(failing(4, away));
    sandbox.fail(crash("again"));
    let next: Vec<_> = block_on(stream.take(2).map(|tailed| shown(tailed.expect("no end"))).collect());
    assert_eq!(next, ["api/cht-api missed: the API server answered 502: no route", "api/cht-api: again"]);
}

#[test]
fn whoever_may_not_read_logs_or_secrets_is_told() {
    let forbidden = |what: &str| ClusterError::Forbidden { object: what.to_owned(), message: "no".to_owned() };
    let sandbox = deployed(K3D, None);
    sandbox.fail(Fault::Api { verb: Verb::Get, kind: Some(Kind::Secret), times: 1, error: forbidden("Secret") });
    assert_eq!(start(&sandbox, of(&[])).err(), Some(LookError::SecretsUnread(forbidden("Secret"))));
    sandbox.fail(failing(1, forbidden("Pod/p")));
    let all: Vec<_> = block_on(start(&sandbox, of(&["api"])).expect("a stream").collect());
    assert_eq!(all, [Err(LookError::Cluster(forbidden("Pod/p")))]);
    let empty = Arc::new(Sandbox::new());
    assert_eq!(start(&empty, of(&[])).err(), Some(LookError::Nothing { namespace: NAMESPACE.to_owned() }));
}

#[test]
fn of_a_line_that_is_cut_nothing_is_left_that_may_be_a_part_of_a_secret() {
    let instance = instance(K3D, &["couchdb.password=Canary-of-the-mine"]);
    let redactor = Redactor::of(&instance);
    let component: ComponentName = "api".parse().expect("a name");
    let pod = ObjectKey::new(Kind::Pod, NAMESPACE, "p");
    let source = containers::Source { component, pod, uid: String::new(), container: "cht-api".to_owned() };
    let text = format!("{}Canary-of-the-mine{}Canary-of-the-m", "é".repeat(99), "é".repeat(99));
    let line = WrittenLine { time: None, text, is_cut: true };
    let shown = LogLine::of(&source, &line, &redactor).text;
    assert!(shown.ends_with("[…]") && shown.contains("é[secret]é") && shown.matches("Canary").count() == 0, "{shown}");
}
