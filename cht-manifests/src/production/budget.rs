//! How many CouchDB nodes may be down at a time, when machines are emptied on purpose.

use cht_model::Instance;
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::labels;
use crate::member::Member;

const NAME: &str = "couchdb";

/// One at a time, in a cluster. What has one pod gets none: it would keep the machine from ever being emptied, and the pod
/// starts elsewhere as soon as it may go.
pub(super) fn budget(instance: &Instance) -> Option<PodDisruptionBudget> {
    let members = Member::all(instance);
    if members.iter().any(|member| member.number.is_none()) || members.len() < 2 {
        return None;
    }
    Some(PodDisruptionBudget {
        metadata: ObjectMeta { name: Some(NAME.to_owned()), ..Default::default() },
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(labels::any_of(members.iter().map(Member::service))),
            ..Default::default()
        }),
        ..Default::default()
    })
}
