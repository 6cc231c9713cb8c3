//! What an examination has found: for people, in whole or in short, and for programs.

use anstyle::AnsiColor;
use cht_k8s::doctor::{Category, Finding, Report, Tally, Verdict};
use cht_model::Instance;
use serde_json::{Value, json};

use super::plan::painted;
use crate::exit::Exit;

/// Every finding by its category, with what to do.
pub(crate) fn table(instance: &Instance, target: &str, report: &Report) -> String {
    let mut lines = vec![format!(
        "{}: CHT {} in namespace {} of {target}",
        instance.project(),
        instance.version(),
        instance.namespace()
    )];
    for category in Category::ALL {
        let mut findings = report.of(category).peekable();
        if findings.peek().is_some() {
            lines.push(category.to_string());
            lines.extend(findings.flat_map(entry));
        }
    }
    lines.push(summary(report.tally()));
    lines.join("\n") + "\n"
}

/// A line for each finding that is not as it should be.
pub(crate) fn short(report: &Report) -> String {
    let others = report.findings().iter().filter(|finding| finding.verdict != Verdict::Ok);
    let lines = others.map(|finding| format!("{} {}: {}", mark(finding.verdict), finding.check, finding.message));
    lines.chain([summary(report.tally())]).map(|line| line + "\n").collect()
}

fn entry(finding: &Finding) -> Vec<String> {
    let head = format!("  {} {:<20} {}", mark(finding.verdict), finding.check.id(), finding.message);
    let hint = finding.hint.iter().map(|hint| format!("          {:<20} hint: {hint}", ""));
    [head].into_iter().chain(hint).collect()
}

fn mark(verdict: Verdict) -> String {
    let colour = match verdict {
        Verdict::Ok => AnsiColor::Green,
        Verdict::Unknown => AnsiColor::White,
        Verdict::Warning => AnsiColor::Yellow,
        Verdict::Fatal => AnsiColor::Red,
    };
    painted(&format!("{:<7}", verdict.as_str()), colour)
}

fn summary(tally: Tally) -> String {
    let Tally { ok, warning, fatal, unknown } = tally;
    let warnings = if warning == 1 { "warning" } else { "warnings" };
    format!("{ok} ok, {warning} {warnings}, {fatal} fatal, {unknown} not checked")
}

/// The whole report, for programs.
pub(crate) fn json(instance: &Instance, report: &Report, exit: Exit) -> Value {
    let tally = report.tally();
    let outcome = match exit {
        Exit::Unknown => "unreachable",
        Exit::Workload => "broken",
        Exit::Ok if tally.warning > 0 => "warnings",
        Exit::Ok => "ok",
        _ => "fatal",
    };
    json!({
        "exit_code": exit.code(),
        "outcome": outcome,
        "project": instance.project().as_str(),
        "namespace": instance.namespace().as_str(),
        "tally": tally,
        "findings": report.findings(),
    })
}
