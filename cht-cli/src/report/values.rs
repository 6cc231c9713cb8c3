//! What is wrong with values: each problem with the line that it is on.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use cht_k8s::event_record::{RunFinished, ValueProblem};
use cht_model::{Instance, Problem, Problems, Severity, Topology};
use serde_json::{Value, json};

use crate::cli::RunFormat;
use crate::event_lines;
use crate::exit::Exit;
use crate::output::{explain as explain_line, print_json};
use crate::values::ValuesError;
use crate::{program, report};

/// Explains problems on standard error.
pub(crate) fn explain(problems: &Problems) {
    for problem in problems {
        explain_line(&rendered(problem, &Renderer::styled()));
    }
}

/// Reports that the values make no instance.
pub(crate) fn refuse(problems: &Problems, output: impl Into<RunFormat>) -> Exit {
    explain(problems);
    let errors = problems.errors().count();
    let error = format!("{errors} {} in the values", if errors == 1 { "problem" } else { "problems" });
    explain_line(&format!("error: {error}"));
    match output.into() {
        RunFormat::Text => Exit::Usage,
        RunFormat::Ndjson => {
            let value_problems = problems.iter().map(ValueProblem::from).collect();
            let end = RunFinished { error: Some(error), value_problems, ..RunFinished::early(Exit::Usage.outcome()) };
            event_lines::end(end, Exit::Usage)
        }
        RunFormat::Json => {
            let result = json!({
                "exit_code": Exit::Usage.code(),
                "outcome": "refused",
                "valid": false,
                "problems": json(problems),
            });
            print_json(&result, Exit::Usage)
        }
    }
}

/// Reports why there is no instance.
pub(crate) fn no_instance(error: &ValuesError, output: impl Into<RunFormat>) -> Exit {
    match error {
        ValuesError::Missing(message) => report::failure(output, Exit::Usage, message, Some(program::WITHOUT_VALUES)),
        ValuesError::Unreadable(message) => report::failure(output, Exit::Usage, message, None),
        ValuesError::Wrong(problems) => refuse(problems, output),
    }
}

/// Problems for programs.
pub(crate) fn json(problems: &Problems) -> Value {
    problems
        .iter()
        .map(|problem| {
            let position = problem.place().and_then(cht_model::Place::position);
            json!({
                "severity": problem.severity().as_str(),
                "code": problem.code().as_str(),
                "file": problem.place().map(cht_model::Place::origin),
                "line": position.map(|position| position.line),
                "column": position.map(|position| position.column),
                "length": position.map(|position| position.length),
                "key": problem.key(),
                "message": problem.what(),
                "expected": problem.expected(),
                "hint": problem.hint(),
            })
        })
        .collect()
}

/// What the values describe, in a few lines.
pub(crate) fn summary(instance: &Instance) -> String {
    let couchdb = match &instance.couchdb().topology {
        Topology::Single(_) => "one CouchDB node".to_owned(),
        Topology::Clustered(nodes) => format!("a cluster of {} CouchDB nodes", nodes.as_slice().len()),
    };
    format!(
        "{}: CHT {} on {}, {couchdb}, namespace {}, {}\n",
        instance.project(),
        instance.version(),
        instance.platform().kind(),
        instance.namespace(),
        instance.address()
    )
}

/// A problem as people see it. Colours are taken out where standard error is no terminal, or `NO_COLOR` is set.
fn rendered(problem: &Problem, renderer: &Renderer) -> String {
    let level = match problem.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = match problem.key() {
        Some(key) => format!("{key} {}", problem.what()),
        None => problem.what().to_owned(),
    };
    let mut group = level.primary_title(title).id(problem.code().as_str()).elements(place(problem));
    if let Some(expected) = problem.expected() {
        group = group.element(Level::NOTE.message(format!("expected {expected}")));
    }
    if let Some(hint) = problem.hint() {
        group = group.element(Level::HELP.message(hint.to_owned()));
    }
    renderer.clone().decor_style(DecorStyle::Ascii).render(&[group])
}

/// The line that the problem is on, or its place alone where the line may be secret.
fn place(problem: &Problem) -> Vec<Element<'_>> {
    let Some(place) = problem.place() else { return Vec::new() };
    match (place.position(), problem.source_line()) {
        (Some(position), Some(line)) => {
            let start = offset(line, position.column - 1);
            let end = offset(line, position.column - 1 + position.length);
            let snippet = Snippet::source(line)
                .line_start(position.line)
                .path(place.origin())
                .annotation(AnnotationKind::Primary.span(start..end.max(start)));
            vec![snippet.into()]
        }
        (Some(position), None) => {
            vec![Origin::path(place.origin()).line(position.line).char_column(position.column).into()]
        }
        (None, _) => vec![Origin::path(place.origin()).into()],
    }
}

/// The byte at which a character starts.
fn offset(line: &str, character: usize) -> usize {
    line.char_indices().nth(character).map_or(line.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod gallery;
