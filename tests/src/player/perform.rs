//! The player's watches: sees pods, claims and volumes come and go, and has each of them played.

use std::collections::HashMap;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use kube::runtime::watcher::{Config, Event};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, ResourceExt as _};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::claim;
use super::node::NODES;
use super::pod::{self, Stage};
use crate::cluster::OWNER_LABEL;

struct Performance {
    stage: Stage,
    /// The pods being played, by uid; what is sent there are their later versions.
    pods: HashMap<String, watch::Sender<Pod>>,
    /// The claims of the namespace, by name, to look at again when the script changes.
    claims: HashMap<String, PersistentVolumeClaim>,
    /// Ends with this.
    tasks: JoinSet<()>,
}

/// Plays everything in the namespace until told to stop.
pub(super) async fn perform(stage: Stage, mut stop: oneshot::Receiver<()>) {
    let mut script = stage.script.clone();
    let (client, namespace) = (stage.client.clone(), stage.namespace.clone());
    let mut pods =
        watcher(Api::<Pod>::namespaced(client.clone(), &namespace), Config::default()).default_backoff().boxed();
    let mut claims = watcher(Api::<PersistentVolumeClaim>::namespaced(client.clone(), &namespace), Config::default())
        .default_backoff()
        .boxed();
    let ours = Config::default().labels(&format!("{OWNER_LABEL}={namespace}"));
    let mut volumes = watcher(Api::<PersistentVolume>::all(client), ours).default_backoff().boxed();

    let mut performance = Performance { stage, pods: HashMap::new(), claims: HashMap::new(), tasks: JoinSet::new() };
    loop {
        // A watch that fails is taken up again by itself: errors need nothing here.
        tokio::select! {
            Some(event) = pods.next() => match event {
                Ok(Event::Apply(pod) | Event::InitApply(pod)) => performance.pod_changed(pod),
                Ok(Event::Delete(pod)) => performance.pod_deleted(&pod),
                Ok(Event::Init | Event::InitDone) | Err(_) => {}
            },
            Some(event) = claims.next() => match event {
                Ok(Event::Apply(claim) | Event::InitApply(claim)) => performance.claim_changed(claim),
                Ok(Event::Delete(claim)) => performance.claim_deleted(&claim),
                Ok(Event::Init | Event::InitDone) | Err(_) => {}
            },
            Some(event) = volumes.next() => if let Ok(Event::Apply(volume) | Event::InitApply(volume)) = event {
                performance.volume_changed(volume);
            },
            Ok(()) = script.changed() => performance.script_changed(),
            Some(_) = performance.tasks.join_next() => {}
            _ = &mut stop => return,
        }
    }
}

impl Performance {
    fn pod_changed(&mut self, pod: Pod) {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        if !node.is_some_and(|node| NODES.contains(&node)) {
            return;
        }
        let uid = pod.uid().unwrap_or_default();
        if let Some(player) = self.pods.get(&uid) {
            player.send_replace(pod);
        } else {
            let (sender, changes) = watch::channel(pod.clone());
            self.pods.insert(uid, sender);
            self.tasks.spawn(pod::play(self.stage.clone(), pod, changes));
        }
    }

    fn pod_deleted(&mut self, pod: &Pod) {
        if self.pods.remove(&pod.uid().unwrap_or_default()).is_some() {
            self.stage.seen.send_modify(|seen| {
                seen.pods.remove(&pod.name_any());
                seen.deleted += 1;
            });
        }
    }

    fn claim_changed(&mut self, claim: PersistentVolumeClaim) {
        self.serve(&claim);
        self.claims.insert(claim.name_any(), claim);
    }

    fn claim_deleted(&mut self, claim: &PersistentVolumeClaim) {
        self.claims.remove(&claim.name_any());
    }

    fn volume_changed(&mut self, volume: PersistentVolume) {
        if claim::is_reclaimable(&volume) {
            self.tasks.spawn(claim::reclaim(self.stage.client.clone(), volume));
        }
    }

    fn script_changed(&mut self) {
        let claims: Vec<_> = self.claims.values().cloned().collect();
        for claim in &claims {
            self.serve(claim);
        }
    }

    fn serve(&mut self, claim: &PersistentVolumeClaim) {
        if !claim::is_wanted(claim, &self.stage.script.borrow()) {
            return;
        }
        let (stage, claim) = (self.stage.clone(), claim.clone());
        self.tasks.spawn(async move {
            if let Some(volume) = claim::provision(stage.client, &claim).await {
                stage.seen.send_modify(|seen| {
                    seen.volumes.insert(claim.name_any(), volume);
                });
            }
        });
    }
}
