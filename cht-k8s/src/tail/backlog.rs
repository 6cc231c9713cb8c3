//! The lines that are there already, of all containers in order of time. Of each container one line is held.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use futures::future::join_all;
use k8s_openapi::jiff::Timestamp;

use super::containers::{Runs, Source};
use super::line::{LogLine, Missed, Tailed};
use super::position::{Position, Sieve};
use crate::redact::Redactor;
use crate::retry::reaching;
use crate::{Cluster, ClusterError, LogLines, LogRequest, LookError, WrittenLine};

/// The lines that are there already.
pub(super) struct Backlog {
    cluster: Arc<dyn Cluster>,
    readings: Vec<Reading>,
    has_begun: bool,
}

/// One container, read run after run.
struct Reading {
    source: Source,
    runs: VecDeque<LogRequest>,
    lines: Option<(LogLines, Sieve)>,
    position: Position,
    head: Option<Result<WrittenLine, ClusterError>>,
    /// Where lines without a time belong.
    time: Timestamp,
}

impl Backlog {
    /// These containers' lines: of the previous run and the newest, or only of the previous.
    pub(super) fn of(
        cluster: Arc<dyn Cluster>,
        sources: Vec<(Source, Runs)>,
        only_previous: bool,
        limits: LogRequest,
    ) -> Self {
        let readings = sources.into_iter().map(|(source, runs)| {
            let previous = runs.has_previous.then_some(LogRequest { previous: true, ..limits });
            let newest = (runs.newest.is_some() && !only_previous).then_some(limits);
            Reading {
                source,
                runs: previous.into_iter().chain(newest).collect(),
                lines: None,
                position: Position::default(),
                head: None,
                time: Timestamp::MIN,
            }
        });
        Self { cluster, readings: readings.collect(), has_begun: false }
    }

    /// The next line of all; nothing after the last.
    pub(super) async fn next(&mut self, redactor: &Redactor) -> Option<Result<Tailed, LookError>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            let cluster = &*self.cluster;
            join_all(self.readings.iter_mut().map(|reading| reading.advance(cluster))).await;
        }
        let waiting = self.readings.iter_mut().filter(|reading| reading.head.is_some());
        let reading = waiting.min_by_key(|reading| reading.time)?;
        let head = reading.head.take()?;
        let source = reading.source.clone();
        if head.is_ok() {
            reading.advance(&*self.cluster).await;
        }
        match head {
            Ok(line) => Some(Ok(Tailed::Line(LogLine::of(&source, &line, redactor)))),
            Err(error) if is_final(&error) => Some(Err(redactor.redact_error(error).into())),
            Err(error) => Some(Ok(Tailed::Missed(Missed::of(&source, &error.to_string(), redactor)))),
        }
    }

    /// How far each container was read.
    pub(super) fn positions(&self) -> impl Iterator<Item = (&Source, Position)> {
        self.readings.iter().map(|reading| (&reading.source, reading.position))
    }
}

/// Whether an error is about who asks, and not about one container.
pub(super) fn is_final(error: &ClusterError) -> bool {
    matches!(error, ClusterError::Unauthorized { .. } | ClusterError::Forbidden { .. })
}

impl Reading {
    /// Goes on to the next line, if there is one.
    async fn advance(&mut self, cluster: &dyn Cluster) {
        self.head = loop {
            if let Some((lines, sieve)) = &mut self.lines {
                match lines.next().await {
                    Some(Ok(line)) if !sieve.lets_pass(&mut self.position, line.time) => {}
                    Some(Ok(line)) => {
                        self.time = line.time.unwrap_or(self.time);
                        break Some(Ok(line));
                    }
                    Some(Err(error)) => break Some(Err(error)),
                    None => self.lines = None,
                }
                continue;
            }
            let Some(request) = self.runs.pop_front() else { break None };
            let Source { pod, container, .. } = &self.source;
            match reaching(&*cluster.clock(), || cluster.log_lines(pod, container, request)).await {
                Ok(lines) => self.lines = Some((lines, self.position.sieve())),
                // It has not run yet after all, or what it wrote before has been thrown away.
                Err(ClusterError::Invalid { .. }) => {}
                Err(error) => break Some(Err(error)),
            }
        };
    }
}
