//! The machines: whether those that are asked for are there, take the pods, and have room for them.

use std::collections::{BTreeMap, BTreeSet};

use cht_manifests::{Manifests, Object};
use cht_model::Architecture;
use k8s_openapi::api::core::v1::{Node, Pod};

use super::check::Check;
use super::finding::Finding;
use super::fit::{self, Objection, objection};
use super::look::Answer;
use super::pods::{WantedPod, wanted};
use crate::amount::Amount;
use crate::plan::{host_path_of, node_of};

/// What the nodes alone say.
pub(super) fn judge(manifests: &Manifests, nodes: &Answer<Vec<Node>>) -> Vec<Finding> {
    let checks = [Check::NodesReady, Check::NodeNames, Check::NodePlacement, Check::NodeTaints, Check::PodSize];
    let nodes = match nodes {
        Ok(nodes) => nodes,
        Err(error) => return checks.into_iter().map(|check| Finding::unanswered(check, error)).collect(),
    };
    let pods = wanted(manifests);
    if nodes.is_empty() {
        let none = "the cluster has no nodes: unless they come when pods ask for them, nothing will run";
        let hint = "add a node, or wait until the cluster's autoscaler has";
        return vec![Finding::warning(Check::NodesReady, none, hint)];
    }
    let mut findings = vec![ready(nodes)];
    findings.push(names(manifests, &pods, nodes));
    findings.extend(placement(manifests, &pods, nodes));
    findings.push(takers(&pods, nodes));
    findings.push(largest(&pods, nodes));
    findings
}

fn ready(nodes: &[Node]) -> Finding {
    let check = Check::NodesReady;
    let not_ready: Vec<_> = nodes.iter().filter(|node| !fit::is_ready(node)).map(fit::name).collect();
    let hint = "look at them with `kubectl describe node`: a machine that is off, or a kubelet that does not run";
    match not_ready.len() {
        0 => Finding::ok(check, format!("every node is ready ({})", nodes.len())),
        lost if lost == nodes.len() => {
            Finding::fatal(check, format!("no node is ready: {}", not_ready.join(", ")), hint)
        }
        _ => Finding::warning(check, format!("not ready: {}", not_ready.join(", ")), hint),
    }
}

/// The nodes that pods and volumes ask for by name.
fn named<'a>(manifests: &'a Manifests, pods: &[WantedPod<'a>]) -> BTreeSet<String> {
    let by_pods = pods.iter().flat_map(|pod| fit::hosts(pod.spec)).map(ToOwned::to_owned);
    let by_volumes = manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::PersistentVolume(volume) => node_of(volume.spec.as_ref()?),
        _ => None,
    });
    by_pods.chain(by_volumes).collect()
}

fn names(manifests: &Manifests, pods: &[WantedPod<'_>], nodes: &[Node]) -> Finding {
    let check = Check::NodeNames;
    let asked = named(manifests, pods);
    let there: BTreeMap<_, _> =
        nodes.iter().filter_map(|node| Some((fit::label(node, fit::HOSTNAME)?, node))).collect();
    let missing: Vec<_> = asked.iter().filter(|name| !there.contains_key(name.as_str())).cloned().collect();
    if !missing.is_empty() && !fit::makes_up_names(nodes) {
        let known = there.keys().copied().collect::<Vec<_>>().join(", ");
        return Finding::fatal(
            check,
            format!("the cluster has no node {}, which the values name; it has {known}", missing.join(", ")),
            "correct nodes.node-N in the values, as `kubectl get nodes` shows the names",
        );
    }
    let lost: Vec<_> = asked
        .iter()
        .filter(|name| there.get(name.as_str()).is_some_and(|node| !fit::is_ready(node)))
        .cloned()
        .collect();
    match (asked.len(), lost.is_empty()) {
        (0, _) => Finding::ok(check, "the values name no node"),
        (_, true) => Finding::ok(
            check,
            format!("the nodes that the values name are there: {}", asked.into_iter().collect::<Vec<_>>().join(", ")),
        ),
        (_, false) => Finding::fatal(
            check,
            format!("the values name a node that is not ready: {}", lost.join(", ")),
            "bring the node back: what is on its disk cannot be had elsewhere",
        ),
    }
}

/// Data in a folder of a node is found on that node alone.
fn placement(manifests: &Manifests, pods: &[WantedPod<'_>], nodes: &[Node]) -> Option<Finding> {
    let check = Check::NodePlacement;
    let volumes = manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::PersistentVolume(volume) => Some((manifest.object.key(), volume.spec.as_ref()?)),
        _ => None,
    });
    let on_disks: Vec<_> = volumes.filter(|(_, spec)| spec.host_path.is_some() || spec.local.is_some()).collect();
    let unplaced = on_disks.iter().filter(|(_, spec)| node_of(spec).is_none()).map(|(key, _)| key);
    // A pod that is placed takes its volume along.
    let folders = || pods.iter().filter(|pod| host_path_of(pod.spec).is_some());
    let loose = folders().filter(|pod| fit::hosts(pod.spec).is_empty()).map(|pod| &pod.owner);
    let all_placed = pods
        .iter()
        .filter(|pod| pod.spec.volumes.iter().flatten().any(|one| one.persistent_volume_claim.is_some()))
        .all(|pod| !fit::hosts(pod.spec).is_empty());
    let unplaced: Vec<_> = unplaced.filter(|_| !all_placed).chain(loose).map(ToString::to_string).collect();
    if on_disks.is_empty() && folders().next().is_none() {
        return None;
    }
    Some(if unplaced.is_empty() {
        Finding::ok(check, "each folder of a node is looked for on that node alone")
    } else if nodes.len() < 2 {
        Finding::ok(check, "the values name no node for the data, and there is only one")
    } else {
        Finding::fatal(
            check,
            format!(
                "{} is a folder of whichever node the pod runs on, and the cluster has {}: on any other, CouchDB starts empty",
                unplaced.join(", "),
                nodes.len()
            ),
            "name the node that has the data, or shall have it: nodes.node-1 in the values",
        )
    })
}

/// Whether some node takes each pod.
fn takers(pods: &[WantedPod<'_>], nodes: &[Node]) -> Finding {
    let check = Check::NodeTaints;
    let mut homeless: BTreeMap<BTreeSet<Objection>, Vec<String>> = BTreeMap::new();
    for pod in pods {
        let objections: Vec<_> = nodes.iter().map(|node| objection(node, pod.spec)).collect();
        // Whether a node of that name is there is another check's concern.
        let is_named = !fit::hosts(pod.spec).is_empty();
        let others =
            objections.iter().flatten().filter(|one| !is_named || **one != Objection::Label(fit::HOSTNAME.to_owned()));
        let others: BTreeSet<_> = others.cloned().collect();
        if objections.iter().all(Option::is_some) && !others.is_empty() {
            homeless.entry(others).or_default().push(pod.owner.to_string());
        }
    }
    if homeless.is_empty() {
        return Finding::ok(check, "every pod finds a node that takes it");
    }
    let words = homeless.iter().map(|(objections, owners)| {
        let why: Vec<_> = objections.iter().map(ToString::to_string).collect();
        format!("no node takes the pods of {}: {}", owners.join(", "), why.join(", or "))
    });
    let message = words.collect::<Vec<_>>().join("; ");
    let hint = "remove the taint (`kubectl taint nodes NODE KEY-`) or uncordon a node; for CouchDB, `toleration` in the values \
                lets its pods onto tainted nodes";
    if fit::may_grow(nodes) { Finding::warning(check, message, hint) } else { Finding::fatal(check, message, hint) }
}

/// Whether the largest pod fits on some node, were it empty.
fn largest(pods: &[WantedPod<'_>], nodes: &[Node]) -> Finding {
    let check = Check::PodSize;
    let rooms: Vec<_> = nodes.iter().filter_map(fit::allocatable).collect();
    if rooms.is_empty() {
        return Finding::unknown(check, "the nodes do not say what they have for pods");
    }
    let too_large = pods.iter().filter(|pod| !rooms.iter().any(|room| room.holds(Amount::requested(pod.spec))));
    let too_large: Vec<_> = too_large.map(|pod| format!("{} ({})", pod.owner, Amount::requested(pod.spec))).collect();
    if too_large.is_empty() {
        return Finding::ok(check, "the largest pod fits on a node");
    }
    let room = |room: &Amount| room.to_string();
    let message = format!(
        "no node is large enough for {}; nodes have {}",
        too_large.join(", "),
        rooms.iter().map(room).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
    );
    let hint = "set a smaller `size`, or COMPONENT.resources, in the values (docs/SIZING.md), or add a larger node";
    if fit::may_grow(nodes) { Finding::warning(check, message, hint) } else { Finding::fatal(check, message, hint) }
}

/// Whether all pods together fit beside what runs already. What the instance runs itself does not count: it is replaced.
pub(super) fn capacity(
    manifests: &Manifests,
    namespace: &str,
    nodes: &Answer<Vec<Node>>,
    pods: &Answer<Vec<Pod>>,
) -> Finding {
    let check = Check::Capacity;
    let (nodes, running) = match (nodes, pods) {
        (Ok(nodes), Ok(pods)) => (nodes, pods),
        (Err(error), _) | (_, Err(error)) => return Finding::unanswered(check, error),
    };
    let usable = nodes.iter().filter(|node| fit::is_ready(node));
    let sizes: Vec<_> = usable.filter_map(fit::allocatable).collect();
    if sizes.is_empty() {
        return Finding::unknown(check, "the nodes do not say what they have for pods");
    }
    let total = sizes.into_iter().fold(Amount::default(), Amount::plus);
    let is_over = |pod: &Pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
        matches!(phase, Some("Succeeded" | "Failed"))
    };
    let others = running.iter().filter(|pod| !is_over(pod) && pod.metadata.namespace.as_deref() != Some(namespace));
    let taken =
        others.filter_map(|pod| Some(Amount::requested(pod.spec.as_ref()?))).fold(Amount::default(), Amount::plus);
    let needed = wanted(manifests)
        .iter()
        .map(|pod| Amount::requested(pod.spec).times(pod.count))
        .fold(Amount::default(), Amount::plus);
    let free = total.minus(taken);
    if free.holds(needed) {
        return Finding::ok(check, format!("{needed} are requested, and {free} of {total} are free"));
    }
    Finding::warning(
        check,
        format!("{needed} are requested, and only {free} of {total} are free: some pods may wait for a node"),
        "add a node, or set a smaller `size` or COMPONENT.resources in the values (docs/SIZING.md)",
    )
}

/// Whether the images are for the machines.
pub(super) fn architectures(of_images: &[Architecture], nodes: &Answer<Vec<Node>>) -> Finding {
    let check = Check::NodeArchitecture;
    let nodes = match nodes {
        Ok(nodes) => nodes,
        Err(error) => return Finding::unanswered(check, error),
    };
    let images: Vec<_> = of_images.iter().map(ToString::to_string).collect();
    let (mut fitting, mut others) = (0, Vec::new());
    for node in nodes {
        match fit::label(node, fit::ARCHITECTURE) {
            Some(architecture) if images.iter().any(|image| image == architecture) => fitting += 1,
            Some(architecture) => others.push(format!("{} ({architecture})", fit::name(node))),
            None => {}
        }
    }
    let are_for = images.join(" and ");
    if others.is_empty() {
        return match fitting {
            0 => Finding::unknown(check, "the nodes do not say what architecture they have"),
            _ => Finding::ok(check, format!("the images are for {are_for}, as the nodes are")),
        };
    }
    let message = format!("the images are for {are_for}, and these nodes cannot run them: {}", others.join(", "));
    if fitting == 0 {
        let hint = "add nodes of that architecture, or take a release that is published for both (4.6 or later)";
        Finding::fatal(check, message, hint)
    } else {
        let hint = "with `profile: production` pods stay away from them; with `profile: chart`, cordon or taint them";
        Finding::warning(check, message, hint)
    }
}

#[cfg(test)]
mod tests;
