//! What the programs behind Services answer: CouchDB, HAProxy and the API, as far as this project asks them. They answer as
//! soon as their pod is ready.

use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::ByteString;
use k8s_openapi::jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::json::{items, number, text, texts};
use super::world::World;
use crate::{ServiceAnswer, ServiceRequest, ServiceResponse};

/// The label by which CHT's pods and Services find each other.
const SERVICE_LABEL: &str = "cht.service";

/// The answer to a request.
pub(crate) fn answer(world: &World, request: &ServiceRequest) -> ServiceAnswer {
    let Some(pod) = pod_behind(world, request) else { return ServiceAnswer::NoEndpoints };
    if let Some(why) = world.faults.no_proxy() {
        return unreached(&why);
    }
    if world.faults.no_answer(&request.service.name) {
        return ServiceAnswer::silent();
    }
    let namespace = request.service.namespace.as_deref().unwrap_or_default();
    let response = match pod["metadata"]["labels"][SERVICE_LABEL].as_str() {
        _ if world.faults.not_listening(&request.service.name) => None,
        Some("haproxy") => Some(haproxy(world, namespace)),
        Some("api") => Some(api(world, pod, request)),
        Some(role) if is_couchdb(role) => Some(couchdb(world, namespace, pod, request)),
        _ => None,
    };
    response.map_or_else(|| not_listening(pod, request), ServiceAnswer::Answered)
}

/// The pod that a request goes to: one that is ready, of a Service that has the port.
fn pod_behind<'a>(world: &'a World, request: &'a ServiceRequest) -> Option<&'a Value> {
    let service = world.store.get(&request.service)?;
    let has_port = |port: &Value| number(port, "/port") == Some(request.port.into());
    items(service, "/spec/ports").iter().find(|port| has_port(port))?;
    let selector: Vec<_> = texts(service, "/spec/selector").collect();
    let selected = |pod: &Value| {
        let labels = &pod["metadata"]["labels"];
        !selector.is_empty() && selector.iter().all(|(name, value)| labels[*name] == *value)
    };
    let pods = world.store.list(Kind::Pod, request.service.namespace.as_deref());
    pods.map(|(_, pod)| pod).find(|pod| selected(pod) && ready_since(pod).is_some())
}

/// Since when a pod is ready, if it is and is there to stay.
fn ready_since(pod: &Value) -> Option<Timestamp> {
    let ready = items(pod, "/status/conditions")
        .iter()
        .find(|condition| text(condition, "/type") == Some("Ready") && text(condition, "/status") == Some("True"))?;
    let stays = text(pod, "/metadata/deletionTimestamp").is_none();
    text(ready, "/lastTransitionTime").filter(|_| stays)?.parse().ok()
}

fn unreached(why: &str) -> ServiceAnswer {
    let reason = format!("error trying to reach service: {why}");
    ServiceAnswer::unreached(&reason).unwrap_or(ServiceAnswer::NoRoute { reason })
}

fn not_listening(pod: &Value, request: &ServiceRequest) -> ServiceAnswer {
    let address = text(pod, "/status/podIP").unwrap_or_default();
    unreached(&format!("dial tcp {address}:{}: connect: connection refused", request.port))
}

fn says(status: u16, body: &Value) -> ServiceResponse {
    ServiceResponse { status, cookie: None, body: body.to_string().into_bytes() }
}

fn is_couchdb(role: &str) -> bool {
    role == "couchdb" || role.starts_with("couchdb-")
}

fn unauthorized(reason: &str) -> ServiceResponse {
    says(401, &json!({ "error": "unauthorized", "reason": reason }))
}

fn couchdb(world: &World, namespace: &str, pod: &Value, request: &ServiceRequest) -> ServiceResponse {
    let session = Session::of(world, namespace, pod);
    let cookie = request.cookie.as_ref().map(ExposeSecret::expose_secret);
    let knows = session.as_ref().is_some_and(|session| cookie == Some(session.cookie.as_str()));
    match (request.method(), request.path.as_str()) {
        ("POST", "/_session") => match session.filter(|session| session.opens_with(request.body.as_ref())) {
            Some(session) => {
                ServiceResponse { cookie: Some(session.cookie.into()), ..says(200, &json!({ "ok": true })) }
            }
            None => unauthorized("Name or password is incorrect."),
        },
        // CouchDB is told to answer nobody else.
        _ if !knows => unauthorized("Authentication required."),
        ("GET", "/_up") => says(200, &json!({ "status": "ok", "seeds": {} })),
        ("GET", "/_membership") => says(200, &membership(world, &request.service)),
        _ => says(404, &json!({ "error": "not_found", "reason": "missing" })),
    }
}

/// A session of CouchDB's administrator.
struct Session {
    user: String,
    password: String,
    cookie: String,
}

impl Session {
    fn of(world: &World, namespace: &str, pod: &Value) -> Option<Self> {
        let env = items(pod, "/spec/containers").iter().flat_map(|container| items(container, "/env"));
        let mut sources = env.filter(|env| text(env, "/name") == Some("COUCHDB_PASSWORD"));
        let name = sources.find_map(|env| text(env, "/valueFrom/secretKeyRef/name"))?;
        let secret = world.store.get(&ObjectKey::new(Kind::Secret, namespace, name))?;
        let value = |key: &str| {
            let bytes: ByteString = serde_json::from_value(secret["data"][key].clone()).ok()?;
            String::from_utf8(bytes.0).ok()
        };
        // Sessions end when the credentials change.
        let version = text(secret, "/metadata/resourceVersion").unwrap_or_default();
        let cookie = format!("AuthSession=sandbox-{version}");
        Some(Self { user: value("COUCHDB_USER")?, password: value("COUCHDB_PASSWORD")?, cookie })
    }

    fn opens_with(&self, body: Option<&SecretString>) -> bool {
        let given = body.and_then(|body| serde_json::from_str::<Value>(body.expose_secret()).ok()).unwrap_or_default();
        text(&given, "/name") == Some(&self.user) && text(&given, "/password") == Some(&self.password)
    }
}

/// What a node knows of its cluster. Nodes join one after the other, once all of them are ready; a single node has no others.
fn membership(world: &World, asked: &ObjectKey) -> Value {
    let namespace = asked.namespace.as_deref().unwrap_or_default();
    let nodes: Vec<_> = world
        .store
        .list(Kind::Deployment, Some(namespace))
        .filter_map(|(_, deployment)| deployment["spec"]["selector"]["matchLabels"][SERVICE_LABEL].as_str())
        .filter(|role| is_couchdb(role) && (*role == "couchdb") == (asked.name == "couchdb"))
        .collect();
    let since = |role: &str| couchdb_pods(world, namespace, role).filter_map(ready_since).min();
    let all_since = nodes.iter().map(|role| since(role)).collect::<Option<Vec<_>>>();
    let joined = match (world.faults.slow_join(), all_since.and_then(|all| all.into_iter().max())) {
        (None, _) => nodes.len(),
        (Some(_), None) => 1,
        (Some(each), Some(begun)) => {
            let passed = world.now.duration_since(begun).as_secs().unsigned_abs();
            usize::try_from(passed / each.max(1)).unwrap_or(usize::MAX).saturating_add(1)
        }
    };
    let name = |role: &&str| match *role {
        "couchdb" => "couchdb@127.0.0.1".to_owned(),
        node => format!("couchdb@{node}.{namespace}.svc.cluster.local"),
    };
    let known = || nodes.iter().take(joined);
    let connected = known().filter(|role| since(role).is_some());
    json!({
        "all_nodes": connected.map(name).collect::<Vec<_>>(),
        "cluster_nodes": known().map(name).collect::<Vec<_>>(),
    })
}

fn couchdb_pods<'a>(world: &'a World, namespace: &'a str, role: &'a str) -> impl Iterator<Item = &'a Value> {
    let pods = world.store.list(Kind::Pod, Some(namespace)).map(|(_, pod)| pod);
    pods.filter(move |pod| pod["metadata"]["labels"][SERVICE_LABEL] == role)
}

fn haproxy(world: &World, namespace: &str) -> ServiceResponse {
    let pods = world.store.list(Kind::Pod, Some(namespace)).map(|(_, pod)| pod);
    let mut backends = pods.filter(|pod| pod["metadata"]["labels"][SERVICE_LABEL].as_str().is_some_and(is_couchdb));
    if backends.any(|pod| ready_since(pod).is_some()) {
        unauthorized("Authentication required.")
    } else {
        says(
            503,
            &json!({ "error": "503 Service Unavailable", "reason": "No server is available to handle this request" }),
        )
    }
}

fn api(world: &World, pod: &Value, request: &ServiceRequest) -> ServiceResponse {
    let indexing =
        world.faults.indexing().zip(ready_since(pod)).is_some_and(|(seconds, since)| {
            world.now.duration_since(since).unsigned_abs() < Duration::from_secs(seconds)
        });
    let version = items(pod, "/spec/containers").iter().find_map(|container| {
        let image = text(container, "/image")?;
        image.rsplit_once(':').map(|(_, tag)| tag)
    });
    match request.path.as_str() {
        _ if indexing && !request.accept.contains("json") => {
            ServiceResponse { status: 200, cookie: None, body: b"<!doctype html><title>Starting</title>".to_vec() }
        }
        _ if indexing => says(503, &json!({ "code": 503, "error": "Service Unavailable" })),
        "/setup/poll" => says(200, &json!({ "ready": true, "handler": "medic-api", "version": version })),
        "/api/info" => says(200, &json!({ "version": version })),
        _ => says(404, &json!({ "code": 404, "error": "Not found" })),
    }
}
