//! A node of CouchDB serves when it answers `/_up`; a cluster also needs all its nodes to have joined.
//!
//! The API server keeps the header of HTTP's basic authentication to itself, so a session is opened and its cookie sent.

use std::collections::BTreeSet;
use std::time::Duration;

use cht_manifests::Component;
use secrecy::SecretString;
use serde_json::Value;

use super::super::expected::Expected;
use super::super::problem::ProblemCode;
use super::answers::Hurdle;
use super::asking::{Asked, Caller};
use crate::ServiceResponse;

/// How long a node takes to join, and how much longer it may take before that is odd.
const JOIN: Duration = Duration::from_secs(105);
const PATIENCE: u32 = 2;

/// Asks a node whether it is up. `cookie` is that of its last session, and afterwards that of its current one.
pub(super) async fn serves(caller: &Caller<'_>, node: Component, cookie: &mut Option<SecretString>) -> Asked {
    match in_session(caller, node, "/_up", cookie).await {
        // That it knows nobody is an answer, which without a session is all that can be had.
        Ok(response) => match response.status {
            200 | 401 | 403 => Asked::Yes,
            404 => Asked::NotYet(Hurdle::new("it runs, and is in maintenance mode")),
            status => Asked::NotYet(Hurdle::new(format!("it answers /_up with status {status}"))),
        },
        Err(asked) => asked,
    }
}

/// Asks the first node which nodes have joined. Also answers with what a person should know besides.
pub(super) async fn joined(
    caller: &Caller<'_>,
    nodes: &BTreeSet<String>,
    cookie: &mut Option<SecretString>,
) -> (Asked, Option<String>) {
    let response = match in_session(caller, Component::CouchDb(Some(1)), "/_membership", cookie).await {
        Ok(response) => response,
        Err(asked) => return (asked, None),
    };
    let asked = match (response.status, response.json()) {
        (200, Some(said)) => {
            let Membership { joined, others } = Membership::of(&said, nodes);
            if joined == nodes.len() {
                return (Asked::Yes, others);
            }
            let hurdle = Hurdle::new(format!("{joined} of {} CouchDB nodes have joined", nodes.len()));
            let patience = JOIN * PATIENCE * u32::try_from(nodes.len().saturating_sub(1)).unwrap_or(u32::MAX);
            Asked::NotYet(hurdle.hint(ProblemCode::NotJoined, patience))
        }
        (401 | 403, _) => {
            let (what, why) = ("whether CouchDB's nodes have joined", "CouchDB cannot be logged in to");
            Asked::Unknown { what, why }
        }
        (status, _) => Asked::NotYet(Hurdle::new(format!("it answers /_membership with status {status}"))),
    };
    (asked, None)
}

/// The names that the nodes of a cluster know each other by.
pub(super) fn names(expected: &Expected) -> BTreeSet<String> {
    let name = |component| format!("couchdb@{component}.{}.svc.cluster.local", expected.namespace);
    expected.cluster().map(|workload| name(workload.component)).collect()
}

/// How a cluster is made up, beside how it should be.
struct Membership {
    /// How many of its nodes are known and there.
    joined: usize,
    /// What is to be said of nodes that are not its own.
    others: Option<String>,
}

impl Membership {
    fn of(said: &Value, nodes: &BTreeSet<String>) -> Self {
        let list = |list: &str| -> BTreeSet<String> {
            let names = said.get(list).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (there, known) = (list("all_nodes"), list("cluster_nodes"));
        let joined = nodes.iter().filter(|node| there.contains(*node) && known.contains(*node)).count();
        let others: Vec<_> = known.difference(nodes).map(String::as_str).collect();
        let others = (!others.is_empty()).then(|| {
            format!(
                "CouchDB knows nodes that the values do not have: {}; what only those hold is away with them",
                others.join(", ")
            )
        });
        Self { joined, others }
    }
}

/// The answer to whoever has logged in, or to anyone where that cannot be.
async fn in_session(
    caller: &Caller<'_>,
    node: Component,
    path: &str,
    cookie: &mut Option<SecretString>,
) -> Result<ServiceResponse, Asked> {
    if cookie.is_some() {
        let response = caller.get(node, path, cookie.as_ref()).await?;
        if !matches!(response.status, 401 | 403) {
            return Ok(response);
        }
        // The session has ended.
    }
    *cookie = log_in(caller, node).await?;
    caller.get(node, path, cookie.as_ref()).await
}

/// The cookie of a new session; none where nothing is known by which to log in, or CouchDB lets nobody.
async fn log_in(caller: &Caller<'_>, node: Component) -> Result<Option<SecretString>, Asked> {
    let Some(login) = caller.login() else { return Ok(None) };
    let response = caller.post(node, "/_session", login.clone()).await?;
    let said = response.json().unwrap_or_default();
    let reason = said.get("reason").and_then(Value::as_str).unwrap_or_default();
    if response.status == 401 && reason.contains("incorrect") {
        let secret = &caller.services.expected.credentials;
        let hurdle = Hurdle::new(format!("it runs, and does not accept the credentials of Secret/{secret}"));
        return Err(Asked::NotYet(hurdle.hint(ProblemCode::CredentialsRefused, Duration::ZERO)));
    }
    Ok(response.cookie.filter(|_| response.status == 200))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(there: &[&str], known: &[&str]) -> String {
        let nodes = ["a", "b", "c"].map(str::to_owned).into();
        let Membership { joined, others } =
            Membership::of(&json!({ "all_nodes": there, "cluster_nodes": known }), &nodes);
        format!("{joined}, {}", others.unwrap_or_else(|| "no others".to_owned()))
    }

    #[test]
    fn a_node_has_joined_when_it_is_known_and_there() {
        let shown = [
            said(&["a"], &["a"]),
            said(&["a", "b"], &["a", "b", "c"]),
            said(&["a", "b", "c"], &["a", "b"]),
            said(&["a", "b", "c"], &["c", "b", "a"]),
            said(&["a", "b", "c"], &["a", "b", "c", "old"]),
            said(&["a", "b", "c", "d"], &["a", "b", "c", "d"]),
            said(&[], &[]),
        ];
        insta::assert_snapshot!(shown.join("\n"), @"
        1, no others
        2, no others
        2, no others
        3, no others
        3, CouchDB knows nodes that the values do not have: old; what only those hold is away with them
        3, CouchDB knows nodes that the values do not have: d; what only those hold is away with them
        0, no others
        ");
    }
}
