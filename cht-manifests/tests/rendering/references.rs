//! What one object refers to, another one is: in every rendering.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::manifests;
use proptest::prelude::*;
use serde_json::Value;

use crate::random;
use crate::rendered::{Rendered, containers, in_every_case, items, text, variables};

/// What must hold.
const CHECKS: [fn(&Rendered); 11] = [
    keys_of_secrets_and_config_maps_exist,
    mounts_have_volumes_and_volumes_have_claims,
    claims_can_bind_to_the_volumes_that_they_name,
    services_select_one_workload_that_listens,
    deployments_select_their_own_pods_and_no_others,
    names_in_dns_are_services_with_that_port,
    the_ingress_leads_to_the_apis_port,
    accounts_have_the_roles_that_they_are_bound_to,
    selectors_of_policies_and_budgets_find_pods,
    configurations_of_load_balancers_are_there,
    names_and_labels_are_such_as_kubernetes_takes,
];

#[test]
fn everything_is_there_in_every_case() {
    for check in CHECKS {
        in_every_case(check);
    }
}

proptest! {
    #[test]
    fn everything_is_there_in_any_instance((case, assignments) in random::instances()) {
        let assignments: Vec<_> = assignments.iter().map(String::as_str).collect();
        let rendered = Rendered::of(&manifests(&case.instance_with(&assignments)));
        for check in CHECKS {
            check(&rendered);
        }
    }
}

fn keys_of_secrets_and_config_maps_exist(rendered: &Rendered) {
    for (_, template) in rendered.templates() {
        for variable in variables(template) {
            let from = &variable["valueFrom"];
            for (reference, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
                let reference = &from[reference];
                // A Secret that someone else manages is not rendered.
                if reference.is_object() && !(kind == "Secret" && rendered.all(kind).is_empty()) {
                    let data = &rendered.get(kind, &reference["name"])["data"];
                    assert!(data[text(&reference["key"])].is_string(), "{reference}");
                }
            }
        }
    }
}

fn mounts_have_volumes_and_volumes_have_claims(rendered: &Rendered) {
    let mut claimed = BTreeSet::new();
    for (_, template) in rendered.templates() {
        let volumes: BTreeMap<_, _> =
            items(&template["spec"]["volumes"]).iter().map(|volume| (text(&volume["name"]), volume)).collect();
        for container in containers(template) {
            for mount in items(&container["volumeMounts"]) {
                assert!(volumes.contains_key(&text(&mount["name"])), "{mount}");
            }
        }
        for volume in volumes.values() {
            let claim = &volume["persistentVolumeClaim"]["claimName"];
            if claim.is_string() {
                rendered.get("PersistentVolumeClaim", claim);
                assert!(claimed.insert(text(claim)), "{claim} is used by two pods");
            }
        }
    }
    assert_eq!(claimed.len(), rendered.all("PersistentVolumeClaim").len());
}

fn claims_can_bind_to_the_volumes_that_they_name(rendered: &Rendered) {
    let mut bound = BTreeSet::new();
    for claim in rendered.all("PersistentVolumeClaim") {
        let (spec, name) = (&claim["spec"], &claim["spec"]["volumeName"]);
        if name.is_string() {
            let volume = &rendered.get("PersistentVolume", name)["spec"];
            // A volume without a class has the class "".
            assert_eq!(volume["storageClassName"].as_str().unwrap_or_default(), text(&spec["storageClassName"]));
            assert_eq!(volume["accessModes"], spec["accessModes"]);
            assert_eq!(volume["persistentVolumeReclaimPolicy"], "Retain");
            assert!(bound.insert(text(name)), "{name} is claimed twice");
        } else {
            assert_ne!(spec["storageClassName"], "", "nothing would provision {claim}");
        }
    }
    assert_eq!(bound.len(), rendered.all("PersistentVolume").len());
}

/// Ports by which CouchDB nodes reach each other. The containers do not list them.
const CLUSTER_PORTS: [i64; 3] = [4369, 5986, 9100];

fn services_select_one_workload_that_listens(rendered: &Rendered) {
    for service in rendered.all("Service") {
        let selector = service["spec"]["selector"].as_object().expect("a selector");
        assert_eq!(selector.keys().collect::<Vec<_>>(), ["cht.service"]);
        let selected: Vec<_> = rendered
            .templates()
            .into_iter()
            .filter(|(_, template)| template["metadata"]["labels"]["cht.service"] == selector["cht.service"])
            .collect();
        let [(_, template)] = selected[..] else { panic!("{service} selects {} workloads", selected.len()) };
        let listening: BTreeSet<_> = containers(template)
            .iter()
            .flat_map(|container| items(&container["ports"]))
            .map(|port| port["containerPort"].as_i64().expect("a number"))
            .chain(CLUSTER_PORTS)
            .collect();
        for port in items(&service["spec"]["ports"]) {
            assert!(listening.contains(&port["targetPort"].as_i64().expect("a number")), "{port} of {service}");
            assert_eq!(port["protocol"], "TCP");
        }
    }
}

fn deployments_select_their_own_pods_and_no_others(rendered: &Rendered) {
    let mut selected = BTreeSet::new();
    for deployment in rendered.all("Deployment") {
        let labels = deployment["spec"]["selector"]["matchLabels"].as_object().expect("labels");
        assert_eq!(labels.keys().collect::<Vec<_>>(), ["cht.service"]);
        let own = &deployment["spec"]["template"]["metadata"]["labels"]["cht.service"];
        assert_eq!(&labels["cht.service"], own);
        assert!(selected.insert(text(own)), "{own} is selected twice");
    }
    for job in rendered.all("Job") {
        assert!(job["spec"]["template"]["metadata"]["labels"]["cht.service"].is_null());
    }
}

fn names_in_dns_are_services_with_that_port(rendered: &Rendered) {
    let namespace = text(&rendered.all("Namespace")[0]["metadata"]["name"]);
    let in_namespace = format!(".{namespace}.svc.cluster.local");
    let literals = rendered.templates().into_iter().flat_map(|(_, template)| variables(template));
    let mut hosts: Vec<_> = literals.filter_map(|variable| variable["value"].as_str()).map(str::to_owned).collect();
    for config_map in rendered.all("ConfigMap") {
        let data = config_map["data"].as_object().expect("data");
        hosts.extend(data.values().flat_map(|hosts| text(hosts).split(',').map(str::to_owned).collect::<Vec<_>>()));
    }
    let mut found = 0;
    for host in hosts {
        let host = host.trim_start_matches("http://");
        let Some((service, port)) = (match host.split_once(&in_namespace) {
            Some((service, port)) => Some((service, port.trim_start_matches(':'))),
            None => host.split_once(':').filter(|(service, _)| service.starts_with("nouveau")),
        }) else {
            continue;
        };
        let ports = &rendered.get("Service", &Value::from(service))["spec"]["ports"];
        let has = |number: &str| items(ports).iter().any(|offered| offered["port"].as_u64() == number.parse().ok());
        assert!(port.is_empty() || has(port), "{host}");
        found += 1;
    }
    assert!(found >= 4, "only {found} names were looked up");
}

fn the_ingress_leads_to_the_apis_port(rendered: &Rendered) {
    for ingress in rendered.all("Ingress") {
        let backend = &ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
        let service = rendered.get("Service", &backend["name"]);
        assert_eq!(service["spec"]["ports"][0]["port"], backend["port"]["number"]);
    }
}

fn accounts_have_the_roles_that_they_are_bound_to(rendered: &Rendered) {
    for (_, template) in rendered.templates() {
        let account = &template["spec"]["serviceAccountName"];
        if account.is_string() {
            rendered.get("ServiceAccount", account);
        }
    }
    for binding in rendered.all("RoleBinding") {
        rendered.get("Role", &binding["roleRef"]["name"]);
        for subject in items(&binding["subjects"]) {
            rendered.get("ServiceAccount", &subject["name"]);
        }
    }
}

/// The pods that a selector finds, by their owner.
fn selected<'a>(rendered: &'a Rendered, selector: &Value) -> Vec<&'a str> {
    let expressions = items(&selector["matchExpressions"]);
    assert!(!expressions.is_empty(), "{selector} selects every pod of the namespace");
    let takes = |labels: &Value| {
        expressions.iter().all(|expression| {
            assert_eq!(expression["operator"], "In", "{expression}");
            items(&expression["values"]).contains(&labels[text(&expression["key"])])
        })
    };
    let templates = rendered.templates().into_iter();
    templates.filter(|(_, template)| takes(&template["metadata"]["labels"])).map(|(owner, _)| owner).collect()
}

fn selectors_of_policies_and_budgets_find_pods(rendered: &Rendered) {
    for policy in rendered.all("NetworkPolicy") {
        assert!(!selected(rendered, &policy["spec"]["podSelector"]).is_empty(), "{policy}");
    }
    for budget in rendered.all("PodDisruptionBudget") {
        assert!(selected(rendered, &budget["spec"]["selector"]).len() > 1, "{budget} would keep a machine for ever");
    }
}

fn configurations_of_load_balancers_are_there(rendered: &Rendered) {
    for service in rendered.all("Service") {
        if let Some(config) = service["metadata"]["annotations"]["cloud.google.com/backend-config"].as_str() {
            let config: Value = serde_json::from_str(config).expect("JSON");
            let backend = rendered.get("BackendConfig", &config["default"]);
            let port = &backend["spec"]["healthCheck"]["port"];
            assert!(port.is_null() || *port == service["spec"]["ports"][0]["targetPort"], "{backend}");
        }
    }
    for ingress in rendered.all("Ingress") {
        let config = &ingress["metadata"]["annotations"]["networking.gke.io/v1beta1.FrontendConfig"];
        if config.is_string() {
            rendered.get("FrontendConfig", config);
        }
    }
}

fn names_and_labels_are_such_as_kubernetes_takes(rendered: &Rendered) {
    let is_part = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        !part.is_empty()
            && part.starts_with(inner)
            && part.ends_with(inner)
            && part.chars().all(|c| inner(c) || c == '-')
    };
    let is_label = |value: &str| {
        let ends = |c: char| c.is_ascii_alphanumeric();
        let inner = |c: char| ends(c) || "-_.".contains(c);
        value.len() <= 63 && value.starts_with(ends) && value.ends_with(ends) && value.chars().all(inner)
    };
    for ((kind, name), object) in &rendered.0 {
        let longest = if matches!(kind.as_str(), "Service" | "Namespace" | "Job") { 63 } else { 253 };
        assert!(name.len() <= longest && name.split('.').all(is_part), "{kind}/{name}");
        for (label, value) in object["metadata"]["labels"].as_object().into_iter().flatten() {
            assert!(is_label(value.as_str().expect("a text")), "{kind}/{name}: {label}={value}");
        }
    }
}
