//! Whether a claim can become as large as wanted. It never shrinks, and grows only where its class can make volumes larger.
//! The server refuses both itself, but it does not say which class it means, nor what to do.

use std::collections::BTreeSet;

use cht_manifests::{Kind, Manifests, Object, ObjectKey};
use cht_model::Quantity;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, PersistentVolumeClaimSpec};
use k8s_openapi::api::storage::v1::StorageClass;

use super::observe::Observed;
use super::safety::{DataRisk, DataRule};

const KEY: &str = "couchdb.couchdb_node_storage_size";

/// The classes of the claims that would grow.
pub(super) fn classes_to_look_at(wanted: &Manifests, observed: &Observed) -> Vec<ObjectKey> {
    let classes: BTreeSet<_> = wanted
        .iter()
        .filter_map(|manifest| {
            let Object::PersistentVolumeClaim(claim) = &manifest.object else { return None };
            let live = observed.get(&manifest.object.key())?.decode::<PersistentVolumeClaim>().ok()?.spec?;
            grows(claim.spec.as_ref()?, &live).then(|| class_of(&live))?
        })
        .collect();
    classes.into_iter().collect()
}

/// What stands against the wanted size of a claim.
pub(super) fn size_risk(
    object: &ObjectKey,
    wanted: &PersistentVolumeClaimSpec,
    live: &PersistentVolumeClaim,
    (manifests, observed): (&Manifests, &Observed),
) -> Option<DataRisk> {
    let live_spec = live.spec.as_ref()?;
    let (from, to) = (size(live_spec)?, size(wanted)?);
    let consequence = if to < from {
        format!("the claim has {from}, and cannot shrink to {to}")
    } else if to > from && is_bound(live) {
        let why = obstacle(live_spec, manifests, observed)?;
        format!("the claim has {from}, and cannot grow to {to}: {why}; leave {KEY} at {from}")
    } else {
        return None;
    };
    Some(DataRisk { rule: DataRule::ClaimSize, object: object.clone(), consequence })
}

/// Why a bound claim cannot grow. Of a class that cannot be looked at nothing is known here.
fn obstacle(live: &PersistentVolumeClaimSpec, manifests: &Manifests, observed: &Observed) -> Option<String> {
    let is_ours = |volume: &str| {
        let objects = manifests.iter().map(|manifest| &manifest.object);
        objects.into_iter().any(|object| object.kind() == Kind::PersistentVolume && object.name() == volume)
    };
    if live.volume_name.as_deref().is_some_and(is_ours) {
        return Some("Kubernetes makes no disk larger that the values name".to_owned());
    }
    let class: StorageClass = observed.get(&class_of(live)?)?.decode().ok()?;
    let name = class.metadata.name.unwrap_or_default();
    (class.allow_volume_expansion != Some(true))
        .then(|| format!("its class {name} lets no claim grow (allowVolumeExpansion)"))
}

fn grows(wanted: &PersistentVolumeClaimSpec, live: &PersistentVolumeClaimSpec) -> bool {
    matches!((size(wanted), size(live)), (Some(wanted), Some(live)) if wanted > live)
}

fn class_of(claim: &PersistentVolumeClaimSpec) -> Option<ObjectKey> {
    let class = claim.storage_class_name.as_deref().filter(|class| !class.is_empty())?;
    Some(ObjectKey::new(Kind::StorageClass, "", class))
}

fn size(claim: &PersistentVolumeClaimSpec) -> Option<Quantity> {
    claim.resources.as_ref()?.requests.as_ref()?.get("storage")?.0.parse().ok()
}

fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    claim.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Bound")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::make::PlanError;
    use super::super::testing::{NAMESPACE, holding, key, planned, single};
    use super::*;
    use crate::sandbox::{Fault, Sandbox, Verb};
    use crate::{ClusterError, LiveObject};

    const LARGER: &str = "couchdb.couchdb_node_storage_size=20Gi";
    const CLAIM: &str = "couchdb-claim0";

    /// What stands against growing the claim of an instance in a sandbox.
    fn against(sandbox: &Sandbox) -> Vec<String> {
        let plan = planned(sandbox, single(&[LARGER]));
        plan.risks().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_class_that_cannot_grow_is_named() {
        insta::assert_snapshot!(
            against(&holding(single(&[]))).join("\n"),
            @"PersistentVolumeClaim/couchdb-claim0: the claim has 10Gi, and cannot grow to 20Gi: its class local-path lets no claim grow (allowVolumeExpansion); leave couchdb.couchdb_node_storage_size at 10Gi [claim-size]"
        );
    }

    #[test]
    fn a_class_that_can_grow_is_no_obstacle() {
        let sandbox = holding(single(&["couchdb.storage_class=gp3"]));
        let plan = planned(&sandbox, single(&["couchdb.storage_class=gp3", LARGER]));
        assert!(plan.risks().is_empty() && plan.refusals().is_empty(), "{:?} {:?}", plan.risks(), plan.refusals());
    }

    #[test]
    fn of_a_class_that_may_not_be_looked_at_the_server_says_it() {
        let sandbox = holding(single(&[]));
        let error = ClusterError::Forbidden { object: "StorageClass".to_owned(), message: "no".to_owned() };
        sandbox.fail(Fault::Api { verb: Verb::Get, kind: Some(Kind::StorageClass), times: 1, error });
        let plan = planned(&sandbox, single(&[LARGER]));
        assert!(plan.risks().is_empty(), "{:?}", plan.risks());
        assert!(matches!(&plan.refusals()[..], [ClusterError::Forbidden { .. }]), "{:?}", plan.refusals());
    }

    #[test]
    fn classes_are_looked_at_only_where_a_claim_grows() {
        let sandbox = holding(single(&[]));
        let error = ClusterError::Expired;
        sandbox.fail(Fault::Api { verb: Verb::Get, kind: Some(Kind::StorageClass), times: 1, error: error.clone() });
        assert!(planned(&sandbox, single(&[])).is_unchanged());
        let asked = futures::executor::block_on(super::super::plan(&*sandbox, single(&[LARGER])));
        assert_eq!(asked.expect_err("it is looked at"), PlanError::Cluster(error));
    }

    #[test]
    fn a_claim_that_waits_is_left_to_the_server() {
        let wanted = cht_manifests::manifests(&single(&[LARGER]));
        let claim = json!({
            "metadata": { "name": CLAIM, "namespace": NAMESPACE },
            "spec": { "storageClassName": "fixed", "resources": { "requests": { "storage": "10Gi" } } },
            "status": { "phase": "Pending" },
        });
        let class = json!({ "metadata": { "name": "fixed" }, "provisioner": "x" });
        let observed = Observed::of([
            LiveObject::new(Kind::PersistentVolumeClaim, claim.clone()),
            LiveObject::new(Kind::StorageClass, class),
        ]);
        let spec = |value: serde_json::Value| serde_json::from_value::<PersistentVolumeClaim>(value).expect("a claim");
        let mut larger = claim.clone();
        larger["spec"]["resources"]["requests"]["storage"] = json!("20Gi");
        let risk = |live: &PersistentVolumeClaim| {
            let wanted_spec = spec(larger.clone()).spec.expect("a spec");
            size_risk(&key(Kind::PersistentVolumeClaim, CLAIM), &wanted_spec, live, (&wanted, &observed))
        };
        let waiting = spec(claim);
        assert_eq!(risk(&waiting), None);
        let mut bound = waiting;
        bound.status.get_or_insert_default().phase = Some("Bound".to_owned());
        assert!(risk(&bound).is_some());
    }
}
