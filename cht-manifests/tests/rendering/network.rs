//! Who may reach whom at which port, as the rendered policies decide it.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::{Manifests, manifests};
use cht_model::Instance;
use serde_json::Value;

use crate::cases::{Case, Data, Nodes, On, Version};
use crate::rendered::{Rendered, items, text};

const NAMESPACE: &str = "county-a-prod";

/// Labels of a pod, with its namespace.
#[derive(Debug, Clone)]
struct Pod {
    namespace: String,
    labels: BTreeMap<String, String>,
}

impl Pod {
    fn new(namespace: &str, label: &str, value: &str) -> Self {
        Self { namespace: namespace.to_owned(), labels: BTreeMap::from([(label.to_owned(), value.to_owned())]) }
    }

    /// How the tables below call it.
    fn name(&self) -> String {
        let name = self.labels.values().next_back().expect("a label");
        if self.namespace == NAMESPACE { name.clone() } else { format!("{}/{name}", self.namespace) }
    }
}

/// The pods of an instance.
fn pods(rendered: &Rendered) -> Vec<Pod> {
    let labels = |template: &Value| -> BTreeMap<String, String> {
        let all = template["metadata"]["labels"].as_object().expect("labels");
        all.iter().map(|(label, value)| (label.clone(), text(value))).collect()
    };
    let deployments = rendered.templates().into_iter().map(|(_, template)| labels(template));
    let with_service = deployments.filter(|labels| labels.contains_key("cht.service"));
    with_service.map(|labels| Pod { namespace: NAMESPACE.to_owned(), labels }).collect()
}

/// Others in the cluster: a tool beside the instance, ingress controllers, something else, and another instance.
fn others() -> Vec<Pod> {
    vec![
        Pod::new(NAMESPACE, "run", "curl"),
        Pod::new("kube-system", "app.kubernetes.io/name", "traefik"),
        Pod::new("ingress-nginx", "app.kubernetes.io/name", "ingress-nginx"),
        Pod::new("elsewhere", "app.kubernetes.io/name", "grafana"),
        Pod::new("county-b", "cht.service", "haproxy"),
        Pod::new("county-b", "cht.service", "couchdb-1"),
    ]
}

/// Whether a selector takes labels, by Kubernetes' rules. An operator that is not known here fails the test.
fn selects(selector: &Value, labels: &BTreeMap<String, String>) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten();
    let mut expressions = items(&selector["matchExpressions"]).iter();
    equal.into_iter().all(|(label, value)| labels.get(label).map(String::as_str) == value.as_str())
        && expressions.all(|expression| {
            assert_eq!(expression["operator"], "In", "{expression}");
            let found = labels.get(&text(&expression["key"]));
            found.is_some_and(|found| items(&expression["values"]).iter().any(|value| value == found))
        })
}

/// Whether one of a rule's peers is this pod. Without peers, everyone is.
fn is_from(rule: &Value, pod: &Pod) -> bool {
    let is_peer = |peer: &Value| {
        assert!(peer["ipBlock"].is_null(), "{peer}");
        // No policy here selects namespaces by labels, of which these pods' have none.
        let namespace = match peer["namespaceSelector"].as_object() {
            Some(every) => every.is_empty(),
            None => pod.namespace == NAMESPACE,
        };
        namespace && (peer["podSelector"].is_null() || selects(&peer["podSelector"], &pod.labels))
    };
    rule["from"].is_null() || items(&rule["from"]).iter().any(is_peer)
}

/// Whether a pod of the instance takes connections of another at a port.
fn may_reach(rendered: &Rendered, from: &Pod, to: &Pod, port: u16) -> bool {
    let guarding = |policy: &&Value| {
        assert_eq!(policy["spec"]["policyTypes"], serde_json::json!(["Ingress"]), "{policy}");
        selects(&policy["spec"]["podSelector"], &to.labels)
    };
    let guards: Vec<_> = rendered.all("NetworkPolicy").into_iter().filter(guarding).collect();
    let is_port = |open: &Value| open["protocol"] == "TCP" && open["port"] == port;
    let allows = |rule: &Value| is_from(rule, from) && items(&rule["ports"]).iter().any(is_port);
    // A pod always reaches itself, which is no matter of policies.
    guards.is_empty() || guards.iter().any(|policy| items(&policy["spec"]["ingress"]).iter().any(allows))
}

/// Every port that anything of an instance listens on, and one that nothing does.
const PORTS: [u16; 10] = [4369, 5008, 5555, 5984, 5986, 5987, 5988, 9100, 6001, 6002];

/// `from > to: ports`, for all that is allowed between two pods.
fn reachable(instance: &Instance) -> BTreeSet<String> {
    let rendered = Rendered::of(&manifests(instance));
    let own = pods(&rendered);
    let mut found = BTreeSet::new();
    for from in own.iter().cloned().chain(others()) {
        for to in own.iter().filter(|to| to.name() != from.name()) {
            let open: Vec<_> = PORTS.into_iter().filter(|port| may_reach(&rendered, &from, to, *port)).collect();
            if !open.is_empty() {
                let open: Vec<_> = open.iter().map(ToString::to_string).collect();
                found.insert(format!("{} > {}: {}", from.name(), to.name(), open.join(" ")));
            }
        }
    }
    found
}

/// Who calls whom, as CHT's images do.
fn needed(case: Case) -> BTreeSet<String> {
    let nodes: Vec<_> = match case.nodes {
        Nodes::One => vec!["couchdb".to_owned()],
        Nodes::Three => (1..=3).map(|number| format!("couchdb-{number}")).collect(),
    };
    let mut needed = BTreeSet::new();
    let mut calls = |from: &str, to: &str, ports: &str| needed.insert(format!("{from} > {to}: {ports}"));
    // Each program reaches CouchDB through HAProxy, and so do people's tools in the namespace.
    for from in ["api", "sentinel", "curl", "healthcheck"].into_iter().chain(nodes.iter().map(String::as_str)) {
        calls(from, "haproxy", "5984");
    }
    for node in &nodes {
        calls("haproxy", node, "5984");
        calls("healthcheck", node, "5984");
        let ports = if case.version == Version::V4 { "4369 5984 5986 9100" } else { "4369 5984 5987 9100" };
        for peer in nodes.iter().filter(|peer| *peer != node) {
            calls(peer, node, ports);
        }
    }
    calls("haproxy", "healthcheck", "5555");
    calls("sentinel", "api", "5988");
    calls("kube-system/traefik", "api", "5988");
    calls("ingress-nginx/ingress-nginx", "api", "5988");
    if case.version == Version::V4 {
        calls("api", "upgrade-service", "5008");
        calls("upgrade-service", "haproxy", "5984");
    }
    needed
}

fn on_k3s() -> impl Iterator<Item = Case> {
    Case::all().into_iter().filter(|case| case.on == On::K3s)
}

#[test]
fn each_call_that_is_made_may_be_and_no_other() {
    for case in on_k3s() {
        assert_eq!(reachable(&case.instance()), needed(case), "{case}");
    }
}

#[test]
fn anyone_may_reach_the_api_where_the_values_or_load_balancers_ask_for_it() {
    for case in Case::all() {
        let set = match case.on {
            On::K3s => ["network_policy.api_from=any"],
            On::Eks | On::Gke => ["network_policy.enabled=true"],
        };
        let reachable = reachable(&case.instance_with(&set));
        let mut expected = needed(case);
        for from in reachable.iter().filter(|line| line.ends_with(" > api: 5988")) {
            expected.insert(from.clone());
        }
        assert_eq!(reachable, expected, "{case}");
        for from in ["elsewhere/grafana", "county-b/haproxy", "curl", "haproxy"] {
            assert!(reachable.contains(&format!("{from} > api: 5988")), "{case}: {from}");
        }
    }
}

#[test]
fn ports_of_the_values_are_those_that_are_open() {
    let case = Case { version: Version::V53, on: On::K3s, nodes: Nodes::One, data: Data::New };
    let reachable = reachable(&case.instance_with(&["api.port=6001", "haproxy.port=6002"]));
    for line in ["sentinel > api: 6001", "kube-system/traefik > api: 6001", "api > haproxy: 6002"] {
        assert!(reachable.contains(line), "{line} of {reachable:#?}");
    }
    let stale = reachable.iter().filter(|line| line.contains(" > api: 5988") || line.contains(" > haproxy: 5984"));
    assert_eq!(stale.count(), 0, "{reachable:#?}");
}

fn of_policies(rendered: &Manifests) -> BTreeMap<String, Value> {
    let policies = rendered.iter().map(|manifest| (manifest.component, manifest.object.to_value()));
    let policies = policies.filter(|(_, object)| object["kind"] == "NetworkPolicy");
    policies
        .map(|(of, policy)| (format!("{of}: {}", text(&policy["metadata"]["name"])), policy["spec"].clone()))
        .collect()
}

#[test]
fn platforms_that_do_not_enforce_policies_have_them_when_asked_for() {
    for case in Case::all() {
        for (set, expected) in [
            (&[][..], case.on == On::K3s),
            (&["network_policy.enabled=true"], true),
            (&["network_policy.enabled=false"], false),
            (&["profile=chart"], false),
        ] {
            let policies = of_policies(&manifests(&case.instance_with(set)));
            assert_eq!(!policies.is_empty(), expected, "{case}: {set:?}");
        }
    }
}

#[test]
fn policies_of_each_line() {
    for (name, version, nodes) in [
        ("v4_single", Version::V4, Nodes::One),
        ("v4_cluster", Version::V4, Nodes::Three),
        ("v5_single", Version::V53, Nodes::One),
        ("v5_cluster", Version::V53, Nodes::Three),
    ] {
        let case = Case { version, on: On::K3s, nodes, data: Data::New };
        insta::assert_yaml_snapshot!(format!("policies_{name}"), of_policies(&case.render()));
    }
}
