//! What `k3d cluster list -o json` says of a cluster. It also holds the cluster's token, so none of it is shown.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::MARK;
use crate::{ClusterName, LocalCluster, Owner, Ports, State};

#[derive(Deserialize)]
struct Cluster {
    name: String,
    #[serde(default)]
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    role: String,
    #[serde(default, rename = "runtimeLabels")]
    labels: BTreeMap<String, String>,
    #[serde(default, rename = "portMappings")]
    ports: BTreeMap<String, Option<Vec<Binding>>>,
    #[serde(default, rename = "State")]
    state: NodeState,
}

#[derive(Default, Deserialize)]
struct NodeState {
    #[serde(default, rename = "Running")]
    running: bool,
    #[serde(default, rename = "Status")]
    status: String,
}

#[derive(Deserialize)]
struct Binding {
    #[serde(default, rename = "HostPort")]
    port: String,
}

/// The cluster of that name, in the list of all; or why that is no such list.
pub(super) fn find(list: &str, name: &ClusterName) -> Result<Option<LocalCluster>, String> {
    // Where it is wrong may be said, but not what is there: it may be the token.
    let understood: Result<Vec<Cluster>, _> = serde_json::from_str(list.trim());
    let clusters = understood
        .map_err(|error| format!("it is no list of clusters (line {}, column {})", error.line(), error.column()))?;
    let found = clusters.into_iter().find(|cluster| cluster.name == name.as_str());
    Ok(found.map(|cluster| cluster.nodes).map(|nodes| LocalCluster {
        owner: owner(&nodes),
        state: state(&nodes),
        ports: ports(&nodes),
    }))
}

fn owner(nodes: &[Node]) -> Owner {
    match nodes.iter().find_map(|node| node.labels.get(MARK)).map(String::as_str) {
        Some("development") => Owner::Development,
        Some(_) => Owner::Values,
        None => Owner::Other,
    }
}

/// k3d makes the servers' containers, then that of the load balancer, and then starts them in that order. Nobody reaches
/// the cluster but through the load balancer: as long as that never ran, nothing can have been kept in it.
fn state(nodes: &[Node]) -> State {
    let of = |role: &'static str| nodes.iter().filter(move |node| node.role == role);
    let never_ran = |node: &&Node| node.state.status == "created";
    if of("server").next().is_none() {
        return State::Broken("it has no server".to_owned());
    }
    if of("server").chain(of("loadbalancer")).any(|node| never_ran(&node)) {
        return State::Unfinished;
    }
    if of("loadbalancer").next().is_none() {
        return State::Broken("it has no load balancer".to_owned());
    }
    let parts = || of("server").chain(of("agent")).chain(of("loadbalancer"));
    if parts().any(|node| node.state.status == "paused") {
        return State::Broken("its containers are paused; `docker unpause` lets them go on".to_owned());
    }
    if parts().any(|node| node.state.status == "dead") {
        return State::Broken("one of its containers is dead".to_owned());
    }
    if parts().all(|node| node.state.running) { State::Running } else { State::Stopped }
}

fn ports(nodes: &[Node]) -> Option<Ports> {
    let balancer = nodes.iter().find(|node| node.role == "loadbalancer")?;
    let port = |inner: &str| balancer.ports.get(inner)?.as_ref()?.first()?.port.parse().ok();
    Some(Ports { http: port("80/tcp")?, https: port("443/tcp")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(role: &str, status: &str) -> serde_json::Value {
        serde_json::json!({
            "name": format!("k3d-cht-{role}"), "role": role, "created": "2026-11-23T10:00:00.1Z",
            "env": ["K3S_TOKEN=top-secret"], "Cmd": null, "portMappings": {},
            "runtimeLabels": { "k3d.cluster": "cht", "k3d.cluster.token": "top-secret" },
            "State": { "Running": status == "running", "Status": status, "Started": "" },
        })
    }

    fn found(nodes: &[serde_json::Value]) -> LocalCluster {
        let list = serde_json::json!([
            { "name": "other", "network": { "name": "k3d-other" }, "nodes": [], "serversRunning": 0 },
            { "name": "cht", "nodes": nodes, "serversRunning": 1, "serversCount": 1, "hasLoadbalancer": true },
        ]);
        find(&list.to_string(), &"cht".parse().expect("a name")).expect("a list").expect("it is in it")
    }

    #[test]
    fn the_state_follows_from_the_containers() {
        let state =
            |server: &str, balancer: &str| found(&[node("server", server), node("loadbalancer", balancer)]).state;
        assert_eq!(state("running", "running"), State::Running);
        assert_eq!(state("exited", "exited"), State::Stopped);
        assert_eq!(state("running", "exited"), State::Stopped);
        assert_eq!(state("created", "created"), State::Unfinished);
        assert_eq!(state("running", "created"), State::Unfinished);
        assert!(matches!(state("paused", "running"), State::Broken(_)));
        assert!(matches!(state("dead", "exited"), State::Broken(_)));
        assert_eq!(found(&[node("server", "created")]).state, State::Unfinished);
        // It has run, so its load balancer was there once: this is not what an interrupted `k3d cluster create` leaves.
        assert!(matches!(found(&[node("server", "exited")]).state, State::Broken(_)));
        assert!(matches!(found(&[node("", "running")]).state, State::Broken(_)));
    }

    #[test]
    fn the_label_says_whose_it_is_and_the_balancer_where_it_is() {
        let mut server = node("server", "running");
        let mut balancer = node("loadbalancer", "running");
        assert_eq!(found(&[server.clone(), balancer.clone()]).owner, Owner::Other);
        balancer["portMappings"] = serde_json::json!({
            "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "8080" }], "443/tcp": [{ "HostPort": "8443" }],
            "6443/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "6550" }],
        });
        for (mark, owner) in [("development", Owner::Development), ("values", Owner::Values)] {
            server["runtimeLabels"][MARK] = mark.into();
            let cluster = found(&[server.clone(), balancer.clone()]);
            assert_eq!((cluster.owner, cluster.ports), (owner, Some(Ports { http: 8080, https: 8443 })));
        }
    }

    #[test]
    fn what_is_no_list_is_not_shown() {
        let name = "cht".parse().expect("a name");
        assert_eq!(find("[]\n", &name), Ok(None));
        let why = find("[{\"name\": \"cht\", \"nodes\": \"top-secret\"}]", &name).expect_err("no list");
        assert_eq!(why, "it is no list of clusters (line 1, column 38)");
    }
}
