//! `cht logs`

use std::io;

use cht_k8s::{LogLine, LookError, Missed, Stop, TailOptions, Tailed, Tailing};
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};

use crate::cli::{Logs, OutputFormat, Tail};
use crate::exit::Exit;
use crate::output::{self, explain};
use crate::place::{Place, place};
use crate::report::logs::Prefix;
use crate::{report, signals};

/// How many of the last lines of each run are shown, unless it is said.
const LINES: u32 = 100;
/// How much is written at once.
const AT_ONCE: usize = 64 * 1024;

pub(super) async fn run(args: Logs) -> Result<Exit, Exit> {
    let Place { namespace, instance, target } = place(args.place, &args.target, OutputFormat::Text).await?;
    let tail = match args.tail {
        Some(Tail::Last(lines)) => Some(lines),
        Some(Tail::All) => None,
        None => args.since.is_none().then_some(LINES),
    };
    let options = TailOptions {
        components: args.components,
        container: args.container,
        previous: args.previous,
        follow: args.follow,
        since: args.since,
        tail,
    };
    let stop = Stop::new();
    signals::end_on_signals(stop.clone());
    let (cluster, namespace) = (target.cluster, namespace.as_str());
    let started = cht_k8s::tail(cluster, namespace, instance.as_ref(), options);
    let Tailing { containers, lines } = match stop.or(started).await {
        None => return Ok(signals::interrupted()),
        Some(started) => started.map_err(|error| refused(&error))?,
    };
    let writer = Writer { prefix: Prefix::new(&containers, args.timestamps), written: 0, missed: false };
    Ok(writer.follow(lines, &stop, args.previous).await)
}

fn refused(error: &LookError) -> Exit {
    report::look_refused(error, OutputFormat::Text)
}

/// Writes lines as they come.
struct Writer {
    prefix: Prefix,
    written: u64,
    missed: bool,
}

impl Writer {
    /// Writes until there are no more, a signal comes, or nobody reads any more.
    async fn follow(
        mut self,
        mut lines: BoxStream<'static, Result<Tailed, LookError>>,
        stop: &Stop,
        previous: bool,
    ) -> Exit {
        loop {
            let mut text = String::new();
            let mut next = match stop.or(lines.next()).await {
                None => return signals::interrupted(),
                Some(next) => Some(next),
            };
            // What is there already is written together.
            let end = loop {
                match next {
                    Some(Some(Ok(tailed))) => self.take(tailed, &mut text),
                    Some(end) => break Some(end),
                    None => break None,
                }
                next = if text.len() < AT_ONCE { lines.next().now_or_never() } else { None };
            };
            if let Err(error) = output::write(&text) {
                return unwritten(&error);
            }
            match end {
                None => {}
                Some(Some(Err(error))) => return refused(&error),
                Some(_) => return self.end(previous),
            }
        }
    }

    fn take(&mut self, tailed: Tailed, text: &mut String) {
        match tailed {
            Tailed::Line(line) => self.line(&line, text),
            Tailed::Missed(Missed { component, container, reason, .. }) => {
                self.missed = true;
                explain(&format!("note: lines of {component}/{container} are missing: {reason}"));
            }
        }
    }

    fn line(&mut self, line: &LogLine, text: &mut String) {
        self.written += 1;
        text.push_str(&self.prefix.line(line));
    }

    fn end(&self, previous: bool) -> Exit {
        if self.missed {
            explain("hint: run the same command again; `cht status` says whether the nodes are well");
            return Exit::Unknown;
        }
        if self.written == 0 {
            let what = if previous { "no container has run before" } else { "no container has written a line" };
            explain(&format!("note: {what}, as far as that is asked for"));
        }
        Exit::Ok
    }
}

fn unwritten(error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Exit::Ok;
    }
    explain(&format!("error: the lines could not be written: {error}"));
    Exit::Bug
}
