//! Every verb and resource that the commands need: the one place that lists them.

use std::collections::BTreeSet;

use cht_manifests::{Kind, Manifests};

use super::check::Check;
use crate::Access;
use crate::health::View;
use crate::lock::lease_key;
use crate::plan::LISTED;
use crate::uninstall::REMOVED;

/// What commands need to be allowed, by what they cannot do without it.
#[derive(Debug, Default)]
pub(super) struct Accesses {
    /// Without these a deploy fails.
    pub(super) deploy: BTreeSet<Access>,
    /// Without these the status cannot be shown.
    pub(super) status: BTreeSet<Access>,
    /// Without these an uninstall fails.
    pub(super) uninstall: BTreeSet<Access>,
    /// Without these something is not checked, or not made safe, and said so.
    pub(super) comfort: BTreeSet<Access>,
}

impl Accesses {
    /// What the commands need for an instance of these objects.
    pub(super) fn of(manifests: &Manifests, namespace: &str, namespace_is_there: bool) -> Self {
        let kinds: BTreeSet<_> = manifests.iter().map(|manifest| manifest.object.kind()).collect();
        let here = |verb, kind| Access::to(verb, kind, namespace);
        let mut deploy = BTreeSet::new();
        let written = kinds.iter().copied().filter(|kind| *kind != Kind::Namespace || !namespace_is_there);
        for kind in written {
            // An apply is a patch, and to the server also a creation where there is nothing yet.
            deploy.extend(["get", "patch", "create"].map(|verb| here(verb, kind)));
        }
        deploy.extend(LISTED.map(|kind| here("list", kind)));
        deploy.extend(View::kinds_for(manifests).flat_map(|kind| ["list", "watch"].map(|verb| here(verb, kind))));
        // The lock, and the records of what is done.
        deploy.extend(["get", "create", "update"].map(|verb| here(verb, lease_key(namespace, "").kind)));
        deploy.extend(["get", "list", "create", "update", "delete"].map(|verb| here(verb, Kind::ConfigMap)));
        deploy.insert(here("get", Kind::Secret));
        if kinds.contains(&Kind::Job) {
            deploy.insert(here("delete", Kind::Job));
        }
        let status = View::kinds_for(manifests).map(|kind| here("list", kind)).collect();
        let removed = REMOVED.into_iter().filter(|kind| !kind.is_optional() || kinds.contains(kind));
        let uninstall = removed.flat_map(|kind| ["list", "delete"].map(|verb| here(verb, kind))).collect();
        let comfort = [
            here("get", Kind::Namespace),
            here("get", Kind::PersistentVolume),
            here("list", Kind::PersistentVolume),
            here("update", Kind::PersistentVolume),
            here("list", Kind::StorageClass),
            here("list", Kind::Node),
            here("list", Kind::IngressClass),
            Access::everywhere("list", Kind::Ingress),
            Access::everywhere("list", Kind::Pod),
            // What a restart writes, and what opening an instance connects to; new servers ask for both of these.
            here("update", Kind::Deployment),
            Access::to_part("get", Kind::Pod, "portforward", namespace),
            Access::to_part("create", Kind::Pod, "portforward", namespace),
            Access::to_part("get", Kind::Pod, "log", namespace),
            Access::to_part("get", Kind::Service, "proxy", namespace),
            Access::to_part("create", Kind::Service, "proxy", namespace),
        ];
        let comfort = comfort.into_iter().filter(|access| !deploy.contains(access)).collect();
        Self { deploy, status, uninstall, comfort }
    }

    /// Each group with the check that is about it.
    pub(super) fn groups(&self) -> [(Check, &BTreeSet<Access>); 4] {
        [
            (Check::PermissionDeploy, &self.deploy),
            (Check::PermissionStatus, &self.status),
            (Check::PermissionUninstall, &self.uninstall),
            (Check::PermissionComfort, &self.comfort),
        ]
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::manifests;

    use super::*;
    use crate::health::testing::{K3D, instance};

    #[test]
    fn what_is_rendered_decides_what_is_needed() {
        let small = Accesses::of(&manifests(&instance(K3D, &[])), "county-a", true);
        let volumes = Access::to("patch", Kind::PersistentVolume, "");
        assert!(!small.deploy.contains(&volumes));
        assert!(!small.deploy.iter().any(|access| access.resource == "namespaces"), "it is there already");
        assert!(small.deploy.contains(&Access::to("patch", Kind::Deployment, "county-a")));
        assert!(small.comfort.contains(&Access::to("get", Kind::PersistentVolume, "")));

        let values = ["couchdb_data.preExistingDataAvailable=true", "local_storage.preExistingDiskPath-1=/srv/one"];
        let on_a_disk = Accesses::of(&manifests(&instance(K3D, &values)), "county-a", false);
        assert!(on_a_disk.deploy.contains(&volumes));
        assert!(!on_a_disk.comfort.contains(&Access::to("get", Kind::PersistentVolume, "")), "it is needed already");
        assert!(on_a_disk.deploy.contains(&Access::to("create", Kind::Namespace, "")));
    }

    #[test]
    fn every_kind_that_is_made_can_be_applied_and_removed() {
        let manifests = manifests(&instance(K3D, &[]));
        let accesses = Accesses::of(&manifests, "county-a", false);
        for manifest in &manifests {
            let kind = manifest.object.kind();
            assert!(accesses.deploy.contains(&Access::to("patch", kind, "county-a")), "{kind}");
            let removed = accesses.uninstall.contains(&Access::to("delete", kind, "county-a"));
            assert_eq!(removed, !kind.holds_data(), "{kind}");
        }
    }
}
