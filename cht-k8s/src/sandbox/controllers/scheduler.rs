//! Finds a node for a pod, and with it the volumes of its claims.

use std::collections::BTreeMap;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use serde_json::{Value, json};

use super::claim::{self, Binding};
use super::notice::claims_of;
use super::{conditions, kubelet, volume};
use crate::sandbox::agenda::{Action, PodId};
use crate::sandbox::events::{self, Report};
use crate::sandbox::json::{self, items, text};
use crate::sandbox::nodes::{self, SandboxNode};
use crate::sandbox::seed::{GENERAL_NODE, NO_PROVISIONER};
use crate::sandbox::world::World;

const SCHEDULER: &str = "default-scheduler";
const HOSTNAME: &str = "kubernetes.io/hostname";

/// How long the scheduler takes to look at a pod.
pub(super) const SCHEDULE: Duration = Duration::from_millis(50);

/// After what time it looks again at a pod that found no node.
const RETRY: Duration = Duration::from_secs(30);

pub(super) fn schedule(world: &mut World, id: &PodId) {
    let Some(pod) = world.pod(id).cloned() else { return };
    let key = &id.key;
    if text(&pod, "/spec/nodeName").is_some() || text(&pod, "/metadata/deletionTimestamp").is_some() {
        return;
    }
    let told = deployment_of(world, key, &pod).and_then(|deployment| world.faults.unschedulable(&deployment));
    let outcome = match told {
        Some(message) => Err(message),
        None => choose(world, key, &pod),
    };
    match outcome {
        Ok(Choice::Node(node)) => assign(world, id, &node),
        // The claims' controller goes on. The scheduler looks again when they are bound, and now and then before.
        Ok(Choice::Claims) => world.later(RETRY, Action::Schedule(id.clone())),
        Err(message) => {
            set_scheduled(world, key, Some(&message));
            events::record(world, key, &Report::warning(SCHEDULER, "FailedScheduling", message));
            world.later(RETRY, Action::Schedule(id.clone()));
        }
    }
}

enum Choice {
    /// The pod runs here.
    Node(String),
    /// A node is found, and the claims are being bound there.
    Claims,
}

fn choose(world: &mut World, key: &ObjectKey, pod: &Value) -> Result<Choice, String> {
    let claims = claims_of(key, pod);
    for claim in &claims {
        match world.store.get(claim) {
            None => return Err(format!("persistentvolumeclaim {:?} not found", claim.name)),
            Some(found) if text(found, "/metadata/deletionTimestamp").is_some() => {
                return Err(format!("persistentvolumeclaim {:?} is being deleted", claim.name));
            }
            Some(_) => {}
        }
    }
    let names = candidates(world, pod, &claims);
    let unbound: Vec<_> = claims.iter().filter(|claim| !is_bound(world, claim)).cloned().collect();
    let immediate = unbound.iter().any(|claim| {
        world.store.get(claim).is_some_and(|claim| {
            claim::binding_of(world, claim) != Binding::WithPod || text(claim, "/spec/volumeName").is_some()
        })
    });
    if immediate {
        let count = names.len();
        return Err(format!(
            "0/{count} nodes are available: {count} pod has unbound immediate PersistentVolumeClaims."
        ));
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for name in &names {
        match objection(world, pod, &claims, &unbound, name) {
            None if unbound.is_empty() => return Ok(Choice::Node(name.clone())),
            None => {
                bind_at(world, &unbound, name);
                return Ok(Choice::Claims);
            }
            Some(reason) => *reasons.entry(reason).or_default() += 1,
        }
    }
    if names.is_empty() {
        return Err("no nodes available to schedule pods".to_owned());
    }
    let reasons: Vec<_> = reasons.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    Err(format!("0/{} nodes are available: {}.", names.len(), reasons.join(", ")))
}

/// The nodes to look at, best first. Where none were given, those that the pod or its volumes ask for are made up.
fn candidates(world: &mut World, pod: &Value, claims: &[ObjectKey]) -> Vec<String> {
    let mut wanted: Vec<String> = json::texts(pod, "/spec/nodeSelector")
        .filter(|(name, _)| *name == HOSTNAME)
        .map(|(_, host)| host.to_owned())
        .collect();
    wanted.extend(hosts(pod.pointer("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution")));
    for claim_key in claims {
        let Some(claim) = world.store.get(claim_key) else { continue };
        let selected = json::texts(claim, "/metadata/annotations").find(|(name, _)| *name == claim::SELECTED_NODE);
        wanted.extend(selected.map(|(_, node)| node.to_owned()));
        let bound = text(claim, "/spec/volumeName").map(|name| ObjectKey::new(Kind::PersistentVolume, "", name));
        let volumes: Vec<_> = match bound.and_then(|volume| world.store.get(&volume)) {
            Some(volume) => vec![volume],
            None => world
                .store
                .list(Kind::PersistentVolume, None)
                .filter(|(_, volume)| volume::mismatch(volume, claim_key, claim).is_none())
                .map(|(_, volume)| volume)
                .collect(),
        };
        wanted.extend(volumes.into_iter().flat_map(|volume| hosts(volume.pointer("/spec/nodeAffinity/required"))));
    }
    if world.nodes.is_none() {
        for name in &wanted {
            nodes::ensure(world, &SandboxNode::new(name));
        }
    }
    let mut names: Vec<_> = world.store.list(Kind::Node, None).map(|(key, _)| key.name.clone()).collect();
    names.sort_by_key(|name| (!wanted.contains(name), name != GENERAL_NODE, name.clone()));
    names
}

/// The machines that a node selector names.
fn hosts(selector: Option<&Value>) -> Vec<String> {
    items(selector.unwrap_or(&Value::Null), "/nodeSelectorTerms")
        .iter()
        .flat_map(|term| items(term, "/matchExpressions"))
        .filter(|expression| text(expression, "/key") == Some(HOSTNAME) && text(expression, "/operator") == Some("In"))
        .flat_map(|expression| items(expression, "/values"))
        .filter_map(|host| host.as_str().map(str::to_owned))
        .collect()
}

/// Why a node will not do.
fn objection(world: &World, pod: &Value, claims: &[ObjectKey], unbound: &[ObjectKey], name: &str) -> Option<String> {
    let node = world.store.get(&ObjectKey::new(Kind::Node, "", name))?;
    // Nodes that were made up have whatever label is asked for, but each its own name.
    let strict = world.nodes.is_some();
    let matches = |selector: Option<&Value>| {
        selector.is_none_or(|selector| {
            items(selector, "/nodeSelectorTerms").iter().any(|term| {
                items(term, "/matchExpressions")
                    .iter()
                    .filter(|expression| strict || text(expression, "/key") == Some(HOSTNAME))
                    .all(|expression| meets(node, expression))
            })
        })
    };
    let selected = json::texts(pod, "/spec/nodeSelector")
        .filter(|(label, _)| strict || *label == HOSTNAME)
        .all(|wanted| json::texts(node, "/metadata/labels").any(|label| label == wanted));
    let affinity = pod.pointer("/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution");
    if !selected || !matches(affinity) {
        return Some("node(s) didn't match Pod's node affinity".to_owned());
    }
    if let Some(taint) = items(node, "/spec/taints").iter().find(|taint| !is_tolerated(pod, taint)) {
        let text = |pointer| text(taint, pointer).unwrap_or_default();
        return Some(format!(
            "node(s) had taint {{{}: {}}}, that the pod didn't tolerate",
            text("/key"),
            text("/value")
        ));
    }
    let away = claims.iter().filter_map(|claim| text(world.store.get(claim)?, "/spec/volumeName")).any(|volume| {
        world
            .store
            .get(&ObjectKey::new(Kind::PersistentVolume, "", volume))
            .is_some_and(|volume| !matches(volume.pointer("/spec/nodeAffinity/required")))
    });
    if away {
        return Some("node(s) had volume node affinity conflict".to_owned());
    }
    let unavailable = unbound.iter().any(|key| {
        world.store.get(key).is_some_and(|claim| {
            claim::provisioner_of(world, claim) == NO_PROVISIONER
                && volume::best(world, key, claim, |volume| matches(volume.pointer("/spec/nodeAffinity/required")))
                    .is_none()
        })
    });
    unavailable.then(|| "node(s) didn't find available persistent volumes to bind".to_owned())
}

/// Whether a node meets one expression of a selector.
fn meets(node: &Value, expression: &Value) -> bool {
    let label = json::texts(node, "/metadata/labels")
        .find(|(name, _)| Some(*name) == text(expression, "/key"))
        .map(|(_, value)| value);
    let listed = items(expression, "/values").iter().any(|value| value.as_str() == label && label.is_some());
    match text(expression, "/operator") {
        Some("In") => listed,
        Some("NotIn") => !listed,
        Some("Exists") => label.is_some(),
        Some("DoesNotExist") => label.is_none(),
        _ => false,
    }
}

fn is_tolerated(pod: &Value, taint: &Value) -> bool {
    if !matches!(text(taint, "/effect"), Some("NoSchedule" | "NoExecute")) {
        return true;
    }
    items(pod, "/spec/tolerations").iter().any(|toleration| {
        let same = |field: &str| text(toleration, field).unwrap_or_default() == text(taint, field).unwrap_or_default();
        let any = |field: &str| text(toleration, field).is_none_or(str::is_empty);
        (any("/effect") || same("/effect"))
            && match text(toleration, "/operator") {
                Some("Exists") => any("/key") || same("/key"),
                _ => same("/key") && same("/value"),
            }
    })
}

fn is_bound(world: &World, claim: &ObjectKey) -> bool {
    world.store.get(claim).is_some_and(|claim| text(claim, "/status/phase") == Some("Bound"))
}

/// Binds claims where their pod will run: to volumes that are there, or by asking for new ones.
fn bind_at(world: &mut World, claims: &[ObjectKey], node: &str) {
    for key in claims {
        let Some(claim) = world.store.get(key).cloned() else { continue };
        let near = |volume: &Value| {
            let hosts = hosts(volume.pointer("/spec/nodeAffinity/required"));
            hosts.is_empty() || hosts.iter().any(|host| host == node)
        };
        let there = volume::best(world, key, &claim, near).filter(|_| !world.faults.claim_pending(key));
        match there {
            Some(volume) => volume::bind(world, &volume, key),
            None => {
                world.change(key, "kube-scheduler", |claim| {
                    json::set(claim, &["metadata", "annotations", claim::SELECTED_NODE], json!(node));
                });
            }
        }
    }
}

fn assign(world: &mut World, id: &PodId, node: &str) {
    world.change(&id.key, "kube-scheduler", |pod| json::set(pod, &["spec", "nodeName"], json!(node)));
    set_scheduled(world, &id.key, None);
    let namespace = id.key.namespace.as_deref().unwrap_or_default();
    let message = format!("Successfully assigned {namespace}/{} to {node}", id.key.name);
    events::record(world, &id.key, &Report::normal(SCHEDULER, "Scheduled", message));
    kubelet::begin(world, id);
}

/// Says in the pod's status whether it has a node, and if not, why.
fn set_scheduled(world: &mut World, key: &ObjectKey, why_not: Option<&str>) {
    let now = world.stamp();
    let why_not = why_not.map(|message| ("Unschedulable", message));
    world.change(key, "kube-scheduler", |pod| {
        conditions::set(pod, conditions::condition("PodScheduled", why_not, &now));
    });
}

/// The Deployment that a pod belongs to.
fn deployment_of(world: &World, key: &ObjectKey, pod: &Value) -> Option<String> {
    let set = text(pod, "/metadata/ownerReferences/0/name")?;
    let namespace = key.namespace.as_deref().unwrap_or_default();
    let set = world.store.get(&ObjectKey::new(Kind::ReplicaSet, namespace, set))?;
    text(set, "/metadata/ownerReferences/0/name").map(str::to_owned)
}
