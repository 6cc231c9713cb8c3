//! The graph in DOT, which Graphviz draws.

use std::fmt::Write;

use super::colours;
use super::model::{Graph, Part, PartKind, Relation};
use crate::Component;

/// The graph as a DOT `digraph`.
pub fn dot(graph: &Graph) -> String {
    let mut text = String::new();
    push(&mut text, format_args!("digraph {} {{", quoted(&graph.title())));
    let label = format!("{}\n{}", graph.title(), graph.subtitle());
    push(
        &mut text,
        format_args!("    graph [rankdir=LR, fontname=\"sans-serif\", labelloc=t, label={}]", quoted(&label)),
    );
    push(&mut text, format_args!("    node [fontname=\"sans-serif\", style=filled, fillcolor=white]"));
    push(&mut text, format_args!("    edge [fontname=\"sans-serif\"]"));
    let (couchdb, others): (Vec<_>, Vec<_>) =
        graph.parts.iter().partition(|part| matches!(part.component, Component::CouchDb(_)));
    for part in others {
        push(&mut text, format_args!("    {}", node(part)));
    }
    if !couchdb.is_empty() {
        push(&mut text, format_args!("    subgraph cluster_couchdb {{"));
        push(&mut text, format_args!("        label=\"CouchDB\""));
        for part in couchdb {
            push(&mut text, format_args!("        {}", node(part)));
        }
        push(&mut text, format_args!("    }}"));
    }
    for link in &graph.links {
        let style = match link.relation {
            Relation::Calls => "solid",
            Relation::Leads => "dotted",
            Relation::Peers => "dashed, dir=both, constraint=false",
            Relation::Keeps => "bold",
        };
        let (from, to) = (quoted(&link.from.to_string()), quoted(&link.to.to_string()));
        push(&mut text, format_args!("    {from} -> {to} [label={}, style={style}]", quoted(link.purpose)));
    }
    push(&mut text, format_args!("}}"));
    text
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{line}");
}

fn node(part: &Part) -> String {
    let shape = match part.id.kind {
        PartKind::Client => "ellipse",
        PartKind::Ingress => "hexagon",
        PartKind::Service => "oval",
        PartKind::Deployment => "box",
        PartKind::Container => "component",
        PartKind::Claim => "note",
        PartKind::Volume => "cylinder",
    };
    let colour = part.state.as_ref().map(|state| colours::of(state.condition));
    let colour = colour.map(|(strong, weak)| format!(", color=\"{strong}\", fillcolor=\"{weak}\"")).unwrap_or_default();
    format!("{} [shape={shape}, label={}{colour}]", quoted(&part.id.to_string()), quoted(&part.lines().join("\n")))
}

/// A quoted string. Backslashes are doubled, since labels have escapes of their own.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}
