//! The graph as a Mermaid flowchart, which Markdown viewers draw.

use std::fmt::Write;

use super::colours;
use super::model::{Condition, Graph, Part, PartKind, Relation};
use crate::Component;

/// The graph as a Mermaid `flowchart`.
pub fn mermaid(graph: &Graph) -> String {
    let mut text =
        format!("---\ntitle: \"{}, {}\"\n---\nflowchart LR\n", escaped(&graph.title()), escaped(&graph.subtitle()));
    let id = |part: &Part| {
        let place = graph.parts.iter().position(|other| other.id == part.id).unwrap_or_default();
        format!("{}{place}", part.id.kind.as_str())
    };
    let (couchdb, others): (Vec<_>, Vec<_>) =
        graph.parts.iter().partition(|part| matches!(part.component, Component::CouchDb(_)));
    for part in others {
        push(&mut text, format_args!("    {}{}", id(part), shape(part)));
    }
    if !couchdb.is_empty() {
        push(&mut text, format_args!("    subgraph couchdb [\"CouchDB\"]"));
        for part in couchdb {
            push(&mut text, format_args!("        {}{}", id(part), shape(part)));
        }
        push(&mut text, format_args!("    end"));
    }
    for link in &graph.links {
        let (Some(from), Some(to)) = (graph.part(&link.from), graph.part(&link.to)) else { continue };
        let arrow = match link.relation {
            Relation::Calls => "-->",
            Relation::Leads => "-.->",
            Relation::Peers => "<-.->",
            Relation::Keeps => "==>",
        };
        let purpose = if link.purpose.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(link.purpose)) };
        push(&mut text, format_args!("    {} {arrow}{purpose} {}", id(from), id(to)));
    }
    for condition in Condition::ALL {
        let having =
            graph.parts.iter().filter(|part| part.state.as_ref().map(|state| state.condition) == Some(condition));
        let having: Vec<_> = having.map(id).collect();
        if having.is_empty() {
            continue;
        }
        let (strong, weak) = colours::of(condition);
        push(
            &mut text,
            format_args!(
                "    classDef {condition} fill:{weak},stroke:{strong},color:#0f172a",
                condition = condition.as_str()
            ),
        );
        push(&mut text, format_args!("    class {} {}", having.join(","), condition.as_str()));
    }
    text
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

fn shape(part: &Part) -> String {
    let (open, close) = match part.id.kind {
        PartKind::Client => ("([", "])"),
        PartKind::Ingress => ("{{", "}}"),
        PartKind::Service => ("(", ")"),
        PartKind::Deployment => ("[", "]"),
        PartKind::Container => ("[[", "]]"),
        PartKind::Claim => ("[/", "/]"),
        PartKind::Volume => ("[(", ")]"),
    };
    let lines: Vec<_> = part.lines().iter().map(|line| escaped(line)).collect();
    format!("{open}\"{}\"{close}", lines.join("<br/>"))
}

/// Text that Mermaid neither reads as its own nor as HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => escaped.push_str(&format!("#{};", u32::from(character))),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
