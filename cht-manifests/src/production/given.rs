//! What the cluster has for pods, by its name: a priority, and the credentials of a registry.

use cht_model::Instance;
use k8s_openapi::api::core::v1::{LocalObjectReference, PodSpec};

/// Refers a pod to what the values name.
pub(super) fn set(instance: &Instance, pod: &mut PodSpec) {
    pod.priority_class_name = instance.priority_class().map(ToString::to_string);
    pod.image_pull_secrets =
        instance.image_pull_secret().map(|secret| vec![LocalObjectReference { name: secret.to_string() }]);
}
