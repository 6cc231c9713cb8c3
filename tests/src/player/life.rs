//! One container's life as a kubelet would see it: what it is doing, and what comes next by its behaviour. No input or
//! output.

use std::time::Duration;

use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tokio::time::Instant;

use super::events::Remark;
use super::script::{Behaviour, Script};

/// The pod's restart policy, as far as it holds for this container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

/// The time, on both clocks that matter: one to wait by, one to write down.
#[derive(Clone, Debug)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) time: Time,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Created,
    PullFailed { backing_off: bool, message: String },
    ConfigFailed { message: String },
    Running { ready: bool },
    Ended { code: i32, message: String },
    BackingOff,
}

#[derive(Debug)]
pub(super) struct Life {
    container: Container,
    /// The pod, as messages name it.
    pod: String,
    restart: Restart,
    step: Step,
    entered: Instant,
    started: Option<Time>,
    ended: Option<ContainerStateTerminated>,
    restarts: i32,
    repeated: u32,
}

impl Life {
    pub(super) fn new(container: Container, pod: String, restart: Restart, now: &Now) -> Self {
        Self {
            container,
            pod,
            restart,
            step: Step::Created,
            entered: now.instant,
            started: None,
            ended: None,
            restarts: 0,
            repeated: 0,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.container.name
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self.step, Step::Running { ready: true })
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.step, Step::Running { .. })
    }

    pub(super) fn restarts(&self) -> i32 {
        self.restarts
    }

    /// Whether it is waiting for its first start.
    pub(super) fn never_ran(&self) -> bool {
        !self.is_running() && self.ended.is_none()
    }

    /// The code it ended with for good.
    pub(super) fn exit(&self) -> Option<i32> {
        match self.step {
            Step::Ended { code, .. } if !self.runs_again_after(code) => Some(code),
            _ => None,
        }
    }

    /// When its next step is due.
    pub(super) fn due(&self, script: &Script) -> Option<Instant> {
        self.next(script).map(|(after, _)| self.entered + after)
    }

    /// Takes its next step if that is due, and says what a kubelet remarks about it.
    pub(super) fn advance(&mut self, script: &Script, now: &Now) -> Option<Vec<Remark>> {
        let (after, step) = self.next(script)?;
        let due = self.entered + after;
        if due > now.instant {
            return None;
        }
        self.enter(step, due, now);
        Some(self.remarks(script))
    }

    fn next(&self, script: &Script) -> Option<(Duration, Step)> {
        let behaviour = script.behaviour(&self.container);
        let soon = script.pause(0);
        let later = script.pause(self.repeated);
        match (&self.step, behaviour) {
            (Step::PullFailed { backing_off, .. }, Behaviour::ImagePull { message }) => {
                Some((later, Step::PullFailed { backing_off: !backing_off, message: message.clone() }))
            }
            (Step::ConfigFailed { .. }, Behaviour::ConfigError { message }) => {
                Some((later, Step::ConfigFailed { message: message.clone() }))
            }
            (Step::Created | Step::PullFailed { .. } | Step::ConfigFailed { .. }, _) => Some(self.start(behaviour)),

            (Step::Running { .. }, Behaviour::CrashLoop { exit_code, message }) => {
                Some((soon, Step::Ended { code: *exit_code, message: message.clone() }))
            }
            (Step::Running { .. }, Behaviour::Exit { code, after }) => {
                Some((*after, Step::Ended { code: *code, message: String::new() }))
            }
            (Step::Running { .. }, Behaviour::Ready { after }) if self.restart != Restart::Always => {
                Some((*after, Step::Ended { code: 0, message: String::new() }))
            }
            (Step::Running { ready: false }, Behaviour::Ready { after }) => {
                Some((*after, Step::Running { ready: true }))
            }
            (Step::Running { ready: true }, Behaviour::NeverReady) => {
                Some((Duration::ZERO, Step::Running { ready: false }))
            }
            // An image or a configuration that goes bad does nothing to a container that runs.
            (Step::Running { .. }, _) => None,

            (Step::Ended { code, .. }, _) if !self.runs_again_after(*code) => None,
            // As a kubelet does: again at once the first time, with pauses from then on.
            (Step::Ended { .. }, _) if self.restarts == 0 => Some((soon, self.running())),
            (Step::Ended { .. }, _) => Some((soon, Step::BackingOff)),
            (Step::BackingOff, _) => Some((later, self.running())),
        }
    }

    fn start(&self, behaviour: &Behaviour) -> (Duration, Step) {
        match behaviour {
            Behaviour::ImagePull { message } => {
                (Duration::ZERO, Step::PullFailed { backing_off: false, message: message.clone() })
            }
            Behaviour::ConfigError { message } => (Duration::ZERO, Step::ConfigFailed { message: message.clone() }),
            Behaviour::Ready { after } if self.restart == Restart::Always => (*after, Step::Running { ready: true }),
            Behaviour::NeverReady => (Duration::ZERO, Step::Running { ready: false }),
            Behaviour::Ready { .. } | Behaviour::CrashLoop { .. } | Behaviour::Exit { .. } => {
                (Duration::ZERO, self.running())
            }
        }
    }

    /// A container without a readiness probe counts as ready as soon as it runs.
    fn running(&self) -> Step {
        Step::Running { ready: self.container.readiness_probe.is_none() }
    }

    fn runs_again_after(&self, code: i32) -> bool {
        match self.restart {
            Restart::Always => true,
            Restart::OnFailure => code != 0,
            Restart::Never => false,
        }
    }

    fn enter(&mut self, step: Step, at: Instant, now: &Now) {
        match &step {
            Step::Running { .. } if !self.is_running() => {
                self.restarts += i32::from(self.ended.is_some());
                self.started = Some(now.time.clone());
            }
            Step::Ended { code, message } => {
                self.ended = Some(ContainerStateTerminated {
                    exit_code: *code,
                    reason: Some(if *code == 0 { "Completed" } else { "Error" }.to_owned()),
                    message: Some(message.clone()).filter(|text| !text.is_empty()),
                    started_at: self.started.clone(),
                    finished_at: Some(now.time.clone()),
                    container_id: Some(self.container_id()),
                    ..ContainerStateTerminated::default()
                });
            }
            Step::PullFailed { .. } | Step::ConfigFailed { .. } | Step::BackingOff => self.repeated += 1,
            Step::Created | Step::Running { .. } => {}
        }
        self.step = step;
        self.entered = at;
    }

    fn remarks(&self, script: &Script) -> Vec<Remark> {
        let image = self.container.image.as_deref().unwrap_or_default();
        match &self.step {
            Step::PullFailed { backing_off: false, message } => vec![
                Remark::normal("Pulling", format!("Pulling image \"{image}\"")),
                Remark::warning("Failed", format!("Failed to pull image \"{image}\": {message}")),
                Remark::warning("Failed", "Error: ErrImagePull".to_owned()),
            ],
            Step::PullFailed { backing_off: true, .. } => vec![
                Remark::normal("BackOff", format!("Back-off pulling image \"{image}\"")),
                Remark::warning("Failed", "Error: ImagePullBackOff".to_owned()),
            ],
            Step::ConfigFailed { message } => vec![Remark::warning("Failed", format!("Error: {message}"))],
            Step::BackingOff => vec![Remark::warning("BackOff", "Back-off restarting failed container".to_owned())],
            Step::Running { ready: false }
                if *script.behaviour(&self.container) == Behaviour::NeverReady
                    && self.container.readiness_probe.is_some() =>
            {
                let failed = "Readiness probe failed: HTTP probe failed with statuscode: 503";
                vec![Remark::warning("Unhealthy", failed.to_owned())]
            }
            Step::Created | Step::Running { .. } | Step::Ended { .. } => Vec::new(),
        }
    }

    /// As the kubelet reports it; `creating` is the reason of a container that nothing has gone wrong with yet.
    pub(super) fn status(&self, creating: &str) -> ContainerStatus {
        let image = self.container.image.clone().unwrap_or_default();
        let ran = self.started.is_some();
        ContainerStatus {
            name: self.container.name.clone(),
            ready: self.is_ready() || self.exit() == Some(0),
            started: Some(self.is_running()),
            restart_count: self.restarts,
            image_id: if ran { image.clone() } else { String::new() },
            container_id: ran.then(|| self.container_id()),
            state: Some(self.state(&image, creating)),
            // While it is ended for good or about to start anew, the run that ended is the present one.
            last_state: self.ended.clone().filter(|_| !matches!(self.step, Step::Ended { .. })).map(terminated),
            image,
            ..ContainerStatus::default()
        }
    }

    fn state(&self, image: &str, creating: &str) -> ContainerState {
        match &self.step {
            Step::Created => waiting(creating, None),
            Step::PullFailed { backing_off: false, message } => waiting("ErrImagePull", Some(message.clone())),
            Step::PullFailed { backing_off: true, .. } => {
                waiting("ImagePullBackOff", Some(format!("Back-off pulling image \"{image}\"")))
            }
            Step::ConfigFailed { message } => waiting("CreateContainerConfigError", Some(message.clone())),
            Step::Running { .. } => ContainerState {
                running: Some(ContainerStateRunning { started_at: self.started.clone() }),
                ..ContainerState::default()
            },
            Step::Ended { .. } => self.ended.clone().map(terminated).unwrap_or_default(),
            Step::BackingOff => {
                let seconds = (10 * 2_u32.pow(self.repeated.saturating_sub(1).min(5))).min(300);
                let message =
                    format!("back-off {seconds}s restarting failed container={} pod={}", self.container.name, self.pod);
                waiting("CrashLoopBackOff", Some(message))
            }
        }
    }

    fn container_id(&self) -> String {
        format!("containerd://{}-{}-{}", self.pod, self.container.name, self.restarts)
    }
}

fn waiting(reason: &str, message: Option<String>) -> ContainerState {
    let waiting = ContainerStateWaiting { reason: Some(reason.to_owned()), message };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn terminated(run: ContainerStateTerminated) -> ContainerState {
    ContainerState { terminated: Some(run), ..ContainerState::default() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::{Container, ContainerStatus, Probe};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::jiff::Timestamp;
    use tokio::time::Instant;

    use super::{Life, Now, Restart};
    use crate::player::script::{Behaviour, Script};

    fn now() -> Now {
        Now { instant: Instant::now(), time: Time(Timestamp::UNIX_EPOCH) }
    }

    fn life(restart: Restart, now: &Now) -> Life {
        let container = Container {
            name: "api".to_owned(),
            image: Some("x/api:1".to_owned()),
            readiness_probe: Some(Probe::default()),
            ..Container::default()
        };
        Life::new(container, "api-1_ns(uid)".to_owned(), restart, now)
    }

    /// A script of one behaviour that takes its steps in milliseconds.
    fn only(behaviour: Behaviour) -> Script {
        Script::ready_after(Duration::ZERO).pace(Duration::from_millis(1)).container("api", behaviour)
    }

    /// The state's short form after each of the coming steps: `reason`, `running`, `ready` or `exit CODE`, and
    /// restarts.
    fn steps(life: &mut Life, script: &Script, now: &mut Now, count: usize) -> Vec<String> {
        (0..count).map_while(|_| step(life, script, now)).collect()
    }

    fn step(life: &mut Life, script: &Script, now: &mut Now) -> Option<String> {
        now.instant = now.instant.max(life.due(script)?);
        life.advance(script, now)?;
        Some(short(&life.status("ContainerCreating")))
    }

    fn short(status: &ContainerStatus) -> String {
        let state = status.state.clone().unwrap();
        let text = match (state.waiting, state.running, state.terminated) {
            (Some(waiting), None, None) => waiting.reason.unwrap(),
            (None, Some(_), None) => if status.ready { "ready" } else { "running" }.to_owned(),
            (None, None, Some(ended)) => format!("exit {}", ended.exit_code),
            other => panic!("a container has one state: {other:?}"),
        };
        format!("{text} {}", status.restart_count)
    }

    #[test]
    fn becomes_ready_after_the_delay_and_not_before() {
        let mut now = now();
        let mut life = life(Restart::Always, &now);
        let script = Script::ready_after(Duration::from_secs(5));
        assert!(life.advance(&script, &now).is_none());
        assert_eq!(short(&life.status("ContainerCreating")), "ContainerCreating 0");
        assert_eq!(steps(&mut life, &script, &mut now, 9), ["ready 0"]);
    }

    #[test]
    fn a_crash_loop_restarts_at_once_and_then_backs_off() {
        let mut now = now();
        let mut life = life(Restart::Always, &now);
        let script = only(Behaviour::CrashLoop { exit_code: 3, message: "boom".to_owned() });
        assert_eq!(
            steps(&mut life, &script, &mut now, 8),
            [
                "running 0",
                "exit 3 0",
                "running 1",
                "exit 3 1",
                "CrashLoopBackOff 1",
                "running 2",
                "exit 3 2",
                "CrashLoopBackOff 2"
            ]
        );
        let last = life.status("").last_state.unwrap().terminated.unwrap();
        assert_eq!((last.exit_code, last.message.as_deref()), (3, Some("boom")));
    }

    #[test]
    fn a_bad_image_goes_back_and_forth_until_it_can_be_pulled() {
        let mut now = now();
        let mut life = life(Restart::Always, &now);
        let script = only(Behaviour::ImagePull { message: "not found".to_owned() });
        assert_eq!(steps(&mut life, &script, &mut now, 3), ["ErrImagePull 0", "ImagePullBackOff 0", "ErrImagePull 0"]);
        let fixed = only(Behaviour::Ready { after: Duration::ZERO });
        assert_eq!(steps(&mut life, &fixed, &mut now, 3), ["ready 0"]);
        // It runs: what becomes of the image no longer matters.
        assert_eq!(life.due(&script), None);
    }

    #[test]
    fn a_config_error_stays_and_is_remarked_upon_again() {
        let mut now = now();
        let mut life = life(Restart::Always, &now);
        let script = only(Behaviour::ConfigError { message: "secret \"x\" not found".to_owned() });
        for _ in 0..2 {
            now.instant = life.due(&script).unwrap();
            assert_eq!(life.advance(&script, &now).unwrap().len(), 1);
            assert_eq!(short(&life.status("")), "CreateContainerConfigError 0");
        }
    }

    #[test]
    fn a_job_ends_as_its_restart_policy_says() {
        let mut now = now();
        let well = only(Behaviour::Ready { after: Duration::ZERO });
        let mut life_once = life(Restart::Never, &now);
        assert_eq!(steps(&mut life_once, &well, &mut now, 9), ["running 0", "exit 0 0"]);
        assert_eq!(life_once.exit(), Some(0));

        let badly = only(Behaviour::Exit { code: 2, after: Duration::ZERO });
        let mut life_once = life(Restart::Never, &now);
        assert_eq!(steps(&mut life_once, &badly, &mut now, 9), ["running 0", "exit 2 0"]);
        assert_eq!(life_once.exit(), Some(2));

        let mut retried = life(Restart::OnFailure, &now);
        assert_eq!(steps(&mut retried, &badly, &mut now, 3), ["running 0", "exit 2 0", "running 1"]);
        assert_eq!(retried.exit(), None);
    }
}
