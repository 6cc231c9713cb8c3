//! What one object refers to, another one is: in every rendering.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::rendered::{containers, in_every_case, items, text, variables};

#[test]
fn keys_of_secrets_and_config_maps_exist() {
    in_every_case(|rendered| {
        for (_, template) in rendered.templates() {
            for variable in variables(template) {
                let from = &variable["valueFrom"];
                for (reference, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
                    let reference = &from[reference];
                    if reference.is_object() {
                        let data = &rendered.get(kind, &reference["name"])["data"];
                        assert!(data[text(&reference["key"])].is_string(), "{reference}");
                    }
                }
            }
        }
    });
}

#[test]
fn mounts_have_volumes_and_volumes_have_claims() {
    in_every_case(|rendered| {
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
    });
}

#[test]
fn claims_can_bind_to_the_volumes_that_they_name() {
    in_every_case(|rendered| {
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
    });
}

/// Ports by which CouchDB nodes reach each other. The containers do not list them.
const CLUSTER_PORTS: [i64; 3] = [4369, 5986, 9100];

#[test]
fn services_select_one_workload_that_listens() {
    in_every_case(|rendered| {
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
    });
}

#[test]
fn deployments_select_their_own_pods_and_no_others() {
    in_every_case(|rendered| {
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
    });
}

#[test]
fn names_in_dns_are_services_with_that_port() {
    in_every_case(|rendered| {
        let literals = rendered.templates().into_iter().flat_map(|(_, template)| variables(template));
        let mut hosts: Vec<_> = literals.filter_map(|variable| variable["value"].as_str()).map(str::to_owned).collect();
        for config_map in rendered.all("ConfigMap") {
            let data = config_map["data"].as_object().expect("data");
            hosts.extend(data.values().flat_map(|hosts| text(hosts).split(',').map(str::to_owned).collect::<Vec<_>>()));
        }
        let mut found = 0;
        for host in hosts {
            let host = host.trim_start_matches("http://");
            let Some((service, port)) = (match host.split_once(".county-a-prod.svc.cluster.local") {
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
    });
}

#[test]
fn the_ingress_leads_to_the_apis_port() {
    in_every_case(|rendered| {
        let [ingress] = rendered.all("Ingress")[..] else { panic!("one ingress is expected") };
        let backend = &ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
        let service = rendered.get("Service", &backend["name"]);
        assert_eq!(service["spec"]["ports"][0]["port"], backend["port"]["number"]);
    });
}

#[test]
fn accounts_have_the_roles_that_they_are_bound_to() {
    in_every_case(|rendered| {
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
    });
}
