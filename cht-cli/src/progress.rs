//! Shows a run while it goes on: a live line for each component on a terminal, one line per change elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;

use cht_k8s::{Applied, ComponentHealth, Event, Health};
use cht_manifests::Component;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::output::explain;
use crate::report::health;
use crate::report::text::time;

/// Where progress goes.
pub(crate) enum Progress {
    /// Nowhere.
    Quiet,
    /// One line per change.
    Lines,
    /// A line for each component, kept up to date.
    Live(Live),
}

/// The lines of a terminal.
pub(crate) struct Live {
    all: MultiProgress,
    components: BTreeMap<Component, ProgressBar>,
}

impl Progress {
    /// The right one for standard error.
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Live(Live { all: MultiProgress::new(), components: BTreeMap::new() })
        } else {
            Self::Lines
        }
    }

    /// Says what is about to happen.
    pub(crate) fn say(&self, line: &str) {
        match self {
            Self::Quiet => {}
            Self::Lines => explain(line),
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
            (Self::Live(terminal), Event::Finished(_)) => terminal.finish(),
            (progress, event) => {
                if let Some(line) = line(event) {
                    progress.say(&line);
                }
            }
        }
    }
}

fn line(event: &Event) -> Option<String> {
    match event {
        Event::Note(note) => Some(format!("note: {note}")),
        Event::StageStarted(stage) => Some(format!("stage {stage}")),
        Event::Applied { object, change: Applied::Created } => Some(format!("  {object} created")),
        Event::Applied { object, change: Applied::Changed } => Some(format!("  {object} changed")),
        Event::Removed(object) => Some(format!("  {object} removed")),
        Event::HealthChanged(component) => Some(format!("  {}", health::line(component))),
        Event::StillWaiting { elapsed, waiting } => {
            let names: Vec<_> = waiting.iter().map(|one| one.component.to_string()).collect();
            let names = if names.is_empty() { "storage".to_owned() } else { names.join(", ") };
            Some(format!("  waiting for {names}, {} so far", time(*elapsed)))
        }
        Event::Planned { .. } | Event::Applied { change: Applied::Unchanged, .. } | Event::Finished(_) => None,
    }
}

impl Live {
    fn health(&mut self, component: &ComponentHealth) {
        let bar = self.components.entry(component.component).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new_spinner());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(health::line(component));
        match component.health {
            Health::Ready => done(bar, "  ✔ {msg}"),
            Health::Failed(_) => done(bar, "  ✘ {msg}"),
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
