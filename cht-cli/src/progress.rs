//! Shows a run while it goes on: a live line for each component on a terminal, one line per change elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use cht_k8s::{Applied, ComponentHealth, Event, Health, LockEvent};
use cht_manifests::Component;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output::{explain, write};
use crate::report::health;
use crate::report::text::time;

/// How often the lines of a terminal move, which shows that the run goes on.
const TICK: Duration = Duration::from_millis(120);

/// Where progress goes.
pub(crate) enum Progress {
    /// Nowhere.
    Quiet,
    /// One line per change of state.
    Lines(Lines),
    /// One line per change of state or reason, which is the result: to standard output.
    Watched(Watched),
    /// A line for each component, kept up to date.
    Live(Live),
}

/// What lines have said so far.
#[derive(Default)]
pub(crate) struct Lines {
    states: BTreeMap<Component, &'static str>,
}

/// What whoever watches has been shown.
#[derive(Default)]
pub(crate) struct Watched {
    lines: BTreeMap<Component, String>,
    nobody_reads: bool,
}

/// The lines of a terminal.
pub(crate) struct Live {
    all: MultiProgress,
    components: BTreeMap<Component, ProgressBar>,
}

impl Progress {
    /// The right one for standard error. Where requests are said beside it, nothing is kept in place.
    pub(crate) fn new(quiet: bool, verbose: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() && !verbose {
            Self::live()
        } else {
            Self::Lines(Lines::default())
        }
    }

    /// The right one for whoever watches an instance.
    pub(crate) fn of_watching(verbose: bool) -> Self {
        if std::io::stderr().is_terminal() && std::io::stdout().is_terminal() && !verbose {
            Self::live()
        } else {
            Self::Watched(Watched::default())
        }
    }

    fn live() -> Self {
        Self::Live(Live { all: MultiProgress::new(), components: BTreeMap::new() })
    }

    /// Whether there still is someone to show it to.
    pub(crate) fn is_read(&self) -> bool {
        !matches!(self, Self::Watched(Watched { nobody_reads: true, .. }))
    }

    /// Says what is about to happen.
    pub(crate) fn say(&self, line: &str) {
        match self {
            Self::Quiet => {}
            Self::Lines(_) | Self::Watched(_) => explain(line),
            // The terminal may have gone; the run goes on.
            Self::Live(terminal) => drop(terminal.all.println(line)),
        }
    }

    /// Shows one event.
    pub(crate) fn show(&mut self, event: &Event) {
        match (self, event) {
            (Self::Quiet, _) => {}
            (Self::Live(terminal), Event::HealthChanged(component)) => terminal.health(component),
            (Self::Live(terminal), Event::StillWaiting { waiting, .. }) => {
                for one in waiting {
                    terminal.health(one);
                }
            }
            (progress, Event::Finished(_)) => progress.end(),
            (Self::Lines(lines), Event::HealthChanged(component)) => lines.health(component),
            (Self::Watched(watched), Event::HealthChanged(component)) => watched.health(component),
            (progress, event) => {
                if let Some(line) = line(event) {
                    progress.say(&line);
                }
            }
        }
    }

    /// Nothing else will be shown.
    pub(crate) fn end(&mut self) {
        if let Self::Live(terminal) = self {
            terminal.finish();
        }
    }
}

fn line(event: &Event) -> Option<String> {
    match event {
        Event::Note(note) => Some(format!("note: {note}")),
        Event::StageStarted(stage) => Some(format!("stage {stage}")),
        Event::Applied { object, change: Applied::Created, .. } => Some(format!("  {object} created")),
        Event::Applied { object, change: Applied::Changed, .. } => Some(format!("  {object} changed")),
        Event::Lock(LockEvent::Waiting { holder, wait }) if wait.is_zero() => Some(format!("locked by {holder}")),
        Event::Lock(LockEvent::Waiting { holder, wait }) => {
            Some(format!("locked by {holder}: waiting up to {} for it to end", time(*wait)))
        }
        Event::Lock(LockEvent::TakenOver { from }) => {
            Some(format!("warning: the lock of {from} is taken over: that run has not renewed it in time"))
        }
        Event::RevisionStarted(number) => Some(format!("revision {number}")),
        Event::Removed { object, .. } => Some(format!("  {object} removed")),
        Event::StillWaiting { elapsed, waiting } => {
            let reasons = waiting.iter().map(|one| format!("\n    {}", health::line(one)));
            Some(format!("  waiting, {} so far{}", time(*elapsed), reasons.collect::<String>()))
        }
        Event::Planned { .. }
        | Event::Applied { change: Applied::Unchanged, .. }
        | Event::HealthChanged(_)
        | Event::Finished(_) => None,
    }
}

impl Lines {
    /// Reasons change many times a second while a pod starts: a line for each state, and the reasons when it takes long.
    fn health(&mut self, component: &ComponentHealth) {
        let state = health::state(&component.health);
        if self.states.insert(component.component, state) == Some(state) {
            return;
        }
        match component.health {
            Health::Progressing(_) => explain(&format!("  {:<16} starts", component.component.to_string())),
            Health::Ready | Health::Degraded(_) | Health::Failed(_) => {
                explain(&format!("  {}", health::line(component)));
            }
        }
    }
}

impl Watched {
    fn health(&mut self, component: &ComponentHealth) {
        let line = health::line(component);
        if self.lines.get(&component.component) != Some(&line) {
            self.nobody_reads |= write(&format!("{line}\n")).is_err();
            self.lines.insert(component.component, line);
        }
    }
}

impl Live {
    fn health(&mut self, component: &ComponentHealth) {
        let bar = self.components.entry(component.component).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            bar.enable_steady_tick(TICK);
            bar
        });
        bar.set_message(health::line(component));
        match component.health {
            Health::Ready => done(bar, "  ✔ {msg}"),
            Health::Failed(_) => done(bar, "  ✘ {msg}"),
            Health::Progressing(_) | Health::Degraded(_) if bar.is_finished() => {
                bar.set_style(ProgressStyle::default_spinner());
                bar.reset();
                bar.enable_steady_tick(TICK);
            }
            Health::Progressing(_) | Health::Degraded(_) => {}
        }
    }

    fn finish(&mut self) {
        for bar in self.components.values() {
            bar.abandon();
        }
    }
}

fn done(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.abandon();
}
