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
use crate::mirror::Mirror;
use crate::retry::{reaching, retrying};
use crate::run::{Reporter, Stop, events};
use crate::{Cluster, ClusterError, LiveObject};

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
    /// Tells the uninstall to stop.
    pub stop: Stop,
}

impl Default for UninstallOptions {
    /// Five minutes: CouchDB gets a minute to stop.
    fn default() -> Self {
        Self { timeout: Duration::from_mins(5), stop: Stop::new() }
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

    let ours = |object: &&LiveObject| is_ours(object, instance);
    for objects in &found {
        if options.stop.is_stopped() {
            return Err(Failure::Interrupted);
        }
        // All are finished, also when one fails: what they did is known.
        let mut failure = Ok(());
        for removed in join_all(objects.iter().filter(ours).map(|object| delete(&*cluster, object))).await {
            match removed {
                Ok(None) => {}
                Ok(Some(key)) => {
                    counts.removed += 1;
                    reporter.report(Event::Removed(key));
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

async fn delete(cluster: &dyn Cluster, object: &LiveObject) -> Result<Option<ObjectKey>, ClusterError> {
    let key = object.key();
    let removed = retrying(&*cluster.clock(), || cluster.delete(&key, object.uid())).await?;
    Ok(removed.then_some(key))
}

/// Only what bears the labels that this project gives, with the instance's own name, was put there by it.
fn is_ours(object: &LiveObject, instance: &Instance) -> bool {
    is_marked_ours(|label| object.label(label), instance)
}

fn is_marked_ours<'a>(label: impl Fn(&str) -> Option<&'a str>, instance: &Instance) -> bool {
    label("app.kubernetes.io/managed-by") == Some("cht")
        && label("app.kubernetes.io/instance") == Some(instance.project().as_str())
}

/// A part of an instance that another tool deployed.
fn is_unlabelled_part(object: &LiveObject) -> bool {
    object.label("cht.service").is_some() && object.label("app.kubernetes.io/managed-by") != Some("cht")
}

fn pods_of(mirror: &Mirror, instance: &Instance) -> BTreeSet<String> {
    let of_instance = |pod: &&Pod| {
        let labels = pod.metadata.labels.as_ref();
        is_marked_ours(|label| labels?.get(label).map(String::as_str), instance)
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
