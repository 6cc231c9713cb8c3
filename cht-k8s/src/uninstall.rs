//! Takes an instance out of a cluster, and leaves its data where it is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use cht_model::Instance;
use futures::future::{Either, join_all, select, try_join_all};
use futures::stream::BoxStream;
use k8s_openapi::api::core::v1::Pod;

use crate::events::{Counts, Event, Failure, Outcome, Success};
use crate::labels::{are_ours, is_ours, is_record};
use crate::mirror::Mirror;
use crate::retry::{reaching, retrying};
use crate::run::{Reporter, Stop, events};
use crate::{Cluster, ClusterError, LiveObject, RunId};

/// The kinds that are removed, those that bring people in first, those that others need last.
const REMOVED: [Kind; 8] = [
    Kind::Ingress,
    Kind::Deployment,
    Kind::Job,
    Kind::Service,
    Kind::RoleBinding,
    Kind::Role,
    Kind::ServiceAccount,
    Kind::ConfigMap,
];

/// How an uninstall behaves.
#[derive(Debug, Clone)]
pub struct UninstallOptions {
    /// How long it may take until the last pod has stopped.
    pub timeout: Duration,
    /// What the records and the [event records](crate::event_record) know the run by. Each run needs one of its own.
    pub run: RunId,
    /// Tells the uninstall to stop.
    pub stop: Stop,
}

impl Default for UninstallOptions {
    /// Five minutes: CouchDB gets a minute to stop.
    fn default() -> Self {
        Self { timeout: Duration::from_mins(5), run: RunId::new(), stop: Stop::new() }
    }
}

/// Removes what an instance runs, and waits until its pods have stopped. Claims, volumes, credentials and the namespace
/// are kept: a deploy afterwards finds them again. Only objects that bear this project's labels are removed.
///
/// The stream is the run: it goes on while the stream is polled, and its last event is [`Event::Finished`].
pub fn uninstall(
    cluster: Arc<dyn Cluster>,
    instance: Instance,
    options: UninstallOptions,
) -> BoxStream<'static, Event> {
    events(|reporter| async move {
        let started = cluster.clock().now();
        let before = cluster.requests();
        let mut counts = Counts::default();
        let result = remove(Arc::clone(&cluster), &instance, &options, &reporter, &mut counts).await;
        let duration = cluster.clock().now().duration_since(started).unsigned_abs();
        let requests = cluster.requests() - before;
        reporter.report(Event::Finished(Outcome { result, counts, requests, duration }));
    })
}

async fn remove(
    cluster: Arc<dyn Cluster>,
    instance: &Instance,
    options: &UninstallOptions,
    reporter: &Reporter,
    counts: &mut Counts,
) -> Result<Success, Failure> {
    let namespace = instance.namespace().as_str();
    let found = try_join_all(REMOVED.map(|kind| list(&*cluster, kind, namespace))).await.map_err(Failure::Cluster)?;
    let mut mirror = Mirror::open(Arc::clone(&cluster), namespace, |_| None).await.map_err(Failure::Cluster)?;

    let ours = |object: &&LiveObject| is_removed(object, instance);
    for objects in &found {
        if options.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        // All are finished, also when one fails: what they did is known.
        let mut failure = Ok(());
        for removed in join_all(objects.iter().filter(ours).map(|object| delete(&*cluster, object))).await {
            match removed {
                Ok(None) => {}
                Ok(Some((object, uid))) => {
                    counts.removed += 1;
                    reporter.report(Event::Removed { object, uid });
                }
                Err(error) => failure = failure.and(Err(Failure::Cluster(error))),
            }
        }
        failure?;
    }
    for stranger in found.iter().flatten().filter(|object| is_unlabelled_part(object)) {
        reporter.report(Event::Note(format!("{} was not deployed by this tool, and is left as it is", stranger.key())));
    }

    let deadline = cluster.clock().now() + options.timeout;
    loop {
        let left = pods_of(&mirror, instance);
        if left.is_empty() {
            break;
        }
        let now = cluster.clock().now();
        let remaining = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
        if remaining.is_zero() {
            return Err(Failure::StillStopping(left));
        }
        let clock = cluster.clock();
        let interruption = select(Box::pin(options.stop.stopped()), clock.sleep(remaining));
        match select(Box::pin(mirror.changed()), interruption).await {
            Either::Left((changed, _)) => changed.map_err(Failure::Cluster)?,
            Either::Right((Either::Left(_), _)) => return Err(Failure::Interrupted),
            Either::Right((Either::Right(_), _)) => {}
        }
    }
    kept(&*cluster, instance).await.map(|kept| Success::Uninstalled { kept }).map_err(Failure::Cluster)
}

async fn list(cluster: &dyn Cluster, kind: Kind, namespace: &str) -> Result<Vec<LiveObject>, ClusterError> {
    Ok(reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await?.items)
}

async fn delete(cluster: &dyn Cluster, object: &LiveObject) -> Result<Option<(ObjectKey, String)>, ClusterError> {
    let key = object.key();
    let removed = retrying(&*cluster.clock(), || cluster.delete(&key, object.uid())).await?;
    Ok(removed.then(|| (key, object.uid().to_owned())))
}

/// The instance's own objects, but for what is remembered of it: that outlives what it runs, as its data does.
fn is_removed(object: &LiveObject, instance: &Instance) -> bool {
    let project = instance.project().as_str();
    is_ours(object, project) && !is_record(&object.key(), project)
}

/// A part of an instance that another tool deployed.
fn is_unlabelled_part(object: &LiveObject) -> bool {
    object.label("cht.service").is_some() && object.label("app.kubernetes.io/managed-by") != Some("cht")
}

fn pods_of(mirror: &Mirror, instance: &Instance) -> BTreeSet<String> {
    let of_instance = |pod: &&Pod| {
        let labels = pod.metadata.labels.as_ref();
        are_ours(|label| labels?.get(label).map(String::as_str), instance.project().as_str())
    };
    mirror.view.pods.values().filter(of_instance).filter_map(|pod| pod.metadata.name.clone()).collect()
}

/// What holds the instance's data, or holds it together.
async fn kept(cluster: &dyn Cluster, instance: &Instance) -> Result<Vec<ObjectKey>, ClusterError> {
    let namespace = instance.namespace().as_str();
    let claims = list(cluster, Kind::PersistentVolumeClaim, namespace).await?;
    let claims: Vec<_> = claims.into_iter().filter(|claim| claim.label("cht.service").is_some()).collect();
    let volumes = claims.iter().filter_map(|claim| claim.text("/spec/volumeName"));
    let volumes = volumes.map(|volume| ObjectKey::new(Kind::PersistentVolume, "", volume));
    let credentials = ObjectKey::new(Kind::Secret, namespace, crate::plan::CREDENTIALS);
    let credentials = cluster.get(&credentials).await?.map(|secret| secret.key());
    let namespace = ObjectKey::new(Kind::Namespace, "", namespace);
    Ok(claims.iter().map(LiveObject::key).chain(volumes).chain(credentials).chain([namespace]).collect())
}

#[cfg(test)]
mod tests {
    use cht_manifests::Object;
    use futures::StreamExt;
    use futures::executor::block_on;
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;
    use crate::health::testing::{K3D, instance};
    use crate::sandbox::{Fault, Sandbox, Verb};
    use crate::{ApplyMode, Options, deploy, plan};

    /// The instance in a sandbox, with a Deployment of somebody else in its namespace.
    fn deployed() -> Arc<Sandbox> {
        let sandbox = Arc::new(Sandbox::new());
        let plan = block_on(plan(&*sandbox, instance(K3D, &[]))).expect("a plan");
        let events = deploy(Arc::clone(&sandbox) as Arc<dyn Cluster>, plan, Options::default());
        let last = block_on(events.collect::<Vec<_>>()).pop();
        assert!(matches!(last, Some(Event::Finished(Outcome { result: Ok(_), .. }))), "{last:?}");

        // Helm's charts give their release's name as the instance, which may be the project's.
        let labels = json!({ "app.kubernetes.io/instance": "county-a", "app.kubernetes.io/managed-by": "Helm" });
        let theirs: Deployment = serde_json::from_value(json!({
            "metadata": { "name": "theirs", "namespace": "county-a", "labels": labels },
            "spec": {
                "selector": { "matchLabels": { "app.kubernetes.io/instance": "county-a" } },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": { "containers": [{ "name": "web", "image": "web:1" }] },
                },
            },
        }))
        .expect("a Deployment");
        block_on(sandbox.apply(&Object::from(theirs), ApplyMode::Respect)).expect("applied");
        sandbox
    }

    fn run(sandbox: &Arc<Sandbox>, options: UninstallOptions) -> (Vec<Event>, Outcome) {
        let cluster = Arc::clone(sandbox) as Arc<dyn Cluster>;
        let mut events: Vec<_> = block_on(uninstall(cluster, instance(K3D, &[]), options).collect());
        match events.pop() {
            Some(Event::Finished(outcome)) => (events, outcome),
            other => panic!("{other:?}"),
        }
    }

    fn left(sandbox: &Sandbox, kind: Kind) -> Vec<String> {
        let items = block_on(sandbox.list(kind, Some("county-a"))).expect("a list").items;
        items.iter().map(|object| object.name().to_owned()).collect()
    }

    #[test]
    fn what_others_run_is_neither_removed_nor_waited_for() {
        let sandbox = deployed();
        let (events, outcome) = run(&sandbox, UninstallOptions::default());
        let Ok(Success::Uninstalled { kept }) = &outcome.result else { panic!("{outcome:?}") };
        assert_eq!(left(&sandbox, Kind::Deployment), ["theirs"]);
        assert_eq!(left(&sandbox, Kind::Pod).len(), 1);
        assert_eq!(left(&sandbox, Kind::PersistentVolumeClaim), ["couchdb-claim0"]);
        let kinds: Vec<_> = kept.iter().map(|key| key.kind).collect();
        assert_eq!(kinds, [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret, Kind::Namespace]);
        let removed = events.iter().filter(|event| matches!(event, Event::Removed { .. })).count();
        assert_eq!(outcome.counts.removed, removed);
    }

    #[test]
    fn after_a_failure_what_was_removed_is_counted() {
        let sandbox = deployed();
        let error = ClusterError::Forbidden { object: "Deployment".to_owned(), message: "no".to_owned() };
        let kind = Some(Kind::Deployment);
        sandbox.fail(Fault::Api { verb: Verb::Delete, kind, times: 1, error: error.clone() });
        let (events, outcome) = run(&sandbox, UninstallOptions::default());
        assert!(matches!(&outcome.result, Err(Failure::Cluster(failure)) if *failure == error), "{outcome:?}");
        let removed = events.iter().filter(|event| matches!(event, Event::Removed { .. })).count();
        assert_eq!(outcome.counts.removed, removed);
        // The others of the same kind were removed, and no kind after it.
        assert_eq!(left(&sandbox, Kind::Deployment).len(), 2);
        assert!(!left(&sandbox, Kind::Service).is_empty());
        assert!(matches!(run(&sandbox, UninstallOptions::default()).1.result, Ok(Success::Uninstalled { .. })));
    }

    #[test]
    fn nothing_is_removed_after_a_stop() {
        let sandbox = deployed();
        let options = UninstallOptions::default();
        options.stop.stop();
        let (_, outcome) = run(&sandbox, options);
        assert!(matches!(outcome.result, Err(Failure::Interrupted)), "{outcome:?}");
        assert_eq!(outcome.counts, Counts::default());
        assert!(left(&sandbox, Kind::Deployment).len() > 2);
    }
}
