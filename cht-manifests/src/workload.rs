//! What Deployments have in common.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment};
use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::labels;

/// How a changed Deployment replaces its pod.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rollout {
    /// The old pod is gone before the new one starts.
    Recreate,
    /// The old pod is told to go and the new one starts, so that there is never a third.
    InPlace,
    /// The new pod is ready before the old one goes: what Kubernetes does by itself.
    Overlapping,
}

impl Rollout {
    fn strategy(self) -> Option<DeploymentStrategy> {
        match self {
            Self::Recreate => Some(DeploymentStrategy { type_: Some("Recreate".to_owned()), ..Default::default() }),
            Self::InPlace => Some(DeploymentStrategy {
                type_: Some("RollingUpdate".to_owned()),
                rolling_update: Some(RollingUpdateDeployment {
                    max_surge: Some(IntOrString::Int(0)),
                    max_unavailable: Some(IntOrString::Int(1)),
                }),
            }),
            Self::Overlapping => None,
        }
    }
}

/// How long a pod that is told to end may take, before it is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Termination {
    /// No time at all.
    Immediate,
    /// What Kubernetes gives by itself.
    Graceful,
}

impl Termination {
    /// The seconds, where they are not Kubernetes' own.
    pub(crate) fn seconds(self) -> Option<i64> {
        match self {
            Self::Immediate => Some(0),
            Self::Graceful => None,
        }
    }
}

/// A Deployment of one pod, which the label `cht.service: {service}` selects.
pub(crate) fn deployment(name: &str, service: &str, rollout: Rollout, pod: PodSpec) -> Deployment {
    Deployment {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(labels::service(service)),
            ..Default::default()
        },
        spec: Some(DeploymentSpec {
            replicas: Some(1),
            selector: LabelSelector { match_labels: Some(labels::service(service)), ..Default::default() },
            strategy: rollout.strategy(),
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta { labels: Some(labels::service(service)), ..Default::default() }),
                spec: Some(pod),
            },
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A pod of these containers.
pub(crate) fn pod(containers: Vec<Container>) -> PodSpec {
    PodSpec { containers, restart_policy: Some("Always".to_owned()), ..Default::default() }
}
