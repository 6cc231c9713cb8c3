//! Who may open connections to which pods: those that they work for, and nobody else. What pods open themselves stays free.
//!
//! A namespace holds one instance, so `cht.service` in it is enough to tell who is who. Kubelets reach the pods of their own
//! node whatever a policy says, so probes need no rule.

use cht_model::{ApiClients, Instance, NetworkAccess, Release};
use k8s_openapi::api::networking::v1::{
    NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::member::Member;
use crate::{Component, couchdb, healthcheck, labels, nouveau, upgrade_service};

/// What pods of ingress controllers are called: that of k3s, and the other that is common there.
const INGRESS_CONTROLLERS: [&str; 2] = ["traefik", "ingress-nginx"];
const NAME_LABEL: &str = "app.kubernetes.io/name";

/// A policy for each component, where the instance has any.
pub(super) fn policies(instance: &Instance) -> Vec<(Component, NetworkPolicy)> {
    let NetworkAccess::Restricted { api_from } = instance.network() else { return Vec::new() };
    let haproxy = rule(Some(own_namespace()), &[instance.couchdb().haproxy_port.get()]);
    let health_check = rule(Some(components([Component::HaProxy])), &[healthcheck::PORT]);
    let mut policies = vec![
        of_couchdb(instance),
        of(Component::HaProxy, vec![haproxy]),
        of(Component::HealthCheck, vec![health_check]),
        of(Component::Api, api(api_from, instance.api().port.get())),
        of(Component::Sentinel, Vec::new()),
    ];
    if matches!(instance.release(), Release::V4(_)) {
        let upgrades = rule(Some(components([Component::Api])), &[upgrade_service::PORT]);
        policies.push(of(Component::UpgradeService, vec![upgrades]));
    }
    policies
}

/// One policy over all nodes: they alone talk as nodes do, and search. `HAProxy` and its health check ask the database.
fn of_couchdb(instance: &Instance) -> (Component, NetworkPolicy) {
    let members = Member::all(instance);
    let is_cluster = members.len() > 1;
    let nodes: Vec<_> = members.iter().map(Member::service).collect();
    let own = match instance.release() {
        Release::V4(_) if is_cluster => Some(couchdb::CLUSTER_API_PORT),
        Release::V4(_) => None,
        Release::V5(_) => Some(nouveau::PORT),
    };
    let among_nodes: Vec<_> =
        [couchdb::PORT, couchdb::EPMD_PORT, couchdb::ERLANG_PORT].into_iter().chain(own).collect();
    let proxies = components([Component::HaProxy, Component::HealthCheck]);
    let rules = vec![rule(Some(own_pods(nodes.clone())), &among_nodes), rule(Some(proxies), &[couchdb::PORT])];
    let component = if is_cluster { Component::Instance } else { Component::CouchDb(None) };
    (component, policy(&Component::CouchDb(None).to_string(), labels::any_of(nodes), rules))
}

/// Sentinel asks the API, and so do people, by way of an ingress controller or another.
fn api(clients: ApiClients, port: u16) -> Vec<NetworkPolicyIngressRule> {
    match clients {
        ApiClients::IngressControllers => {
            vec![rule(Some(components([Component::Sentinel])), &[port]), rule(Some(ingress_controllers()), &[port])]
        }
        ApiClients::Anyone => vec![rule(None, &[port])],
    }
}

fn of(component: Component, rules: Vec<NetworkPolicyIngressRule>) -> (Component, NetworkPolicy) {
    let service = component.to_string();
    (component, policy(&service, labels::any_of([service.clone()]), rules))
}

fn policy(name: &str, pods: LabelSelector, rules: Vec<NetworkPolicyIngressRule>) -> NetworkPolicy {
    NetworkPolicy {
        metadata: ObjectMeta { name: Some(name.to_owned()), ..Default::default() },
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(pods),
            policy_types: Some(vec!["Ingress".to_owned()]),
            ingress: (!rules.is_empty()).then_some(rules),
            ..Default::default()
        }),
    }
}

/// Lets these connect to the ports, or anyone.
fn rule(from: Option<NetworkPolicyPeer>, ports: &[u16]) -> NetworkPolicyIngressRule {
    let port = |port: &u16| NetworkPolicyPort {
        port: Some(IntOrString::Int((*port).into())),
        protocol: Some("TCP".to_owned()),
        ..Default::default()
    };
    NetworkPolicyIngressRule { from: from.map(|peer| vec![peer]), ports: Some(ports.iter().map(port).collect()) }
}

fn components<const N: usize>(components: [Component; N]) -> NetworkPolicyPeer {
    own_pods(components.map(|component| component.to_string()))
}

/// Pods of the instance.
fn own_pods(services: impl IntoIterator<Item = String>) -> NetworkPolicyPeer {
    NetworkPolicyPeer { pod_selector: Some(labels::any_of(services)), ..Default::default() }
}

/// Every pod of the instance, and tools that people run beside it.
fn own_namespace() -> NetworkPolicyPeer {
    NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..Default::default() }
}

/// They run in namespaces of their own, which clusters call as they like.
fn ingress_controllers() -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector::default()),
        pod_selector: Some(labels::selecting(NAME_LABEL, INGRESS_CONTROLLERS.map(str::to_owned))),
        ..Default::default()
    }
}
