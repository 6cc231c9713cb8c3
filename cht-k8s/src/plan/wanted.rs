//! What a plan is made for.

use cht_manifests::{Kind, Manifest, Manifests, Needed, ObjectKey, manifests};
use cht_model::{Instance, NamespaceName, ProjectName};

use super::observe::Observed;
use crate::Action;

/// The objects of an instance, and how to call it: what a plan needs to know of what is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which instance it is.
    pub project: ProjectName,
    /// The namespace that all of it lives in.
    pub namespace: NamespaceName,
    /// CHT's version.
    pub version: String,
    /// The address that people open.
    pub address: String,
    /// The objects.
    pub manifests: Manifests,
    /// What else the instance consists of, and stays as it is in the cluster: it is written down and never applied, so that
    /// its Secrets may be [`masked`](Manifests::masked).
    pub kept: Manifests,
    /// What this is done for.
    pub action: Action,
}

impl Wanted {
    /// What an instance wants.
    pub fn of(instance: &Instance) -> Self {
        Self {
            project: instance.project().clone(),
            namespace: instance.namespace().clone(),
            version: instance.version().to_owned(),
            address: instance.address(),
            manifests: manifests(instance),
            kept: Manifests::default(),
            action: Action::Deploy,
        }
    }

    /// Whether the credentials are in a Secret that someone else manages.
    pub(super) fn has_given_secret(&self) -> bool {
        let is_given = |manifest: &Manifest| manifest.needed == Needed::Given && manifest.object.kind() == Kind::Secret;
        self.kept.iter().any(is_given)
    }

    /// The same without the objects that the server has no kind for and that an instance can do without, and which these are.
    pub(super) fn into_served(self, observed: &Observed) -> (Self, Vec<ObjectKey>) {
        let (left_out, served): (Vec<_>, Vec<_>) =
            self.manifests.into_iter().partition(|manifest| observed.is_left_out(manifest.object.kind()));
        let left_out = left_out.iter().map(|manifest| manifest.object.key()).collect();
        (Self { manifests: served.into_iter().collect(), ..self }, left_out)
    }

    /// All that the instance then consists of, with secrets masked.
    pub(crate) fn recorded(&self) -> Manifests {
        self.kept.iter().cloned().chain(self.manifests.masked()).collect()
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::{Component, Object, Stage};
    use futures::executor::block_on;
    use serde_json::json;

    use super::super::testing::{NAMESPACE, single};
    use super::super::{Plan, PlanError, plan_wanted};
    use super::*;
    use crate::ClusterError;
    use crate::sandbox::{Fault, Sandbox, Verb};

    fn with(kind: Kind, object: serde_json::Value) -> Wanted {
        let wanted = Wanted::of(&single(&[]).with_credentials(|key| key.secret_key().into()));
        let object: Object = serde_json::from_value(object).expect("an object");
        assert_eq!(object.kind(), kind);
        let (stage, component, needed) = (Stage::Configuration, Component::Instance, Needed::Always);
        let more = Manifest { stage, component, needed, object };
        Wanted { manifests: wanted.manifests.into_iter().chain([more]).collect(), ..wanted }
    }

    fn budget() -> Wanted {
        let budget = json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": { "name": "couchdb", "namespace": NAMESPACE },
            "spec": { "maxUnavailable": 1, "selector": { "matchLabels": { "cht.service": "couchdb" } } },
        });
        with(Kind::PodDisruptionBudget, budget)
    }

    fn plan_where(kind: Kind, verb: Verb, wanted: Wanted) -> Result<Plan, PlanError> {
        let sandbox = Sandbox::new();
        sandbox.fail(Fault::Api { verb, kind: Some(kind), times: 1, error: ClusterError::NotServed { kind } });
        block_on(plan_wanted(&sandbox, wanted))
    }

    #[test]
    fn what_the_server_has_a_kind_for_is_planned() {
        let plan = block_on(plan_wanted(&Sandbox::new(), budget())).expect("a plan");
        assert!(plan.steps().iter().any(|step| step.manifest.object.kind() == Kind::PodDisruptionBudget));
    }

    #[test]
    fn an_optional_kind_that_is_not_served_is_left_out_with_a_note() {
        let plan = plan_where(Kind::PodDisruptionBudget, Verb::Get, budget()).expect("a plan");
        assert!(plan.steps().iter().all(|step| step.manifest.object.kind() != Kind::PodDisruptionBudget));
        insta::assert_snapshot!(
            plan.notes().join("\n"),
            @"PodDisruptionBudget/couchdb is left out: this server serves no PodDisruptionBudget of policy/v1, and the instance runs without it"
        );
    }

    #[test]
    fn a_required_kind_that_is_not_served_ends_it() {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": "couchdb", "namespace": NAMESPACE }, "spec": { "podSelector": {} },
        });
        let kind = Kind::NetworkPolicy;
        let refused = plan_where(kind, Verb::List, with(kind, policy)).expect_err("no plan");
        assert_eq!(refused, PlanError::Cluster(ClusterError::NotServed { kind }));
    }
}
