//! Standard output as a stream of records, one to a line, of which the last one says how the run ended, however it did.
//!
//! A process has one standard output and does one run, and a signal may have to write the last line while everything else
//! stands still. So the stream is the process's own, and nothing of it has to be handed around.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use cht_k8s::event_record::{EventRecord, Happening, Recorder, RunFinished, RunStarted};
use cht_k8s::{Actor, Cluster, Event, RunId, SystemClock};
use cht_model::Instance;

use crate::exit::Exit;
use crate::output::{self, explain};
use crate::signals;
use crate::target::Target;

/// The stream, once there is to be one.
static LINES: OnceLock<Mutex<Lines>> = OnceLock::new();

struct Lines {
    recorder: Recorder,
    cluster: Option<Arc<dyn Cluster>>,
    /// Why lines cannot be written any more.
    broken: Option<ErrorKind>,
    ended: Option<Exit>,
}

/// The run of this process.
fn run() -> RunId {
    static RUN: OnceLock<RunId> = OnceLock::new();
    RUN.get_or_init(RunId::new).clone()
}

/// From now on there is a stream, and a signal does not end the process without its last line.
pub(crate) fn begin() {
    let recorder = Recorder::new(Arc::new(SystemClock), run());
    let _ = LINES.set(Mutex::new(Lines { recorder, cluster: None, broken: None, ended: None }));
    signals::listen();
}

/// The instance and its cluster are known. Answers with what the run is known by.
pub(crate) fn started(action: &str, instance: &Instance, target: &Target) -> RunId {
    if let Some(mut lines) = lines() {
        // Nothing has been written yet: all lines have the cluster's time.
        lines.recorder = Recorder::new(target.cluster.clock(), run());
        lines.cluster = Some(Arc::clone(&target.cluster));
        let start = RunStarted::new(action, instance, &target.name, Actor::of_this_process());
        let record = lines.recorder.started(start);
        lines.write(&record);
    }
    run()
}

/// Writes what happened.
pub(crate) fn write(event: &Event) {
    if let Some(mut lines) = lines() {
        for record in lines.recorder.records(event) {
            lines.write(&record);
        }
    }
}

/// Whether there still is someone to write for, or never was.
pub(crate) fn are_read() -> bool {
    lines().is_none_or(|lines| lines.broken.is_none())
}

/// Writes how a run ended that came to its end, and answers with how the process does.
pub(crate) fn ended(event: &Event, exit: Exit) -> Exit {
    let Some(mut lines) = lines() else { return exit };
    let records = lines.recorder.records(event);
    lines.end(records, exit)
}

/// Writes how a run ended that was cut short, and answers with how the process does.
pub(crate) fn end(end: RunFinished, exit: Exit) -> Exit {
    let Some(mut lines) = lines() else { return exit };
    let requests = lines.cluster.as_ref().map_or(0, |cluster| cluster.requests());
    let duration_seconds = lines.recorder.elapsed().as_secs_f64();
    let record = lines.recorder.finished(RunFinished { requests, duration_seconds, ..end });
    lines.end(vec![record], exit)
}

/// Writes the last line, if there is a stream without one, and answers with how the process ends.
pub(crate) fn ensure_ended(exit: Exit) -> Exit {
    end(RunFinished::early(exit.outcome()), exit)
}

fn lines() -> Option<MutexGuard<'static, Lines>> {
    LINES.get().map(|lines| lines.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Lines {
    fn write(&mut self, record: &EventRecord) {
        if self.broken.is_some() || self.ended.is_some() {
            return;
        }
        let line = serde_json::to_string(record).map_err(std::io::Error::from);
        if let Err(error) = line.and_then(|line| output::write(&format!("{line}\n"))) {
            self.broken = Some(error.kind());
            // The run goes on: it does not depend on who reads.
            if error.kind() != ErrorKind::BrokenPipe {
                explain(&format!("error: the events could not be written: {error}"));
            }
        }
    }

    /// The last records, unless they were written before: then that stands.
    fn end(&mut self, records: Vec<EventRecord>, exit: Exit) -> Exit {
        if let Some(ended) = self.ended {
            return ended;
        }
        for mut record in records {
            if let Happening::RunFinished(end) = &mut record.what {
                end.exit_code = Some(exit.code());
            }
            self.write(&record);
        }
        let unwritten = self.broken.is_some_and(|kind| kind != ErrorKind::BrokenPipe);
        let exit = if unwritten { Exit::Bug } else { exit };
        self.ended = Some(exit);
        exit
    }
}
