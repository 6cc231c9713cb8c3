//! What people notice while the pods of a component are replaced.

use std::fmt;

use cht_manifests::Component;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// How many of a Deployment's pods Kubernetes lets be away during a rolling update, when nobody says.
const DEFAULT_UNAVAILABLE: &str = "25%";

/// What people notice while the pods of a component are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Downtime {
    /// Nothing.
    Unnoticed,
    /// Background tasks wait: outgoing messages, reminders, transitions.
    BackgroundTasks,
    /// The documents of this node's shards cannot be read or written: they have no copy elsewhere.
    Shards(u8),
    /// The whole instance.
    Instance,
}

impl Downtime {
    /// A short name, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unnoticed => "unnoticed",
            Self::BackgroundTasks => "background-tasks",
            Self::Shards(_) => "shards",
            Self::Instance => "instance",
        }
    }

    /// What is down while this Deployment's pods are replaced.
    pub(super) fn of(component: Component, deployment: &Deployment) -> Self {
        match component {
            _ if overlaps(deployment) => Self::Unnoticed,
            Component::CouchDb(Some(node)) => Self::Shards(node),
            Component::CouchDb(None) | Component::HaProxy | Component::Api => Self::Instance,
            Component::Sentinel => Self::BackgroundTasks,
            Component::HealthCheck | Component::UpgradeService | Component::Instance => Self::Unnoticed,
        }
    }
}

impl fmt::Display for Downtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unnoticed => f.write_str("people notice nothing"),
            Self::BackgroundTasks => f.write_str("background tasks wait"),
            Self::Shards(node) => write!(f, "the documents on couchdb-{node} cannot be read or written"),
            Self::Instance => f.write_str("the instance is down"),
        }
    }
}

/// Whether new pods are ready before the old ones go.
fn overlaps(deployment: &Deployment) -> bool {
    let Some(spec) = &deployment.spec else { return false };
    let strategy = spec.strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()).is_some_and(|kind| kind != "RollingUpdate") {
        return false;
    }
    let unavailable = strategy.and_then(|strategy| strategy.rolling_update.as_ref()?.max_unavailable.clone());
    match unavailable.unwrap_or_else(|| IntOrString::String(DEFAULT_UNAVAILABLE.to_owned())) {
        IntOrString::Int(number) => number == 0,
        IntOrString::String(share) => {
            let percent = share.trim_end_matches('%').parse().unwrap_or(100);
            spec.replicas.unwrap_or(1).saturating_mul(percent) < 100
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn deployment(strategy: &Value) -> Deployment {
        serde_json::from_value(
            json!({ "spec": { "replicas": 1, "selector": {}, "template": {}, "strategy": strategy } }),
        )
        .expect("a Deployment")
    }

    #[test]
    fn a_pod_that_goes_first_takes_its_service_along() {
        for strategy in [
            json!({ "type": "Recreate" }),
            json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 1 } }),
            json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 0, "maxUnavailable": "100%" } }),
        ] {
            let of = |component| Downtime::of(component, &deployment(&strategy));
            assert_eq!(of(Component::CouchDb(None)), Downtime::Instance, "{strategy}");
            assert_eq!(of(Component::CouchDb(Some(2))), Downtime::Shards(2), "{strategy}");
            assert_eq!(of(Component::HaProxy), Downtime::Instance, "{strategy}");
            assert_eq!(of(Component::Api), Downtime::Instance, "{strategy}");
            assert_eq!(of(Component::Sentinel), Downtime::BackgroundTasks, "{strategy}");
            assert_eq!(of(Component::HealthCheck), Downtime::Unnoticed, "{strategy}");
            assert_eq!(of(Component::UpgradeService), Downtime::Unnoticed, "{strategy}");
        }
    }

    #[test]
    fn a_pod_that_waits_for_the_next_is_not_missed() {
        for strategy in [
            Value::Null,
            json!({ "type": "RollingUpdate" }),
            json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } }),
            json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } }),
        ] {
            assert_eq!(Downtime::of(Component::HaProxy, &deployment(&strategy)), Downtime::Unnoticed, "{strategy}");
        }
    }
}
