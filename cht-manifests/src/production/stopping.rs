//! How pods end.

use k8s_openapi::api::core::v1::PodSpec;

use crate::Component;

/// Long enough for requests in flight to end.
const GRACE_PERIOD_SECONDS: i64 = 30;

/// Gives what serves requests time to answer them. CouchDB has its time in either profile.
///
/// No pod has a hook before its end: each Deployment has one pod, so there is no other that requests could go to meanwhile.
pub(super) fn set(component: Component, pod: &mut PodSpec) {
    if matches!(component, Component::Api | Component::HaProxy) {
        pod.termination_grace_period_seconds = Some(GRACE_PERIOD_SECONDS);
    }
}
