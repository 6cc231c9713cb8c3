//! No two ingresses of a cluster claim the same requests: which of them gets those is decided by whatever serves both, and
//! people of one instance would meet the other.

use cht_manifests::{Kind, Object, ObjectKey};
use k8s_openapi::api::networking::v1::{HTTPIngressPath, Ingress};

use super::hash::StepHash;
use super::mask::Masks;
use super::observe::Observed;
use super::step::{Change, Step};
use crate::retry::reaching;
use crate::{Cluster, ClusterError, LiveObject};

/// Where older ingresses, and those of GKE, have their class.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

/// Refuses each step that would write an ingress whose requests another one claims. Asks the cluster only where there is such
/// a step, once. Answers what could not be checked.
///
/// # Errors
///
/// When the cluster does not answer.
pub(super) async fn refuse_claimed(
    cluster: &dyn Cluster,
    steps: &mut [Step],
    observed: &Observed,
    masks: &Masks<'_>,
) -> Result<Option<String>, ClusterError> {
    let mut written: Vec<_> = steps.iter_mut().filter(|step| writes_ingress(step)).collect();
    if written.is_empty() {
        return Ok(None);
    }
    let all = match reaching(&*cluster.clock(), || cluster.list(Kind::Ingress, None)).await {
        Ok(listing) => listing.items,
        Err(ClusterError::Forbidden { .. }) => return Ok(Some(unchecked(&written))),
        Err(error) => return Err(error),
    };
    for step in &mut written {
        let Some(error) = taken(step, &all) else { continue };
        let change = Change::Denied { error };
        let live = observed.get(&step.manifest.object.key());
        step.hash = StepHash::of(&step.manifest, &change, live, masks);
        step.change = change;
    }
    Ok(None)
}

fn writes_ingress(step: &Step) -> bool {
    let writes = match step.change {
        Change::Create | Change::Update { .. } | Change::Adopt { .. } | Change::Untried { .. } => true,
        Change::Unchanged
        | Change::Rerun
        | Change::Leave
        | Change::Conflict { .. }
        | Change::Immutable { .. }
        | Change::Denied { .. } => false,
    };
    writes && step.manifest.object.kind() == Kind::Ingress
}

fn unchecked(steps: &[&mut Step]) -> String {
    let objects: Vec<_> = steps.iter().map(|step| step.manifest.object.key().to_string()).collect();
    format!(
        "{}: ingresses of other namespaces may not be listed by this user, so whether another one claims the same host \
         is not known",
        objects.join(", ")
    )
}

/// Why the ingress of a step cannot be written, where another one claims what it would.
fn taken(step: &Step, all: &[LiveObject]) -> Option<ClusterError> {
    let Object::Ingress(wanted) = &step.manifest.object else { return None };
    taken_host(&step.manifest.object.key(), wanted, all)
}

/// Why an ingress cannot be written, where another one claims what it would.
pub(crate) fn taken_host(object: &ObjectKey, wanted: &Ingress, all: &[LiveObject]) -> Option<ClusterError> {
    let others = all.iter().filter(|other| other.key() != *object && !other.is_terminating());
    // What cannot be read claims nothing that is known of.
    let mut claimed = others.filter_map(|other| Some((other, contested(wanted, &other.decode().ok()?)?)));
    let (other, host) = claimed.next()?;
    Some(ClusterError::HostTaken { object: object.clone(), host, by: Box::new(other.key()) })
}

/// The host of the first whose requests the second claims, too; an empty one is every host.
fn contested(wanted: &Ingress, other: &Ingress) -> Option<String> {
    let may_be_served_alike = match (class(wanted), class(other)) {
        (Some(one), Some(other)) => one == other,
        // The cluster's default may be the other's.
        (None, _) | (_, None) => true,
    };
    let theirs = claims(other);
    let is_claimed = |(host, path): &(&str, &str)| {
        theirs.iter().any(|(other_host, other_path)| path == other_path && share_a_host(host, other_host))
    };
    let contested = claims(wanted).into_iter().find(is_claimed).filter(|_| may_be_served_alike);
    contested.map(|(host, _)| host.to_owned())
}

fn class(ingress: &Ingress) -> Option<&str> {
    let named = ingress.spec.as_ref().and_then(|spec| spec.ingress_class_name.as_deref());
    let annotated = || ingress.metadata.annotations.as_ref()?.get(CLASS_ANNOTATION).map(String::as_str);
    named.or_else(annotated)
}

/// Each host with each path below which an ingress claims requests.
fn claims(ingress: &Ingress) -> Vec<(&str, &str)> {
    let rules = ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten());
    let claims = rules.flat_map(|rule| {
        let host = rule.host.as_deref().unwrap_or_default();
        rule.http.iter().flat_map(move |http| http.paths.iter().map(move |path| (host, below(path))))
    });
    claims.collect()
}

/// The path without what only says that it is a beginning. A longer one is how other programs, or a certificate's challenge,
/// are put beside an instance on purpose: it claims only its own.
fn below(path: &HTTPIngressPath) -> &str {
    path.path.as_deref().unwrap_or_default().trim_end_matches('*').trim_end_matches('/')
}

/// Whether there are requests to both: to the same host, to any host, or to one that a wildcard stands for.
fn share_a_host(one: &str, other: &str) -> bool {
    one == other || covers(one, other) || covers(other, one)
}

/// Whether `*.example.org` stands for the host: for one part of a name, not for more.
fn covers(wildcard: &str, host: &str) -> bool {
    let domain = wildcard.strip_prefix("*.");
    domain.is_some_and(|domain| host.split_once('.').is_some_and(|(_, of_host)| of_host == domain))
}

#[cfg(test)]
mod tests;
