//! What is in the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::{SINGLE, all, drawn, example};
use crate::Object;
use crate::graph::{Condition, Graph, PartId, PartKind, Relation, Seen, State};

/// The graph in lines: each part with its facts, each link.
fn lines(graph: &Graph) -> String {
    let parts = graph.parts.iter().map(|part| {
        let within = part.within.as_ref().map(|outer| format!(" (within {outer})")).unwrap_or_default();
        let facts: Vec<_> = part.facts.iter().map(|fact| fact.text.as_str()).collect();
        format!("{} [{}]{within}: {}\n", part.id, part.title, facts.join("; "))
    });
    let links = graph.links.iter().map(|link| {
        let purpose = if link.purpose.is_empty() { String::new() } else { format!(" ({})", link.purpose) };
        format!("{} {:?} {}{purpose}\n", link.from, link.relation, link.to)
    });
    parts.chain(links).collect::<Vec<_>>().concat()
}

#[test]
fn one_node() {
    insta::assert_snapshot!(lines(&example("k3d").1));
}

#[test]
fn a_cluster_of_5_3() {
    insta::assert_snapshot!(lines(&example("eks").1));
}

#[test]
fn a_cluster_of_4() {
    insta::assert_snapshot!(lines(&example("cht-4x").1));
}

#[test]
fn a_cluster_of_5_2_with_data() {
    let (_, _, graph) = all().into_iter().find(|(name, ..)| name == "a cluster of 5.2").expect("it is there");
    insta::assert_snapshot!(lines(&graph));
}

#[test]
fn one_node_of_4_keeps_its_data_in_a_folder() {
    let (_, _, graph) = all().into_iter().find(|(name, ..)| name == "one node of 4.x").expect("it is there");
    insta::assert_snapshot!(lines(&graph));
}

#[test]
fn every_object_that_serves_or_keeps_data_is_a_part() {
    for (name, manifests, graph) in all() {
        let parts: BTreeSet<_> = graph.parts.iter().map(|part| part.id.clone()).collect();
        assert_eq!(parts.len(), graph.parts.len(), "{name}: each is there once");
        for manifest in &manifests {
            let kind = match &manifest.object {
                Object::Ingress(_) => PartKind::Ingress,
                Object::Service(_) => PartKind::Service,
                Object::Deployment(_) => PartKind::Deployment,
                Object::PersistentVolumeClaim(_) => PartKind::Claim,
                Object::PersistentVolume(_) => PartKind::Volume,
                _ => continue,
            };
            let id = PartId::new(kind, manifest.object.name());
            assert!(parts.contains(&id), "{name}: {id}");
        }
        for link in &graph.links {
            assert!(parts.contains(&link.from) && parts.contains(&link.to), "{name}: {link:?}");
        }
    }
}

#[test]
fn everything_is_connected() {
    for (name, _, graph) in all() {
        for part in graph.parts.iter().filter(|part| part.within.is_none()) {
            let touches = graph.links.iter().any(|link| link.from == part.id || link.to == part.id);
            assert!(touches, "{name}: {}", part.id);
            if part.id.kind == PartKind::Service {
                assert_ne!(*graph.answers(&part.id), part.id, "{name}: {} leads somewhere", part.id);
            }
        }
    }
}

#[test]
fn people_come_in_where_they_are_let_in() {
    let of = |wanted: &str| {
        let (_, _, graph) = all().into_iter().find(|(name, ..)| name == wanted).expect("it is there");
        let first = graph.links.into_iter().find(|link| link.from.kind == PartKind::Client);
        first.map(|link| link.to.to_string())
    };
    assert_eq!(of("eks").as_deref(), Some("ingress/api-ingress"));
    assert_eq!(of("a load balancer").as_deref(), Some("service/api"));
    assert_eq!(of("no ingress"), None);
}

#[test]
fn ports_and_nodes_of_any_number_are_told() {
    let (_, graph) = drawn(SINGLE, &["haproxy.port=7000", "api.port=7001"]);
    let ports =
        |name: &str| graph.part(&PartId::new(PartKind::Service, name)).expect("a Service").facts[0].text.clone();
    assert_eq!((ports("haproxy").as_str(), ports("api").as_str()), ("7000", "7001"));
    let (_, _, large) = all().into_iter().find(|(name, ..)| name == "99 nodes").expect("it is there");
    let peers = large.links.iter().filter(|link| link.relation == Relation::Peers).count();
    assert_eq!(peers, 2 * 98);
}

#[test]
fn what_was_not_seen_is_unknown() {
    let ready = BTreeMap::from([("cht-api".to_owned(), State::of(Condition::Ready, None))]);
    let seen = Seen { at: "noon".to_owned(), deployments: ready, claims: BTreeMap::new() };
    let graph = example("k3d").1.seen(&seen);
    for part in &graph.parts {
        let condition = part.state.as_ref().map(|state| state.condition);
        let expected = match part.id.to_string().as_str() {
            "deployment/cht-api" => Some(Condition::Ready),
            _ if matches!(part.id.kind, PartKind::Deployment | PartKind::Claim) => Some(Condition::Unknown),
            _ => None,
        };
        assert_eq!(condition, expected, "{}", part.id);
    }
}
