//! Finds what is wanted, reads what is there, and then what comes.

use std::collections::BTreeSet;
use std::sync::Arc;

use cht_manifests::Kind;
use cht_model::Instance;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use futures::try_join;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;

use super::backlog::Backlog;
use super::containers::{Runs, Selection, Source, names};
use super::follower::Follower;
use super::line::Tailed;
use super::options::TailOptions;
use crate::known_secrets::KnownSecrets;
use crate::listed::decoded;
use crate::retry::reaching;
use crate::{Cluster, ComponentName, LogRequest, LookError};

/// Lines of containers, and whose they are.
pub struct Tailing {
    /// The containers that are there now, with what each is of.
    pub containers: BTreeSet<(ComponentName, String)>,
    /// The lines. It holds one of each container at most, and reads no faster than it is read.
    pub lines: BoxStream<'static, Result<Tailed, LookError>>,
}

/// What the containers of an instance write: the lines that are there already, in order of time, and with
/// [`TailOptions::follow`] then those that come. Whoever deployed the instance: its namespace is enough, and the values only
/// tell of more secrets that must not be shown.
///
/// The stream ends when it is dropped. It goes on through broken connections, restarts of containers, and pods that come and
/// go. After an error nothing follows.
///
/// # Errors
///
/// [`LookError`], within the stream only when the cluster is lost or refuses.
pub async fn tail(
    cluster: Arc<dyn Cluster>,
    namespace: &str,
    instance: Option<&Instance>,
    options: TailOptions,
) -> Result<Tailing, LookError> {
    let clock = cluster.clock();
    let list = async |kind| reaching(&*clock, || cluster.list(kind, Some(namespace))).await;
    let (pods, deployments) = try_join!(list(Kind::Pod), list(Kind::Deployment))?;
    let version = pods.resource_version;
    let pods: Vec<Pod> = decoded(&pods.items);
    let deployments: Vec<Deployment> = decoded(&deployments.items);

    let there = deployments
        .iter()
        .filter_map(ComponentName::of_deployment)
        .chain(pods.iter().filter_map(ComponentName::of_pod));
    let there: Vec<_> = there.collect::<BTreeSet<_>>().into_iter().collect();
    if there.is_empty() {
        return Err(LookError::Nothing { namespace: namespace.to_owned() });
    }
    let selection = Selection::of(&options, &there)?;
    let mut sources: Vec<_> = pods.iter().flat_map(|pod| selection.of_pod(pod)).collect();
    // Of one time, the lines of whoever starts first come first.
    sources.sort_by(|(one, _), (other, _)| (&one.component, &one.pod).cmp(&(&other.component, &other.pod)));
    check_container(&options, &pods, &sources)?;

    let containers = sources.iter().map(|(source, _)| (source.component.clone(), source.container.clone())).collect();
    let mut secrets = KnownSecrets::read(&*cluster, namespace, instance, &pods).await?;
    if let Some(error) = secrets.unread.take() {
        return Err(LookError::SecretsUnread(error));
    }

    let since = options.since.map(|since| clock.now().checked_sub(since).unwrap_or_default());
    let limits = LogRequest { tail: options.tail, since, ..LogRequest::default() };
    let backlog = Backlog::of(Arc::clone(&cluster), sources.clone(), options.previous, limits);
    let namespace = namespace.to_owned();
    let follow = move |backlog: &Backlog, secrets| {
        let mut follower = Follower::start(cluster, &namespace, selection, secrets, version);
        for (source, position) in backlog.positions() {
            let runs = sources.iter().find(|(other, _)| other == source).map(|(_, runs)| *runs);
            if let Some(runs) = runs {
                follower.add(source, runs, position, limits);
            }
        }
        follower
    };
    let follow: Option<Follow> = options.follow.then(|| Box::new(follow) as Follow);
    let lines = stream::unfold(Phase::Backlog { backlog, secrets, follow }, Phase::next).boxed();
    Ok(Tailing { containers, lines })
}

/// Begins to follow after what was read.
type Follow = Box<dyn FnOnce(&Backlog, KnownSecrets) -> Follower + Send>;

enum Phase {
    Backlog { backlog: Backlog, secrets: KnownSecrets, follow: Option<Follow> },
    Following(Box<Follower>),
    Over,
}

impl Phase {
    async fn next(mut self) -> Option<(Result<Tailed, LookError>, Self)> {
        loop {
            self = match self {
                Self::Backlog { mut backlog, secrets, follow } => match backlog.next(&secrets.redactor).await {
                    Some(Err(error)) => return Some((Err(error), Self::Over)),
                    Some(tailed) => return Some((tailed, Self::Backlog { backlog, secrets, follow })),
                    None => Self::Following(Box::new(follow?(&backlog, secrets))),
                },
                Self::Following(mut follower) => {
                    return match follower.next().await {
                        Ok(tailed) => Some((Ok(tailed), Self::Following(follower))),
                        Err(error) => Some((Err(error), Self::Over)),
                    };
                }
                Self::Over => return None,
            };
        }
    }
}

/// Whether a container that is asked for by name is there, unless no pod is.
fn check_container(options: &TailOptions, pods: &[Pod], found: &[(Source, Runs)]) -> Result<(), LookError> {
    let Some(container) = options.container.as_ref().filter(|_| found.is_empty()) else { return Ok(()) };
    let parts = pods.iter().filter(|pod| ComponentName::of_pod(pod).is_some());
    let there: BTreeSet<_> = parts.flat_map(names).map(str::to_owned).collect();
    if there.is_empty() {
        return Ok(());
    }
    Err(LookError::NoSuchContainer { container: container.clone(), there: there.into_iter().collect() })
}
