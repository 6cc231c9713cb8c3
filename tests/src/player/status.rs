//! A pod's life as the kubelet would report it: its containers' lives together, and the status they amount to. No input
//! or output.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Pod, PodCondition, PodIP, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use tokio::time::Instant;

use super::events::Remark;
use super::life::{Life, Now, Restart};
use super::script::Script;
use super::seen::PodSeen;

#[derive(Debug)]
pub(super) struct PodLife {
    node: String,
    address: Ipv4Addr,
    init: Vec<Life>,
    main: Vec<Life>,
    started: Time,
    conditions: Vec<PodCondition>,
}

/// What a kubelet says about one of the pod's containers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContainerRemark {
    /// The container, as events name it.
    pub(super) field: String,
    pub(super) remark: Remark,
}

impl PodLife {
    pub(super) fn new(pod: &Pod, now: &Now) -> Self {
        let spec = pod.spec.clone().unwrap_or_default();
        let restart = match spec.restart_policy.as_deref() {
            Some("Never") => Restart::Never,
            Some("OnFailure") => Restart::OnFailure,
            _ => Restart::Always,
        };
        // Whatever the pod's policy, an init container that ended well has done its work.
        let init_restart = if restart == Restart::Never { Restart::Never } else { Restart::OnFailure };
        let uid = pod.uid().unwrap_or_default();
        let label = format!("{}_{}({uid})", pod.name_any(), pod.namespace().unwrap_or_default());
        let live = |restart| move |container| Life::new(container, label.clone(), restart, now);
        Self {
            node: spec.node_name.unwrap_or_default(),
            address: address_of(&uid),
            init: spec.init_containers.unwrap_or_default().into_iter().map(live.clone()(init_restart)).collect(),
            main: spec.containers.into_iter().map(live(restart)).collect(),
            started: now.time.clone(),
            conditions: Vec::new(),
        }
    }

    /// When the next step of any container is due.
    pub(super) fn due(&self, script: &Script) -> Option<Instant> {
        let pending = self.init.iter().find(|life| life.exit() != Some(0));
        match pending {
            Some(life) => life.due(script),
            None => self.main.iter().filter_map(|life| life.due(script)).min(),
        }
    }

    /// Takes all steps that are due, and says what a kubelet remarks about them.
    pub(super) fn advance(&mut self, script: &Script, now: &Now) -> Vec<ContainerRemark> {
        let mut remarks = Vec::new();
        while let Some((field, said)) = self.step(script, now) {
            remarks.extend(said.into_iter().map(|remark| ContainerRemark { field: field.clone(), remark }));
        }
        remarks
    }

    fn step(&mut self, script: &Script, now: &Now) -> Option<(String, Vec<Remark>)> {
        let (list, lives) = match self.init.iter_mut().position(|life| life.exit() != Some(0)) {
            Some(at) => ("initContainers", &mut self.init[at..=at]),
            None => ("containers", &mut self.main[..]),
        };
        lives.iter_mut().find_map(|life| {
            let said = life.advance(script, now)?;
            Some((format!("spec.{list}{{{}}}", life.name()), said))
        })
    }

    fn initialized(&self) -> bool {
        self.init.iter().all(|life| life.exit() == Some(0))
    }

    fn ready(&self) -> bool {
        self.initialized() && self.main.iter().all(Life::is_ready)
    }

    fn phase(&self) -> &'static str {
        if !self.initialized() {
            let failed = self.init.iter().any(|life| life.exit().is_some_and(|code| code != 0));
            return if failed { "Failed" } else { "Pending" };
        }
        let exits: Option<Vec<i32>> = self.main.iter().map(Life::exit).collect();
        match exits {
            Some(codes) if codes.iter().all(|code| *code == 0) => "Succeeded",
            Some(_) => "Failed",
            None if self.main.iter().any(Life::never_ran) => "Pending",
            None => "Running",
        }
    }

    /// The status to write now.
    pub(super) fn status(&mut self, now: &Now) -> PodStatus {
        self.conditions = self.conditions(now);
        let creating = if self.initialized() { "ContainerCreating" } else { "PodInitializing" };
        let init: Vec<_> = self.init.iter().map(|life| life.status("PodInitializing")).collect();
        let ran = self.init.iter().chain(&self.main).any(|life| !life.never_ran());
        let address = ran.then(|| self.address.to_string());
        PodStatus {
            phase: Some(self.phase().to_owned()),
            conditions: Some(self.conditions.clone()),
            host_ip: Some(super::node::ADDRESS.to_owned()),
            pod_ips: address.clone().map(|ip| vec![PodIP { ip }]),
            pod_ip: address,
            start_time: Some(self.started.clone()),
            init_container_statuses: Some(init).filter(|statuses| !statuses.is_empty()),
            container_statuses: Some(self.main.iter().map(|life| life.status(creating)).collect()),
            ..PodStatus::default()
        }
    }

    fn conditions(&self, now: &Now) -> Vec<PodCondition> {
        let unready = names(self.main.iter().filter(|life| !life.is_ready()));
        let uninitialized = names(self.init.iter().filter(|life| life.exit() != Some(0)));
        let done = self.phase() == "Succeeded";
        let not_ready = if done {
            ("PodCompleted", None)
        } else {
            ("ContainersNotReady", Some(format!("containers with unready status: [{unready}]")))
        };
        let not_initialized =
            ("ContainersNotInitialized", Some(format!("containers with incomplete status: [{uninitialized}]")));
        vec![
            self.condition("Initialized", self.initialized(), not_initialized, now),
            self.condition("Ready", self.ready(), not_ready.clone(), now),
            self.condition("ContainersReady", self.ready(), not_ready, now),
        ]
    }

    fn condition(&self, kind: &str, holds: bool, otherwise: (&str, Option<String>), now: &Now) -> PodCondition {
        let status = if holds { "True" } else { "False" };
        let before = self.conditions.iter().find(|condition| condition.type_ == kind && condition.status == status);
        let since = before.and_then(|condition| condition.last_transition_time.clone());
        let (reason, message) = otherwise;
        PodCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            last_transition_time: since.or_else(|| Some(now.time.clone())),
            reason: (!holds).then(|| reason.to_owned()),
            message: message.filter(|_| !holds),
            ..PodCondition::default()
        }
    }

    pub(super) fn seen(&self) -> PodSeen {
        PodSeen {
            node: self.node.clone(),
            phase: self.phase().to_owned(),
            ready: self.ready(),
            restarts: self.init.iter().chain(&self.main).map(Life::restarts).sum(),
        }
    }
}

fn names<'life>(lives: impl Iterator<Item = &'life Life>) -> String {
    lives.map(Life::name).collect::<Vec<_>>().join(" ")
}

/// An address that is always the same for a pod. It is a multicast group's: the API server refuses at once to go there,
/// while another may belong to someone else in the network that tests run in.
fn address_of(uid: &str) -> Ipv4Addr {
    let mut hasher = DefaultHasher::new();
    uid.hash(&mut hasher);
    let [third, fourth, ..] = hasher.finish().to_be_bytes();
    Ipv4Addr::new(239, 244, third, fourth.clamp(1, 254))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::{Pod, PodStatus};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::jiff::Timestamp;
    use serde_json::{Value, json};
    use tokio::time::Instant;

    use super::PodLife;
    use crate::player::life::Now;
    use crate::player::script::{Behaviour, Script};

    fn now() -> Now {
        Now { instant: Instant::now(), time: Time(Timestamp::UNIX_EPOCH) }
    }

    fn pod(spec: &Value) -> Pod {
        let metadata = json!({"name": "api-1", "namespace": "ns", "uid": "uid"});
        serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
    }

    fn is_true(status: &PodStatus, kind: &str) -> bool {
        let conditions = status.conditions.as_ref().unwrap();
        conditions.iter().any(|condition| condition.type_ == kind && condition.status == "True")
    }

    #[test]
    fn a_pod_is_ready_when_all_containers_are() {
        let spec =
            json!({"nodeName": "n", "containers": [{"name": "one", "image": "x"}, {"name": "two", "image": "x"}]});
        let mut now = now();
        let mut life = PodLife::new(&pod(&spec), &now);
        let script = Script::ready_after(Duration::ZERO).container("two", Behaviour::NeverReady);
        life.advance(&script, &now);
        let status = life.status(&now);
        assert_eq!(status.phase.as_deref(), Some("Running"));
        assert!(is_true(&status, "Initialized") && !is_true(&status, "Ready"));

        now.time = Time(Timestamp::from_second(60).unwrap());
        let script = script.container("two", Behaviour::Ready { after: Duration::ZERO });
        life.advance(&script, &now);
        let status = life.status(&now);
        assert!(is_true(&status, "Ready") && is_true(&status, "ContainersReady"));
        assert!(life.seen().ready);
        let times: Vec<_> = status.conditions.unwrap().into_iter().filter_map(|c| c.last_transition_time).collect();
        assert_eq!(times[0].0, Timestamp::UNIX_EPOCH, "a condition that holds on keeps its time");
        assert_eq!(times[1].0, now.time.0);
    }

    #[test]
    fn a_pod_of_a_job_succeeds_or_fails() {
        let spec = json!({"nodeName": "n", "restartPolicy": "Never", "containers": [{"name": "one", "image": "x"}]});
        let now = now();
        let mut life = PodLife::new(&pod(&spec), &now);
        life.advance(&Script::ready_after(Duration::ZERO), &now);
        assert_eq!(life.status(&now).phase.as_deref(), Some("Succeeded"));
        assert!(!is_true(&life.status(&now), "Ready"));

        let mut life = PodLife::new(&pod(&spec), &now);
        let fails = Behaviour::Exit { code: 1, after: Duration::ZERO };
        life.advance(&Script::ready_after(Duration::ZERO).container("one", fails), &now);
        assert_eq!(life.status(&now).phase.as_deref(), Some("Failed"));
    }

    #[test]
    fn init_containers_come_first() {
        let spec = json!({
            "nodeName": "n",
            "initContainers": [{"name": "first", "image": "x"}],
            "containers": [{"name": "one", "image": "x"}],
        });
        let now = now();
        let mut life = PodLife::new(&pod(&spec), &now);
        let stuck = Script::ready_after(Duration::ZERO)
            .container("first", Behaviour::ConfigError { message: "secret \"s\" not found".to_owned() });
        let remarks = life.advance(&stuck, &now);
        assert_eq!(remarks[0].field, "spec.initContainers{first}");
        let status = life.status(&now);
        assert_eq!(status.phase.as_deref(), Some("Pending"));
        let waiting = status.container_statuses.unwrap()[0].state.clone().unwrap().waiting.unwrap();
        assert_eq!(waiting.reason.as_deref(), Some("PodInitializing"));

        life.advance(&Script::ready_after(Duration::ZERO), &now);
        assert!(life.seen().ready);
    }

    #[test]
    fn a_crashed_pod_still_counts_as_running() {
        let spec = json!({"nodeName": "n", "containers": [{"name": "one", "image": "x"}]});
        let mut now = now();
        let mut life = PodLife::new(&pod(&spec), &now);
        let crash = Behaviour::CrashLoop { exit_code: 1, message: String::new() };
        let script = Script::ready_after(Duration::ZERO).container("one", crash);
        for _ in 0..6 {
            now.instant = life.due(&script).unwrap();
            life.advance(&script, &now);
            assert_eq!(life.status(&now).phase.as_deref(), Some("Running"));
        }
        assert!(life.seen().restarts > 0);
    }
}
