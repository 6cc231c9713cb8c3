//! What the services of an instance answer when they are asked through the sandbox.

use std::sync::Arc;
use std::time::Duration;

use cht_k8s::sandbox::{Fault, Sandbox, Verb};
use cht_k8s::{Cluster, ClusterError, Options, ServiceAnswer, ServiceRequest, ServiceResponse, deploy, plan};
use cht_manifests::{Kind, ObjectKey};
use cht_model::{Instance, Layer, Values};
use futures::StreamExt;
use futures::executor::block_on;
use serde_json::{Value, json};

/// Three nodes of CHT 5.3.
const VALUES: &str = "
project_name: ns
namespace: ns
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: remote
couchdb:
  user: medic
  password: canary
  clusteredCouchEnabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch: {noOfCouchDBNodes: 3}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
couchdb_data: {preExistingDataAvailable: false}
ingress: {host: ns.example.org}
";

fn instance() -> Instance {
    Values::load(&[Layer::new("values.yaml", VALUES)]).unwrap().validate().unwrap().value
}

fn deployed() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let plan = block_on(plan(&*sandbox, instance())).unwrap();
    let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
    block_on(events.for_each(|_| std::future::ready(())));
    sandbox
}

fn call(sandbox: &Sandbox, request: &ServiceRequest) -> ServiceAnswer {
    block_on(sandbox.call(request)).unwrap()
}

fn ask(sandbox: &Sandbox, request: &ServiceRequest) -> ServiceResponse {
    match call(sandbox, request) {
        ServiceAnswer::Answered(response) => response,
        other => panic!("{request}: {other:?}"),
    }
}

fn couchdb(path: &str) -> ServiceRequest {
    ServiceRequest::get("ns", "couchdb-1", 5984, path)
}

fn api(path: &str) -> ServiceRequest {
    ServiceRequest::get("ns", "api", 5988, path)
}

fn log_in(sandbox: &Sandbox, password: &str) -> ServiceResponse {
    let body = json!({ "name": "medic", "password": password }).to_string();
    ask(sandbox, &ServiceRequest::post("ns", "couchdb-1", 5984, "/_session", body.into()))
}

fn membership(sandbox: &Sandbox) -> Value {
    let cookie = log_in(sandbox, "canary").cookie.unwrap();
    ask(sandbox, &couchdb("/_membership").with_cookie(cookie)).json().unwrap()
}

#[test]
fn couchdb_answers_whoever_has_logged_in() {
    let sandbox = deployed();
    assert_eq!(ask(&sandbox, &couchdb("/_up")).status, 401);
    let refused = log_in(&sandbox, "wrong");
    assert_eq!((refused.status, refused.cookie.is_some()), (401, false));
    let welcome = log_in(&sandbox, "canary");
    assert_eq!(welcome.status, 200);
    assert_eq!(ask(&sandbox, &couchdb("/_up").with_cookie(welcome.cookie.unwrap())).status, 200);
    assert_eq!(ask(&sandbox, &couchdb("/_up").with_cookie("AuthSession=another".into())).status, 401);
}

#[test]
fn nodes_join_one_after_the_other() {
    let sandbox = deployed();
    let name = |number: u8| format!("couchdb@couchdb-{number}.ns.svc.cluster.local");
    let all = [1, 2, 3].map(name);
    assert_eq!(membership(&sandbox), json!({ "all_nodes": all, "cluster_nodes": all }));

    sandbox.fail(Fault::SlowJoin { seconds: 3600 });
    assert_eq!(membership(&sandbox)["cluster_nodes"], json!([name(1)]));
    block_on(sandbox.clock().sleep(Duration::from_hours(1)));
    assert_eq!(membership(&sandbox)["cluster_nodes"], json!([name(1), name(2)]));
    block_on(sandbox.clock().sleep(Duration::from_hours(1)));
    assert_eq!(membership(&sandbox)["all_nodes"], json!(all));
}

#[test]
fn the_api_says_what_it_is_and_when_it_is_not_ready() {
    let sandbox = deployed();
    assert_eq!(ask(&sandbox, &api("/setup/poll")).json().unwrap()["ready"], true);
    assert_eq!(ask(&sandbox, &api("/api/info")).json().unwrap()["version"], "5.3.0");

    sandbox.fail(Fault::Indexing { seconds: 3600 });
    assert_eq!(ask(&sandbox, &api("/setup/poll")).status, 503);
    let browser = ServiceRequest { accept: "*/*".to_owned(), ..api("/setup/poll") };
    let page = ask(&sandbox, &browser);
    assert_eq!((page.status, page.json()), (200, None), "people see a page");
    block_on(sandbox.clock().sleep(Duration::from_hours(1)));
    assert_eq!(ask(&sandbox, &api("/setup/poll")).status, 200);
}

#[test]
fn haproxy_answers_while_there_is_a_node_behind_it() {
    let sandbox = deployed();
    let haproxy = ServiceRequest::get("ns", "haproxy", 5984, "/");
    assert_eq!(ask(&sandbox, &haproxy).status, 401);
    for number in 1..=3 {
        let container = format!("cht-couchdb-{number}");
        sandbox.fail(Fault::CrashLoop { container, exit_code: 1, log: String::new() });
    }
    block_on(sandbox.clock().sleep(Duration::from_mins(1)));
    assert_eq!(ask(&sandbox, &haproxy).status, 503);
}

#[test]
fn a_service_without_ready_pods_or_port_has_no_endpoints() {
    let sandbox = deployed();
    assert!(matches!(call(&sandbox, &ServiceRequest::get("ns", "absent", 80, "/")), ServiceAnswer::NoEndpoints));
    assert!(matches!(call(&sandbox, &ServiceRequest::get("ns", "api", 80, "/")), ServiceAnswer::NoEndpoints));
    sandbox.fail(Fault::NeverReady { container: "cht-api".to_owned() });
    block_on(sandbox.clock().sleep(Duration::from_mins(1)));
    assert!(matches!(call(&sandbox, &api("/setup/poll")), ServiceAnswer::NoEndpoints));
}

#[test]
fn services_may_not_listen_not_answer_or_be_out_of_reach() {
    let sandbox = deployed();
    sandbox.fail(Fault::NotListening { service: "api".to_owned() });
    let ServiceAnswer::NotListening { reason } = call(&sandbox, &api("/setup/poll")) else { panic!("it listens") };
    assert!(reason.ends_with("connection refused"), "{reason}");
    assert_eq!(ask(&sandbox, &couchdb("/_up")).status, 401);

    sandbox.fail(Fault::NoAnswer { service: "haproxy".to_owned() });
    let before = sandbox.clock().now();
    let haproxy = ServiceRequest::get("ns", "haproxy", 5984, "/");
    assert!(matches!(call(&sandbox, &haproxy), ServiceAnswer::Silent { .. }));
    assert_eq!(sandbox.clock().now().duration_since(before).as_secs(), 5);

    sandbox.fail(Fault::NoProxy { message: "connect: no route to host".to_owned() });
    let ServiceAnswer::NoRoute { reason } = call(&sandbox, &couchdb("/_up")) else { panic!("it is reached") };
    assert_eq!(reason, "error trying to reach service: connect: no route to host");
}

#[test]
fn whoever_may_not_ask_is_refused() {
    let sandbox = deployed();
    let object = ObjectKey::new(Kind::Service, "ns", "api").to_string();
    let error = ClusterError::Forbidden { object, message: "services/proxy".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::Call, kind: None, times: 1, error: error.clone() });
    assert_eq!(block_on(sandbox.call(&api("/"))).unwrap_err(), error);
    assert_eq!(ask(&sandbox, &api("/setup/poll")).status, 200);
}
