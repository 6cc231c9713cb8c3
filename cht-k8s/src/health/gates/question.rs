//! What is asked of whom, and which pods an answer comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cht_manifests::Component;
use k8s_openapi::jiff::Timestamp;

use super::super::assess::{is_rolled_out, is_running};
use super::super::expected::{Expected, Workload};
use super::super::pod;
use super::super::view::{View, uid};
use super::answers::Standing;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// Whether a component serves.
    Serves(Component),
    /// Whether CouchDB's nodes have joined. The first of them is asked: it lets them join.
    Joined,
}

impl fmt::Display for Question {
    /// `whether couchdb-2 answers`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serves(component) => write!(f, "whether {component} answers"),
            Self::Joined => f.write_str("whether CouchDB's nodes have joined"),
        }
    }
}

impl Question {
    /// Who is asked, and whose health the answer is.
    pub(crate) fn component(self) -> Component {
        match self {
            Self::Serves(component) => component,
            Self::Joined => Component::CouchDb(Some(1)),
        }
    }

    /// The components whose pods give the answer: the one that is asked and all that it needs, or CouchDB's nodes.
    pub(in crate::health) fn givers(self, expected: &Expected) -> BTreeSet<Component> {
        match self {
            Self::Joined => expected.cluster().map(|workload| workload.component).collect(),
            Self::Serves(component) => {
                let all = expected.components();
                let mut givers = BTreeSet::new();
                let mut open = vec![component];
                while let Some(next) = open.pop() {
                    if givers.insert(next) {
                        open.extend(next.depends_on(&all));
                    }
                }
                givers
            }
        }
    }
}

/// The pods that an answer comes from, by UID and how often each has restarted. It counts as long as they are the same.
pub(crate) type Behind = BTreeSet<(String, i32)>;

/// The pods that would give an answer now.
pub(crate) fn behind(view: &View, expected: &Expected, question: Question) -> Behind {
    let givers = question.givers(expected);
    let workloads = expected.workloads.iter().filter(|workload| givers.contains(&workload.component));
    let deployments = workloads.filter_map(|workload| view.deployments.get(&workload.deployment));
    let pods = deployments.flat_map(|deployment| view.current_pods(deployment));
    pods.map(|one| {
        let restarts = pod::containers(one).map(|container| container.restart_count).sum();
        (uid(&one.metadata).to_owned(), restarts)
    })
    .collect()
}

/// Whether a component tells what it is busy with before it is ready.
pub(in crate::health) fn answers_early(component: Component) -> bool {
    component == Component::Api
}

/// Whether whoever is asked is thought to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ripeness {
    /// Not yet: what is asked is what it does meanwhile.
    Early,
    /// As far as its pods tell.
    Ripe,
    /// As kubelets have found, who probe whether it is ready: whoever does not reach it now is kept from it.
    Probed,
}

/// The questions that can be asked now: of what is rolled out, of what runs and answers before, and of CouchDB's nodes
/// together once each of them serves.
pub(super) fn askable(view: &View, expected: &Expected, now: Timestamp) -> BTreeMap<Question, (Behind, Ripeness)> {
    let ripeness = |workload: &Workload| {
        if is_rolled_out(view, workload, now) {
            return Some(if is_probed(view, workload) { Ripeness::Probed } else { Ripeness::Ripe });
        }
        (answers_early(workload.component) && is_running(view, workload, now)).then_some(Ripeness::Early)
    };
    let with_door = expected.workloads.iter().filter(|workload| expected.doors.contains_key(&workload.component));
    let mut questions: BTreeMap<_, _> = with_door
        .filter_map(|workload| Some((Question::Serves(workload.component), ripeness(workload)?)))
        .map(|(question, ripeness)| (question, (behind(view, expected, question), ripeness)))
        .collect();
    if is_together(view, expected, |component| questions.contains_key(&Question::Serves(component))) {
        let ripeness = questions.get(&Question::Serves(Question::Joined.component())).map(|(_, ripeness)| *ripeness);
        let asked = (behind(view, expected, Question::Joined), ripeness.unwrap_or(Ripeness::Ripe));
        questions.insert(Question::Joined, asked);
    }
    questions
}

/// Whether kubelets probe each container of a workload before they call its pods ready.
fn is_probed(view: &View, workload: &Workload) -> bool {
    let spec = view.deployments.get(&workload.deployment).and_then(|deployment| deployment.spec.as_ref());
    let pod = spec.and_then(|spec| spec.template.spec.as_ref());
    pod.is_some_and(|pod| pod.containers.iter().all(|container| container.readiness_probe.is_some()))
}

/// Whether CouchDB is a cluster whose nodes are all rolled out and serve, so that they should have joined.
pub(in crate::health) fn is_together(
    view: &View,
    expected: &Expected,
    is_rolled_out: impl Fn(Component) -> bool,
) -> bool {
    let serves = |component| {
        let question = Question::Serves(component);
        let standing = view.answers.standing(question, &behind(view, expected, question));
        is_rolled_out(component) && standing == Standing::Passed
    };
    expected.cluster().count() > 1 && expected.cluster().all(|workload| serves(workload.component))
}
