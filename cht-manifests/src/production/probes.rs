//! How Kubernetes tells that a container has started, lives and is ready, from what its image is known to answer.
//!
//! Liveness asks for as little as shows that the program is not stuck, and gives it minutes: a restart mends nothing that
//! lasts less, and a database that is restarted under load only gets slower.

use cht_model::Instance;
use k8s_openapi::api::core::v1::{Container, ExecAction, HTTPGetAction, HTTPHeader, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::Component;
use crate::{api, couchdb, healthcheck, nouveau, upgrade_service};

/// CouchDB's start hands every file of the volume to its user first: an hour is enough for millions.
const HOUR: i32 = 3600;
/// The API listens only when it has reached CouchDB, and indexes for up to a day. Nothing is won by starting it anew.
const WEEK: i32 = 7 * 24 * HOUR;

/// Asks CouchDB itself whether it is up, as its administrator. He signs in by a header that goes to curl by standard input:
/// what is in a command's arguments, everyone on the node can read.
fn couchdb_is_up() -> String {
    let header = r#"printf 'header = "Authorization: Basic %s"\n' "$(printf %s "$COUCHDB_USER:$COUCHDB_PASSWORD" | base64 -w 0)""#;
    let port = couchdb::PORT;
    format!("{header} | curl --silent --fail --output /dev/null --max-time 4 --config - http://127.0.0.1:{port}/_up")
}

/// The agent says "up" or "down" of CouchDB; that it says anything is its own health. Whoever connects and does not wait for
/// the answer, as a TCP probe does, may leave it stuck for ever.
fn agent_answers() -> String {
    format!(r#"test -n "$(echo probe | nc -w 10 127.0.0.1 {})""#, healthcheck::PORT)
}

/// The three kinds of probes of one container.
#[derive(Default)]
struct Probes {
    startup: Option<Probe>,
    liveness: Option<Probe>,
    readiness: Option<Probe>,
}

/// Gives a container its probes.
pub(super) fn set(component: Component, instance: &Instance, container: &mut Container) {
    let Probes { startup, liveness, readiness } = match component {
        Component::CouchDb(_) if container.name == nouveau::NAME => listening(nouveau::PORT),
        Component::CouchDb(_) => couchdb(),
        Component::HaProxy => listening(instance.couchdb().haproxy_port.get()),
        Component::HealthCheck => health_check(),
        Component::Api => api(instance.api().port.get()),
        Component::Sentinel => sentinel(),
        Component::UpgradeService => upgrade_service(),
        Component::Instance => Probes::default(),
    };
    container.startup_probe = startup;
    container.liveness_probe = liveness;
    container.readiness_probe = readiness;
}

/// How long a rollout may take, where that is longer than Kubernetes' ten minutes: what starts slowly has not failed.
pub(super) fn progress_deadline(component: Component) -> Option<i32> {
    match component {
        Component::CouchDb(_) => Some(2 * HOUR),
        Component::Api => Some(WEEK),
        _ => None,
    }
}

fn couchdb() -> Probes {
    Probes {
        startup: Some(every(2, HOUR, Probe { timeout_seconds: Some(5), ..open(couchdb::PORT) })),
        liveness: Some(every(20, 180, Probe { timeout_seconds: Some(5), ..open(couchdb::PORT) })),
        // Without membership: nodes join through the Service of the first, which must not wait for them.
        readiness: Some(every(5, 15, Probe { timeout_seconds: Some(5), ..run(&["sh", "-c", &couchdb_is_up()]) })),
    }
}

/// The probes of what is well as long as it listens. Nouveau refuses kubelets' HTTP requests, and `HAProxy` passes them on.
fn listening(port: u16) -> Probes {
    Probes {
        startup: Some(every(2, 300, open(port))),
        liveness: Some(every(20, 120, Probe { timeout_seconds: Some(5), ..open(port) })),
        readiness: Some(every(5, 15, open(port))),
    }
}

fn health_check() -> Probes {
    let ask = || Probe { timeout_seconds: Some(15), ..run(&["sh", "-c", &agent_answers()]) };
    Probes {
        startup: Some(every(5, 300, ask())),
        liveness: Some(every(30, 180, ask())),
        readiness: Some(every(10, 60, ask())),
    }
}

/// While it migrates and indexes, the API answers programs 503, and everyone else with a page: readiness asks as the one,
/// liveness as the other.
fn api(port: u16) -> Probes {
    let poll = |accept: &str| Probe {
        http_get: Some(HTTPGetAction {
            path: Some(api::HEALTH_PATH.to_owned()),
            port: IntOrString::Int(port.into()),
            http_headers: Some(vec![HTTPHeader { name: "Accept".to_owned(), value: accept.to_owned() }]),
            ..Default::default()
        }),
        ..Default::default()
    };
    Probes {
        startup: Some(every(5, WEEK, open(port))),
        liveness: Some(every(30, 180, Probe { timeout_seconds: Some(10), ..poll("*/*") })),
        readiness: Some(every(5, 15, Probe { timeout_seconds: Some(5), ..poll("application/json") })),
    }
}

/// Nothing talks to Sentinel. Its image waits for the API before it starts Node.js, which ends when it cannot go on.
fn sentinel() -> Probes {
    Probes { readiness: Some(every(10, 30, run(&["pidof", "node"]))), ..Probes::default() }
}

fn upgrade_service() -> Probes {
    let get = || Probe {
        http_get: Some(HTTPGetAction {
            path: Some("/".to_owned()),
            port: IntOrString::Int(upgrade_service::PORT.into()),
            ..Default::default()
        }),
        timeout_seconds: Some(5),
        ..Default::default()
    };
    Probes {
        startup: Some(every(2, 300, get())),
        liveness: Some(every(30, 180, get())),
        readiness: Some(every(10, 30, get())),
    }
}

/// A probe that is made every so many seconds, and counts as failed when it has been for so many.
fn every(seconds: i32, patience: i32, probe: Probe) -> Probe {
    Probe { period_seconds: Some(seconds), failure_threshold: Some(patience / seconds), ..probe }
}

fn open(port: u16) -> Probe {
    let socket = TCPSocketAction { port: IntOrString::Int(port.into()), ..Default::default() };
    Probe { tcp_socket: Some(socket), ..Default::default() }
}

fn run(command: &[&str]) -> Probe {
    let command = command.iter().map(|&word| word.to_owned()).collect();
    Probe { exec: Some(ExecAction { command: Some(command) }), ..Default::default() }
}
