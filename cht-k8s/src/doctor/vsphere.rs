//! Clusters on vSphere: the class of its volumes, and whether its nodes are known to it.

use cht_manifests::{Manifests, Object};
use k8s_openapi::api::core::v1::Node;
use k8s_openapi::api::storage::v1::StorageClass;

use super::check::Check;
use super::finding::Finding;
use super::fit;
use super::look::Answer;

/// The driver of vSphere's volumes.
const DRIVER: &str = "csi.vsphere.vmware.com";
/// What it did before there were drivers.
const IN_TREE: &str = "kubernetes.io/vsphere-volume";
/// How nodes that vSphere knows begin their provider id.
const PROVIDER: &str = "vsphere://";

/// The classes that people name vSphere's by, and what they are known by besides.
fn is_vsphere(name: &str) -> bool {
    name == "vmware-sc" || name.contains("vsphere")
}

/// What a cluster on vSphere has to have. Nothing for others.
pub(super) fn judge(
    manifests: &Manifests,
    classes: &Answer<Vec<StorageClass>>,
    nodes: &Answer<Vec<Node>>,
) -> Vec<Finding> {
    let Some(named) = class_of(manifests) else { return Vec::new() };
    vec![class(&named, classes), provider_ids(nodes)]
}

/// The class of vSphere that claims or volumes name.
fn class_of(manifests: &Manifests) -> Option<String> {
    let of_objects = manifests.iter().filter_map(|manifest| match &manifest.object {
        Object::PersistentVolumeClaim(claim) => claim.spec.as_ref()?.storage_class_name.clone(),
        Object::PersistentVolume(volume) => volume.spec.as_ref()?.storage_class_name.clone(),
        _ => None,
    });
    of_objects.into_iter().find(|name| is_vsphere(name))
}

fn class(wanted: &str, classes: &Answer<Vec<StorageClass>>) -> Finding {
    let check = Check::VSphereClass;
    let classes = match classes {
        Ok(classes) => classes,
        Err(error) => return Finding::unanswered(check, error),
    };
    match classes.iter().find(|class| class.metadata.name.as_deref() == Some(wanted)) {
        None => Finding::warning(
            check,
            format!("the cluster has no storage class {wanted}, which is vSphere's"),
            "install vSphere's CSI driver and make the class with its provisioner csi.vsphere.vmware.com",
        ),
        Some(class) if class.provisioner == DRIVER => {
            Finding::ok(check, format!("storage class {wanted} is provisioned by {DRIVER}"))
        }
        Some(class) if class.provisioner == IN_TREE => Finding::warning(
            check,
            format!(
                "storage class {wanted} has the provisioner {IN_TREE}, which Kubernetes 1.30 and later do not have"
            ),
            "make a class with the provisioner csi.vsphere.vmware.com, and move the volumes to it before upgrading",
        ),
        Some(class) => Finding::warning(
            check,
            format!("storage class {wanted} is provisioned by {}, and not by vSphere's {DRIVER}", class.provisioner),
            "check that the class is the one that is meant",
        ),
    }
}

fn provider_ids(nodes: &Answer<Vec<Node>>) -> Finding {
    let check = Check::VSphereNodes;
    let nodes = match nodes {
        Ok(nodes) => nodes,
        Err(error) => return Finding::unanswered(check, error),
    };
    let is_known = |node: &&Node| {
        let id = node.spec.as_ref().and_then(|spec| spec.provider_id.as_deref());
        id.is_some_and(|id| id.starts_with(PROVIDER))
    };
    let unknown: Vec<_> = nodes.iter().filter(|node| !is_known(node)).map(fit::name).collect();
    if unknown.is_empty() {
        return Finding::ok(check, format!("vSphere knows every node ({})", nodes.len()));
    }
    Finding::warning(
        check,
        format!("vSphere does not know these nodes, so they get no volumes of it: {}", unknown.join(", ")),
        "a node's spec.providerID begins with vsphere://: install vSphere's cloud provider, and start k3s with \
         --disable-cloud-controller and --kubelet-arg cloud-provider=external",
    )
}

#[cfg(test)]
mod tests {
    use cht_manifests::manifests;
    use serde_json::json;

    use super::*;
    use crate::doctor::Verdict;
    use crate::doctor::testing::{K3S, decode, verdicts};
    use crate::health::testing::instance;

    fn storage(name: &str, provisioner: &str) -> StorageClass {
        decode(json!({ "metadata": { "name": name }, "provisioner": provisioner }))
    }

    fn node(provider: &str) -> Node {
        decode(json!({ "metadata": { "name": "alpha" }, "spec": { "providerID": provider } }))
    }

    #[test]
    fn a_cluster_on_vsphere_needs_its_driver_and_its_nodes() {
        let wanted = manifests(&instance(K3S, &["couchdb.storage_class=vmware-sc"]));
        for (class, provider, expected) in [
            (storage("vmware-sc", DRIVER), "vsphere://4201", [Verdict::Ok, Verdict::Ok]),
            (storage("vmware-sc", IN_TREE), "k3s://alpha", [Verdict::Warning, Verdict::Warning]),
            (storage("vmware-sc", "rancher.io/local-path"), "", [Verdict::Warning, Verdict::Warning]),
            (storage("other", DRIVER), "vsphere://4201", [Verdict::Warning, Verdict::Ok]),
        ] {
            let found = judge(&wanted, &Ok(vec![class]), &Ok(vec![node(provider)]));
            assert_eq!(verdicts(&found), expected, "{found:?}");
        }
    }

    #[test]
    fn others_are_not_asked_about_it() {
        let wanted = manifests(&instance(K3S, &[]));
        assert_eq!(judge(&wanted, &Ok(Vec::new()), &Ok(Vec::new())), []);
    }
}
