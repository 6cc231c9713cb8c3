//! The health of every component: a pure function over what the watches know and the time.

use std::collections::BTreeMap;

use cht_manifests::{Component, Kind, Manifests, Object, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;

use super::problem::{Problem, ProblemCode};
use super::rollout::{Rollout, available_since, rollout};
use super::view::View;
use super::{claim, pod};
use crate::redact::Redactor;

/// What an instance is expected to consist of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    pub(crate) namespace: String,
    workloads: Vec<Workload>,
}

#[derive(Debug, Clone, PartialEq)]
struct Workload {
    component: Component,
    deployment: String,
    claims: Vec<String>,
    /// The generation that the deploy made, so that a state from before it is not taken for its result.
    generation: i64,
}

impl Expected {
    pub(crate) fn of(namespace: &str, manifests: &Manifests) -> Self {
        let workloads = manifests.iter().filter_map(|manifest| match &manifest.object {
            Object::Deployment(deployment) => Some(Workload {
                component: manifest.component,
                deployment: manifest.object.name().to_owned(),
                claims: claims(deployment),
                generation: 0,
            }),
            _ => None,
        });
        Self { namespace: namespace.to_owned(), workloads: workloads.collect() }
    }

    /// From here on, nothing before this generation of a Deployment counts.
    pub(crate) fn at_least(&mut self, deployment: &str, generation: i64) {
        if let Some(workload) = self.workloads.iter_mut().find(|workload| workload.deployment == deployment) {
            workload.generation = generation;
        }
    }

    fn components(&self) -> Vec<Component> {
        self.workloads.iter().map(|workload| workload.component).collect()
    }
}

/// The claims that a Deployment's pods mount.
fn claims(deployment: &Deployment) -> Vec<String> {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let volumes = pod.into_iter().flat_map(|pod| pod.volumes.iter().flatten());
    volumes.filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.clone())).collect()
}

/// How a component is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Every pod of the current template is available.
    Ready,
    /// On its way.
    Progressing(Waiting),
    /// It was ready, and is not any more.
    Degraded(Waiting),
    /// Waiting does not mend it.
    Failed(Box<Problem>),
}

/// What a component waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// In a person's words.
    pub reason: String,
    /// The component that must get ready first.
    pub blocked_by: Option<Component>,
}

/// A component with its health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentHealth {
    /// The component.
    pub component: Component,
    /// The Deployment that runs it.
    pub object: ObjectKey,
    /// How it is.
    pub health: Health,
}

impl ComponentHealth {
    /// The health without secrets: what a component waits for is said in the words of containers and registries.
    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        match &mut self.health {
            Health::Ready => {}
            Health::Progressing(waiting) | Health::Degraded(waiting) => {
                waiting.reason = redactor.redact(&waiting.reason);
            }
            Health::Failed(problem) => **problem = problem.redacted(redactor),
        }
        self
    }
}

impl Health {
    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// The health of every component, in the order in which they start.
pub(crate) fn assess(view: &View, expected: &Expected, now: Timestamp) -> Vec<ComponentHealth> {
    let ready: BTreeMap<_, _> = expected
        .workloads
        .iter()
        .filter_map(|workload| {
            let deployment = applied(view, workload).filter(|deployment| rollout(deployment) == Rollout::Done)?;
            Some((workload.component, available_since(deployment).unwrap_or(Timestamp::MIN)))
        })
        .collect();
    let all = expected.components();
    let assessed = expected.workloads.iter().map(|workload| {
        // Since when all that it depends on is ready, or what is not.
        let mut needed = workload.component.depends_on(&all).into_iter();
        let ready_since = needed
            .try_fold(Timestamp::MIN, |latest, other| ready.get(&other).map(|since| latest.max(*since)).ok_or(other));
        ComponentHealth {
            component: workload.component,
            object: ObjectKey::new(Kind::Deployment, &expected.namespace, &workload.deployment),
            health: health(view, workload, &expected.namespace, ready_since, now),
        }
    });
    assessed.collect()
}

/// A workload's Deployment, unless that is its state from before it was applied.
fn applied<'a>(view: &'a View, workload: &Workload) -> Option<&'a Deployment> {
    let deployment = view.deployments.get(&workload.deployment)?;
    (deployment.metadata.generation.unwrap_or(0) >= workload.generation).then_some(deployment)
}

fn health(
    view: &View,
    workload: &Workload,
    namespace: &str,
    ready_since: Result<Timestamp, Component>,
    now: Timestamp,
) -> Health {
    let blocked_by = ready_since.err();
    let waiting = |reason: String| Waiting { reason, blocked_by };
    let claims = workload.claims.iter().filter_map(|name| view.claims.get(name));
    if let Some(problem) = claims.into_iter().find_map(|claim| claim::problem(view, claim, namespace)) {
        return Health::Failed(Box::new(problem));
    }
    let Some(deployment) = applied(view, workload) else {
        let reason = if view.deployments.contains_key(&workload.deployment) {
            "the change has not come back from the server yet"
        } else {
            "it is not deployed"
        };
        return Health::Progressing(waiting(reason.to_owned()));
    };
    let rollout = rollout(deployment);
    let pods = view.current_pods(deployment);
    let unsteady = pods.iter().find_map(|one| pod::unsteady(one, now));
    if rollout == Rollout::Done && unsteady.is_none() {
        return Health::Ready;
    }
    let problem = pods.iter().find_map(|one| pod::problem(view, one, namespace, ready_since.ok(), now));
    if let Some(problem) = problem {
        return Health::Failed(Box::new(problem));
    }
    let failed = |code, message: String, pod: Option<&Pod>| {
        let object = match pod.and_then(|pod| pod.metadata.name.as_deref()) {
            Some(name) => ObjectKey::new(Kind::Pod, namespace, name),
            None => ObjectKey::new(Kind::Deployment, namespace, &workload.deployment),
        };
        let node = pod.and_then(|pod| pod.spec.as_ref()?.node_name.clone());
        Health::Failed(Box::new(Problem { code, object, container: None, node, exit_code: None, message }))
    };
    let pod_progress = || pods.first().map(|one| pod::progress(view, one));
    match rollout {
        Rollout::Done => Health::Degraded(waiting(unsteady.unwrap_or_default())),
        // Until this run's pods are refused, the refusal is about those of an earlier one.
        Rollout::Forbidden(message) => match view.refusal_in_run(deployment) {
            Some(refusal) => failed(ProblemCode::PodsForbidden, refusal.to_owned(), None),
            None => Health::Progressing(waiting(message)),
        },
        // What waits for another component is late and not broken, and an earlier run's delay is not this one's.
        Rollout::Stuck(message) => {
            let message = pod_progress().unwrap_or(message);
            if blocked_by.is_some() || view.was_late(deployment) {
                Health::Progressing(waiting(message))
            } else {
                failed(ProblemCode::RolloutStuck, message, pods.first().copied())
            }
        }
        Rollout::Degraded(reason) => Health::Degraded(waiting(pod_progress().unwrap_or(reason))),
        Rollout::Waiting(reason) => Health::Progressing(waiting(pod_progress().unwrap_or(reason))),
    }
}

#[cfg(test)]
mod tests;
