//! The health of every component: a pure function over what the watches know and the time.

use cht_manifests::{Component, Kind, Manifests, Object, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::jiff::Timestamp;

use super::problem::{Problem, ProblemCode};
use super::rollout::{Rollout, rollout};
use super::view::View;
use super::{claim, pod};

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

impl Health {
    /// Whether it is ready.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

/// The health of every component, in the order in which they start.
pub(crate) fn assess(view: &View, expected: &Expected, now: Timestamp) -> Vec<ComponentHealth> {
    let ready: Vec<_> = expected
        .workloads
        .iter()
        .filter(|workload| matches!(rolled_out(view, workload), Some((_, Rollout::Done))))
        .map(|workload| workload.component)
        .collect();
    let all = expected.components();
    let assessed = expected.workloads.iter().map(|workload| {
        let blocked_by = workload.component.depends_on(&all).into_iter().find(|other| !ready.contains(other));
        ComponentHealth {
            component: workload.component,
            object: ObjectKey::new(Kind::Deployment, &expected.namespace, &workload.deployment),
            health: health(view, workload, &expected.namespace, blocked_by, now),
        }
    });
    assessed.collect()
}

fn rolled_out<'a>(view: &'a View, workload: &Workload) -> Option<(&'a Deployment, Rollout)> {
    let deployment = view.deployments.get(&workload.deployment)?;
    let seen = deployment.metadata.generation.unwrap_or(0) >= workload.generation;
    let stale = || Rollout::Waiting("the change has not come back from the server yet".to_owned());
    Some((deployment, if seen { rollout(deployment) } else { stale() }))
}

fn health(view: &View, workload: &Workload, namespace: &str, blocked_by: Option<Component>, now: Timestamp) -> Health {
    let waiting = |reason: String| Waiting { reason, blocked_by };
    let claims = workload.claims.iter().filter_map(|name| view.claims.get(name));
    if let Some(problem) = claims.into_iter().find_map(|claim| claim::problem(view, claim, namespace)) {
        return Health::Failed(Box::new(problem));
    }
    let Some((deployment, rollout)) = rolled_out(view, workload) else {
        return Health::Progressing(waiting("it is not deployed".to_owned()));
    };
    if rollout == Rollout::Done {
        return Health::Ready;
    }
    let pods = view.current_pods(deployment);
    let problem = pods.iter().find_map(|one| pod::problem(view, one, namespace, blocked_by.is_none(), now));
    if let Some(problem) = problem {
        return Health::Failed(Box::new(problem));
    }
    let of_deployment = |code, message: String| {
        let object = ObjectKey::new(Kind::Deployment, namespace, &workload.deployment);
        Health::Failed(Box::new(Problem { code, object, container: None, node: None, exit_code: None, message }))
    };
    let pod_progress = || pods.first().map(|one| pod::progress(one));
    match rollout {
        Rollout::Done => Health::Ready,
        Rollout::Forbidden(message) => of_deployment(ProblemCode::PodsForbidden, message),
        // What waits for another component, or for a slow pull or index, is late and not broken.
        Rollout::Stuck(message) => match blocked_by {
            Some(_) => Health::Progressing(waiting(message)),
            None => of_deployment(ProblemCode::RolloutStuck, pod_progress().unwrap_or(message)),
        },
        Rollout::Degraded(reason) => Health::Degraded(waiting(pod_progress().unwrap_or(reason))),
        Rollout::Waiting(reason) => Health::Progressing(waiting(pod_progress().unwrap_or(reason))),
    }
}
