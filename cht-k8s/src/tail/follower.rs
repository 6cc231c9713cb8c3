//! The lines that are yet to come: of every run of every container that is wanted, also in pods that are not there yet.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use cht_manifests::Kind;
use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::{self, BoxStream, SelectAll};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;

use super::backlog::is_final;
use super::containers::{Runs, Selection, Source};
use super::line::{LogLine, Missed, Tailed};
use super::position::{Position, Sieve};
use crate::known_secrets::KnownSecrets;
use crate::mirror::{News, follow};
use crate::{Cluster, ClusterError, LiveObject, LogRequest, LookError, WatchEvent, WrittenLine};

/// The pause before a log that ended too early is asked for again; each further one without a line in between is twice as
/// long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A container, by its pod's UID and its name.
type Key = (String, String);

/// Follows the containers of a namespace.
pub(super) struct Follower {
    cluster: Arc<dyn Cluster>,
    selection: Selection,
    pub(super) secrets: KnownSecrets,
    namespace: String,
    news: BoxStream<'static, Result<News, ClusterError>>,
    readers: SelectAll<BoxStream<'static, (Key, Read)>>,
    containers: BTreeMap<Key, Followed>,
    /// Since when it follows.
    began: Timestamp,
}

struct Followed {
    source: Source,
    runs: Runs,
    position: Position,
    sieve: Sieve,
    /// What is asked for as long as no line has been read.
    limits: LogRequest,
    /// The run that is being read.
    reading: Option<i32>,
    /// The newest run that was read to its end.
    read: Option<i32>,
    /// Whether reading ended by a broken connection.
    is_lost: bool,
    /// Whether it was said that the lines cannot be had.
    is_missed: bool,
    pause: Duration,
    /// Whether the pod is still there.
    is_there: bool,
}

/// What a reader has read.
enum Read {
    /// From here on, lines are of one more reading.
    Begun,
    Line(WrittenLine),
    /// There was no reading.
    Refused(ClusterError),
    /// The reading broke off.
    Lost,
    Ended,
}

impl Follower {
    /// Follows the containers that are wanted, from that version of the pods on.
    pub(super) fn start(
        cluster: Arc<dyn Cluster>,
        namespace: &str,
        selection: Selection,
        secrets: KnownSecrets,
        since: String,
    ) -> Self {
        let began = cluster.clock().now();
        let news = follow(Arc::clone(&cluster), Kind::Pod, namespace, since);
        let mut readers = SelectAll::new();
        // So that it never ends.
        readers.push(stream::pending().boxed());
        let containers = BTreeMap::new();
        let namespace = namespace.to_owned();
        Self { cluster, selection, secrets, namespace, news, readers, containers, began }
    }

    /// Takes on a container of which the lines within these limits were read until then.
    pub(super) fn add(&mut self, source: &Source, runs: Runs, position: Position, limits: LogRequest) {
        let key = (source.uid.clone(), source.container.clone());
        let followed = Followed { position, limits, ..Followed::new(source.clone(), runs) };
        self.containers.insert(key.clone(), followed);
        self.read(&key);
        if let Some(followed) = self.containers.get_mut(&key) {
            // Where it has to be asked again, what was written meanwhile counts, however much it is.
            followed.limits = LogRequest { since: Some(self.began), ..LogRequest::default() };
        }
    }

    /// The next line; it waits for one. After an error there is no more.
    pub(super) async fn next(&mut self) -> Result<Tailed, LookError> {
        loop {
            match select(self.news.next(), self.readers.next()).await {
                Either::Left((news, _)) => self.hear(news).await?,
                Either::Right((Some((key, read)), _)) => {
                    if let Some(tailed) = self.take(&key, read)? {
                        return Ok(tailed);
                    }
                }
                // The readers never end.
                Either::Right((None, _)) => {}
            }
        }
    }

    async fn hear(&mut self, news: Option<Result<News, ClusterError>>) -> Result<(), LookError> {
        match news {
            Some(Ok(News::Listed(_, listing))) => {
                for followed in self.containers.values_mut() {
                    followed.is_there = false;
                }
                for pod in &listing.items {
                    self.changed(pod).await?;
                }
                self.containers.retain(|_, followed| followed.is_there || followed.reading.is_some());
            }
            Some(Ok(News::Happened(WatchEvent::Changed(pod)))) => self.changed(&pod).await?,
            Some(Ok(News::Happened(WatchEvent::Deleted(pod)))) => {
                let of_pod = |key: &Key| key.0 == pod.uid();
                for (_, followed) in self.containers.iter_mut().filter(|(key, _)| of_pod(key)) {
                    followed.is_there = false;
                }
                self.containers.retain(|key, followed| !of_pod(key) || followed.reading.is_some());
            }
            Some(Ok(News::Happened(WatchEvent::Bookmark(_)))) => {}
            Some(Err(error)) => return Err(self.secrets.redactor.redact_error(error).into()),
            None => return Err(ClusterError::Unreachable { reason: "the watch has ended".to_owned() }.into()),
        }
        Ok(())
    }

    async fn changed(&mut self, pod: &LiveObject) -> Result<(), LookError> {
        let Ok(pod) = pod.decode::<Pod>() else { return Ok(()) };
        let mut is_known = true;
        for (source, runs) in self.selection.of_pod(&pod) {
            let key = (source.uid.clone(), source.container.clone());
            match self.containers.entry(key.clone()) {
                Entry::Occupied(known) => {
                    let followed = known.into_mut();
                    (followed.runs, followed.is_there) = (runs, true);
                }
                Entry::Vacant(new) => {
                    if std::mem::take(&mut is_known) {
                        // It may know other secrets than those before it.
                        self.secrets.add(&*self.cluster, &self.namespace, [&pod]).await?;
                        if let Some(error) = self.secrets.unread.take() {
                            return Err(LookError::SecretsUnread(error));
                        }
                    }
                    new.insert(Followed::new(source, runs));
                }
            }
            self.read(&key);
        }
        Ok(())
    }

    /// Begins to read what has not been read, unless it is being read.
    fn read(&mut self, key: &Key) {
        let Some(followed) = self.containers.get_mut(key) else { return };
        let Some(newest) = followed.runs.newest.filter(|newest| followed.read != Some(*newest)) else { return };
        if followed.reading.is_some() {
            return;
        }
        let limits = match followed.position.since() {
            Some(since) => LogRequest { since: Some(since), ..LogRequest::default() },
            None => followed.limits,
        };
        // What ran in between, and what it wrote at its end.
        let missed = followed.read.is_some() && followed.runs.has_previous;
        let previous = missed.then_some(LogRequest { previous: true, ..limits });
        let requests = previous.into_iter().chain([LogRequest { follow: true, ..limits }]).collect();
        followed.reading = Some(newest);
        let reader = reader(Arc::clone(&self.cluster), followed.source.clone(), requests, followed.pause);
        let key = key.clone();
        self.readers.push(reader.map(move |read| (key.clone(), read)).boxed());
    }

    fn take(&mut self, key: &Key, read: Read) -> Result<Option<Tailed>, LookError> {
        let redactor = &self.secrets.redactor;
        let Some(followed) = self.containers.get_mut(key) else { return Ok(None) };
        match read {
            Read::Begun => followed.sieve = followed.position.sieve(),
            Read::Line(line) => {
                if followed.sieve.lets_pass(&mut followed.position, line.time) {
                    (followed.pause, followed.is_missed) = (Duration::ZERO, false);
                    return Ok(Some(Tailed::Line(LogLine::of(&followed.source, &line, redactor))));
                }
            }
            Read::Refused(error) if is_final(&error) => return Err(redactor.redact_error(error).into()),
            // It has not begun, or is over: what the watch says next, counts.
            Read::Refused(ClusterError::Invalid { .. }) => {}
            Read::Refused(error) => {
                followed.is_lost = true;
                if !std::mem::replace(&mut followed.is_missed, true) {
                    let missed = Missed::of(&followed.source, &error.to_string(), redactor);
                    return Ok(Some(Tailed::Missed(missed)));
                }
            }
            Read::Lost => followed.is_lost = true,
            Read::Ended => self.ended(key),
        }
        Ok(None)
    }

    fn ended(&mut self, key: &Key) {
        let Some(followed) = self.containers.get_mut(key) else { return };
        let run = followed.reading.take();
        if !followed.is_there {
            self.containers.remove(key);
            return;
        }
        let goes_on = followed.runs.newest == run && followed.runs.is_running;
        if std::mem::take(&mut followed.is_lost) || goes_on {
            // The connection, and not the container, or the watch has not told of its end yet.
            followed.pause = (followed.pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        } else {
            (followed.read, followed.pause) = (run, Duration::ZERO);
        }
        self.read(key);
    }
}

impl Followed {
    fn new(source: Source, runs: Runs) -> Self {
        let position = Position::default();
        Self {
            source,
            runs,
            position,
            sieve: position.sieve(),
            limits: LogRequest::default(),
            reading: None,
            read: None,
            is_lost: false,
            is_missed: false,
            pause: Duration::ZERO,
            is_there: true,
        }
    }
}

/// Reads the runs of a container one after the other.
fn reader(
    cluster: Arc<dyn Cluster>,
    source: Source,
    requests: Vec<LogRequest>,
    pause: Duration,
) -> BoxStream<'static, Read> {
    let clock = cluster.clock();
    let begin = async move {
        if !pause.is_zero() {
            clock.sleep(pause).await;
        }
        stream::iter(requests)
    };
    let readings = stream::once(begin).flatten().then(move |request| {
        let (cluster, source) = (Arc::clone(&cluster), source.clone());
        async move {
            match cluster.log_lines(&source.pod, &source.container, request).await {
                Ok(lines) => {
                    let lines = lines.map(|line| line.map_or_else(|_| Read::Lost, Read::Line));
                    stream::once(async { Read::Begun }).chain(lines).boxed()
                }
                Err(error) => stream::once(async { Read::Refused(error) }).boxed(),
            }
        }
    });
    readings.flatten().chain(stream::once(async { Read::Ended })).boxed()
}
