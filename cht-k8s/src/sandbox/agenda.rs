//! What is going to happen in the cluster, and when.

use std::collections::BTreeMap;

use cht_manifests::ObjectKey;
use k8s_openapi::jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that a controller, the scheduler or a kubelet does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// The controller of the object's kind looks at it.
    Reconcile(ObjectKey),
    /// What the object with this `uid` owned is deleted.
    Collect {
        /// The owner.
        uid: String,
    },
    /// The scheduler looks for a node.
    Schedule(PodId),
    /// The kubelet goes on with one container.
    Container { pod: PodId, container: String, step: Step },
    /// The kubelet has stopped the containers of a pod that is being deleted.
    Stopped(PodId),
    /// A provisioner has made the volume of a claim, on the node where its pod is to run.
    Provisioned { claim: ObjectKey, node: String },
}

/// One pod: of all that ever have the name, the one with this `uid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PodId {
    pub(crate) key: ObjectKey,
    pub(crate) uid: String,
}

/// What a kubelet does with a container next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Mounts the volumes.
    Mount,
    /// Asks for the image, for the given time.
    Pull { attempt: u32 },
    /// Waits for the next pull.
    PullBackOff { attempt: u32 },
    /// The image is there.
    Pulled,
    /// Makes the container: this is where its configuration is read.
    Create,
    /// The process runs.
    Start,
    /// The readiness probe is made.
    Probe,
    /// The process ends.
    Exit,
    /// Waits before it is started again.
    CrashBackOff,
}

/// Actions in the order in which they are due; those due at the same time in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    due: BTreeMap<(Timestamp, u64), Action>,
    count: u64,
}

impl Agenda {
    /// Puts an action on the agenda. A look that is due no later already is enough.
    pub(crate) fn add(&mut self, at: Timestamp, action: Action) {
        let looks = matches!(action, Action::Reconcile(_) | Action::Schedule(_));
        if looks && self.due.iter().take_while(|((due, _), _)| *due <= at).any(|(_, planned)| *planned == action) {
            return;
        }
        self.count += 1;
        self.due.insert((at, self.count), action);
    }

    /// When the next action is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Takes the next action.
    pub(crate) fn pop(&mut self) -> Option<(Timestamp, Action)> {
        self.due.pop_first().map(|((at, _), action)| (at, action))
    }

    /// All actions in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, &Action)> {
        self.due.iter().map(|((at, _), action)| (*at, action))
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn look(name: &str) -> Action {
        Action::Reconcile(ObjectKey::new(Kind::Job, "ns", name))
    }

    #[test]
    fn actions_come_in_order_of_time_and_then_of_arrival() {
        let mut agenda = Agenda::default();
        agenda.add(at(2), look("c"));
        agenda.add(at(1), look("a"));
        agenda.add(at(1), look("b"));
        assert_eq!(agenda.next_at(), Some(at(1)));
        let order: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(order, [(at(1), look("a")), (at(1), look("b")), (at(2), look("c"))]);
    }

    #[test]
    fn one_look_is_enough_and_an_earlier_one_is_not_lost() {
        let mut agenda = Agenda::default();
        agenda.add(at(5), look("a"));
        agenda.add(at(6), look("a"));
        agenda.add(at(1), look("a"));
        assert_eq!(agenda.iter().map(|(at, _)| at).collect::<Vec<_>>(), [at(1), at(5)]);
    }
}
