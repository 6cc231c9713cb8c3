//! What is in the cluster before anyone has used it.

use cht_manifests::Kind;
use serde_json::json;

use super::nodes::{self, SandboxNode};
use super::world::World;

/// The machine that pods without a wish run on.
pub(crate) const GENERAL_NODE: &str = "sandbox";

/// The annotation of the class that claims without one get.
pub(crate) const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// The provisioner of classes that have none.
pub(crate) const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// Makes namespaces, storage classes and a machine.
pub(crate) fn plant(world: &mut World) {
    for name in ["default", "kube-system"] {
        world.create(Kind::Namespace, json!({"metadata": {"name": name}}), "kube-apiserver");
    }
    // The classes of k3s, of clusters prepared by hand, of EKS, of GKE and of vSphere.
    for (name, provisioner, binding, is_default, grows) in [
        ("local-path", "rancher.io/local-path", "WaitForFirstConsumer", true, false),
        ("local-storage", NO_PROVISIONER, "WaitForFirstConsumer", false, false),
        ("ebs-gp2", "ebs.csi.aws.com", "WaitForFirstConsumer", false, true),
        ("gp2", "ebs.csi.aws.com", "WaitForFirstConsumer", false, true),
        ("gp3", "ebs.csi.aws.com", "WaitForFirstConsumer", false, true),
        ("premium-rwo", "pd.csi.storage.gke.io", "WaitForFirstConsumer", false, true),
        ("standard-rwo", "pd.csi.storage.gke.io", "WaitForFirstConsumer", false, true),
        ("vsphere-storage-class", NO_PROVISIONER, "Immediate", false, false),
    ] {
        let mut class = json!({
            "metadata": {"name": name},
            "provisioner": provisioner,
            "volumeBindingMode": binding,
            "reclaimPolicy": "Delete",
        });
        if is_default {
            class["metadata"]["annotations"] = json!({DEFAULT_CLASS: "true"});
        }
        if grows {
            class["allowVolumeExpansion"] = json!(true);
        }
        world.create(Kind::StorageClass, class, "kubectl");
    }
    // The controllers of k3s and EKS; GKE's has no class.
    for (name, controller) in [("traefik", "traefik.io/ingress-controller"), ("alb", "ingress.k8s.aws/alb")] {
        let is_default = if name == "traefik" { "true" } else { "false" };
        let annotations = json!({"ingressclass.kubernetes.io/is-default-class": is_default});
        let class = json!({"metadata": {"name": name, "annotations": annotations}, "spec": {"controller": controller}});
        world.create(Kind::IngressClass, class, "kubectl");
    }
    nodes::ensure(world, &SandboxNode::new(GENERAL_NODE));
}
