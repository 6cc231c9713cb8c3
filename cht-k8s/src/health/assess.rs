//! The health of every component: a pure function over what the watches know and the time.

use std::collections::BTreeMap;

use cht_manifests::{Component, Kind, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::expected::{Expected, Workload};
use super::gates::{Question, Standing, answers_early, behind, is_together};
use super::problem::{Problem, ProblemCode};
use super::rollout::{Rollout, available_since, rollout};
use super::view::View;
use super::{claim, pod};
use crate::redact::Redactor;

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
    /// What must get ready first.
    pub blocked_by: Option<Blocker>,
    /// What may be done about it, when it takes longer than it should.
    pub hint: Option<ProblemCode>,
}

/// What another component waits for, directly or by way of others: the first of them that waits for no other itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The component.
    pub component: Component,
    /// Why it is not ready.
    pub reason: String,
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
                if let Some(blocker) = &mut waiting.blocked_by {
                    blocker.reason = redactor.redact(&blocker.reason);
                }
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

    /// Why it is not, without what others have to do with it.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Ready => None,
            Self::Progressing(waiting) | Self::Degraded(waiting) => Some(&waiting.reason),
            Self::Failed(problem) => Some(&problem.message),
        }
    }
}

/// The health of every component, in the order in which they start.
pub(crate) fn assess(view: &View, expected: &Expected, now: Timestamp) -> Vec<ComponentHealth> {
    let ready: BTreeMap<_, _> = expected
        .workloads
        .iter()
        .filter_map(|workload| {
            let deployment = applied(view, workload).filter(|deployment| rollout(deployment) == Rollout::Done)?;
            let serves = hurdle(view, expected, workload, now).is_none();
            serves.then(|| (workload.component, available_since(deployment).unwrap_or(Timestamp::MIN)))
        })
        .collect();
    let all = expected.components();
    let mut blocked = BTreeMap::new();
    let assessed = expected.workloads.iter().map(|workload| {
        // Since when all that it depends on is ready, or what is not.
        let mut needed = workload.component.depends_on(&all).into_iter();
        let ready_since = needed
            .try_fold(Timestamp::MIN, |latest, other| ready.get(&other).map(|since| latest.max(*since)).ok_or(other));
        if let Err(blocker) = ready_since {
            blocked.insert(workload.component, blocker);
        }
        ComponentHealth {
            component: workload.component,
            object: ObjectKey::new(Kind::Deployment, &expected.namespace, &workload.deployment),
            health: health(view, expected, workload, ready_since.ok(), now),
        }
    });
    let mut assessed: Vec<_> = assessed.collect();
    name_blockers(&mut assessed, blocked);
    assessed
}

/// Tells everyone who waits for another what that is in the end, and why. Whoever has failed waits for nobody, whatever it
/// depends on.
fn name_blockers(assessed: &mut [ComponentHealth], mut blocked: BTreeMap<Component, Component>) {
    for one in &*assessed {
        if let Health::Failed(_) = one.health {
            blocked.remove(&one.component);
        }
    }
    let reasons: BTreeMap<_, _> =
        assessed.iter().filter_map(|one| Some((one.component, one.health.reason()?.to_owned()))).collect();
    for one in assessed {
        let (Health::Progressing(waiting) | Health::Degraded(waiting)) = &mut one.health else { continue };
        let chain = std::iter::successors(blocked.get(&one.component), |next| blocked.get(next));
        waiting.blocked_by = chain.last().map(|component| Blocker {
            component: *component,
            reason: reasons.get(component).cloned().unwrap_or_default(),
        });
    }
}

/// A workload's Deployment, unless that is its state from before it was applied.
fn applied<'a>(view: &'a View, workload: &Workload) -> Option<&'a Deployment> {
    let deployment = view.deployments.get(&workload.deployment)?;
    (deployment.metadata.generation.unwrap_or(0) >= workload.generation).then_some(deployment)
}

/// Whether every pod of a workload is as applied, available, and there to stay.
pub(super) fn is_rolled_out(view: &View, workload: &Workload, now: Timestamp) -> bool {
    applied(view, workload).is_some_and(|deployment| {
        let unsteady = || view.current_pods(deployment).into_iter().any(|one| pod::unsteady(one, now).is_some());
        rollout(deployment) == Rollout::Done && !unsteady()
    })
}

/// Whether every pod of a workload is as applied and runs, ready or not.
pub(super) fn is_running(view: &View, workload: &Workload, now: Timestamp) -> bool {
    applied(view, workload).is_some_and(|deployment| {
        let pods = view.current_pods(deployment);
        !pods.is_empty() && pods.into_iter().all(|one| pod::is_running(one) && pod::unsteady(one, now).is_none())
    })
}

/// What a workload that runs still lacks to serve, by what it says or has not said yet.
fn hurdle(view: &View, expected: &Expected, workload: &Workload, now: Timestamp) -> Option<Waiting> {
    let component = workload.component;
    let joins = component == Component::CouchDb(Some(1)) && {
        let rolled_out = |node| expected.cluster().any(|one| one.component == node && is_rolled_out(view, one, now));
        is_together(view, expected, rolled_out)
    };
    let serves = expected.doors.contains_key(&component).then_some(Question::Serves(component));
    serves.into_iter().chain(joins.then_some(Question::Joined)).find_map(|question| {
        let reason = match view.answers.standing(question, &behind(view, expected, question)) {
            Standing::Passed => return None,
            Standing::Open => return Some(Waiting::of("it runs, and is asked whether it serves")),
            Standing::NotYet(hurdle) => hurdle,
        };
        let givers = question.givers(expected);
        let givers = expected.workloads.iter().filter(|one| givers.contains(&one.component));
        let since = givers.filter_map(|one| available_since(view.deployments.get(&one.deployment)?)).max();
        let lasts = since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        let hint = reason.hint.filter(|(_, after)| lasts.unsigned_abs() >= *after).map(|(code, _)| code);
        Some(Waiting { hint, ..Waiting::of(&reason.reason) })
    })
}

impl Waiting {
    /// For something that nobody else has a part in, and nothing is to be done about.
    fn of(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), blocked_by: None, hint: None }
    }
}

fn health(
    view: &View,
    expected: &Expected,
    workload: &Workload,
    ready_since: Option<Timestamp>,
    now: Timestamp,
) -> Health {
    let namespace = &expected.namespace;
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
        return Health::Progressing(Waiting::of(reason));
    };
    let rollout = rollout(deployment);
    let pods = view.current_pods(deployment);
    let unsteady = pods.iter().find_map(|one| pod::unsteady(one, now));
    if rollout == Rollout::Done && unsteady.is_none() {
        return hurdle(view, expected, workload, now).map_or(Health::Ready, Health::Progressing);
    }
    let problem = pods.iter().find_map(|one| pod::problem(view, one, namespace, ready_since, now));
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
    // What it says of itself tells more than that it is not ready.
    let says = || {
        let can_say = answers_early(workload.component) && is_running(view, workload, now);
        can_say.then(|| hurdle(view, expected, workload, now)).flatten()
    };
    let waiting = |reason: String| says().unwrap_or_else(|| Waiting::of(pod_progress().unwrap_or(reason)));
    match rollout {
        Rollout::Done => Health::Degraded(Waiting::of(unsteady.unwrap_or_default())),
        // Until this run's pods are refused, the refusal is about those of an earlier one.
        Rollout::Forbidden(message) => match view.refusal_in_run(deployment) {
            Some(refusal) => failed(ProblemCode::PodsForbidden, refusal.to_owned(), None),
            None => Health::Progressing(Waiting::of(message)),
        },
        // What waits for another component is late and not broken, and an earlier run's delay is not this one's.
        Rollout::Stuck(message) => {
            let waiting = waiting(message);
            if ready_since.is_none() || view.was_late(deployment) {
                Health::Progressing(waiting)
            } else {
                failed(ProblemCode::RolloutStuck, waiting.reason, pods.first().copied())
            }
        }
        Rollout::Degraded(reason) => Health::Degraded(waiting(reason)),
        Rollout::Waiting(reason) => Health::Progressing(waiting(reason)),
    }
}

#[cfg(test)]
mod tests;
