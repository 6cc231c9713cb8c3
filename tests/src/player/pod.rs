//! Plays one pod, from being bound to a node until it is gone.

use k8s_openapi::api::core::v1::{Pod, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::api::{DeleteParams, Patch, PatchParams, Preconditions};
use kube::{Api, Client, Error, ResourceExt as _};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::events::Recorder;
use super::life::Now;
use super::script::Script;
use super::seen::Seen;
use super::status::PodLife;

/// What playing a pod takes.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) client: Client,
    pub(super) namespace: String,
    pub(super) script: watch::Receiver<Script>,
    pub(super) seen: watch::Sender<Seen>,
}

fn now() -> Now {
    Now { instant: Instant::now(), time: Time(Timestamp::now()) }
}

/// Plays the pod until it is gone; `versions` tells its later ones.
pub(super) async fn play(mut stage: Stage, pod: Pod, mut versions: watch::Receiver<Pod>) {
    let mut played = Played::new(&stage, pod);
    while versions.borrow_and_update().metadata.deletion_timestamp.is_none() {
        let script = stage.script.borrow_and_update().clone();
        let Some(due) = played.go_on(&script).await else { return };
        tokio::select! {
            () = due => {}
            script = stage.script.changed() => if script.is_err() { return },
            version = versions.changed() => if version.is_err() { return },
        }
    }
    let script = stage.script.borrow().clone();
    tokio::time::sleep(script.stop_delay()).await;
    while !played.delete().await {
        tokio::time::sleep(script.pause(0)).await;
    }
}

struct Played {
    pods: Api<Pod>,
    name: String,
    uid: Option<String>,
    recorder: Recorder,
    life: PodLife,
    /// What the API server knows.
    reported: Option<PodStatus>,
    seen: watch::Sender<Seen>,
}

impl Played {
    fn new(stage: &Stage, pod: Pod) -> Self {
        Self {
            pods: Api::namespaced(stage.client.clone(), &stage.namespace),
            name: pod.name_any(),
            recorder: Recorder::new(stage.client.clone(), &stage.namespace, &pod),
            life: PodLife::new(&pod, &now()),
            reported: None,
            seen: stage.seen.clone(),
            uid: pod.metadata.uid,
        }
    }

    /// Takes the steps that are due and reports them. Returns what to wait for then, or nothing when the pod is gone.
    async fn go_on(&mut self, script: &Script) -> Option<impl Future<Output = ()> + use<>> {
        let now = now();
        let remarks = self.life.advance(script, &now);
        let status = self.life.status(&now);
        // First the reasons, then the state: whoever sees the state finds the reasons there.
        self.recorder.record(remarks).await;
        let mut due = self.life.due(script);
        if self.reported.as_ref() != Some(&status) {
            match self.report(status).await {
                Ok(()) => {}
                Err(error) if is_gone(&error) => return None,
                Err(_) => due = Some(now.instant + script.pause(0)),
            }
        }
        Some(async move {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        })
    }

    async fn report(&mut self, status: PodStatus) -> Result<(), Error> {
        // The uid, so that a pod of the same name that came after is not meant.
        let change = json!({"metadata": {"uid": self.uid}, "status": &status});
        self.pods.patch_status(&self.name, &PatchParams::default(), &Patch::Strategic(change)).await?;
        self.reported = Some(status);
        self.seen.send_modify(|seen| {
            seen.pods.insert(self.name.clone(), self.life.seen());
        });
        Ok(())
    }

    /// Deletes the pod at once, as its kubelet does when it has ended. Returns whether it is gone.
    async fn delete(&self) -> bool {
        let this = Preconditions { uid: self.uid.clone(), resource_version: None };
        let at_once = DeleteParams::default().grace_period(0).preconditions(this);
        self.pods.delete(&self.name, &at_once).await.map_or_else(|error| is_gone(&error), |_| true)
    }
}

/// Gone, or another pod of the same name by now.
fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Api(status) if status.is_not_found() || status.is_conflict())
}
