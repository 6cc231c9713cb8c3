//! What a deploy looks at before it writes anything: the checks whose fatal findings nothing later would catch in time. At most
//! four requests for an administrator, and none outside of the cluster.

use cht_manifests::{Kind, ObjectKey};
use futures::join;

use super::accesses::Accesses;
use super::check::Check;
use super::finding::{Finding, Verdict};
use super::{cluster as server, look, nodes, permissions, storage};
use crate::plan::{Change, Plan};
use crate::retry::reaching;
use crate::{Cluster, ClusterError};

/// What a deploy of this plan would fail with; nothing, where nothing is known to be in its way.
///
/// # Errors
///
/// When the server cannot be reached. What it refuses to say is not in the way of a deploy.
pub(crate) async fn preflight(cluster: &dyn Cluster, plan: &Plan) -> Result<Vec<Finding>, ClusterError> {
    let clock = cluster.clock();
    let wanted = &plan.wanted.manifests;
    let namespace = plan.namespace().as_str();
    let namespace_key = ObjectKey::new(Kind::Namespace, "", namespace);
    let is_there = plan.observed.get(&namespace_key).is_some() || !plan.observed.namespace_visible;
    let accesses = Accesses::of(wanted, namespace, is_there);
    let makes =
        |kind| plan.steps().iter().any(|step| step.manifest.object.kind() == kind && step.change == Change::Create);
    let (makes_pods, makes_claims) = (makes(Kind::Deployment), makes(Kind::PersistentVolumeClaim));
    let ((answer, now), lacking, machines, classes) = join!(
        async { (reaching(&*clock, || cluster.server_info()).await, clock.now()) },
        permissions::rights(cluster, namespace, &accesses.deploy),
        async {
            if makes_pods { nodes::judge(wanted, &look::all(cluster, Kind::Node, None).await) } else { Vec::new() }
        },
        async {
            if makes_claims && storage::is_provisioned(wanted) {
                Some(storage::classes(wanted, &look::all(cluster, Kind::StorageClass, None).await))
            } else {
                None
            }
        },
    );
    if let Err(error @ (ClusterError::Unreachable { .. } | ClusterError::Unavailable { .. })) = &lacking {
        return Err(error.clone());
    }
    let rights = match &lacking {
        Ok(lacking) => permissions::group(Check::PermissionDeploy, &accesses.deploy, lacking),
        Err(error) => Finding::unanswered(Check::PermissionDeploy, error),
    };
    let mut findings = vec![server::version(&answer), server::clock(&answer, now), rights];
    findings.extend(machines);
    findings.extend(classes);
    findings.retain(|finding| finding.verdict == Verdict::Fatal);
    Ok(findings)
}

#[cfg(test)]
mod tests;
