//! The graph in DOT, which Graphviz draws.

use super::colours;
use super::lines::Lines;
use super::model::{Graph, Part, PartKind, Relation};
use crate::Component;

/// The graph as a DOT `digraph`.
pub fn dot(graph: &Graph) -> String {
    let mut text = Lines::default();
    text.push(format_args!("digraph {} {{", quoted(&graph.title())));
    let label = format!("{}\n{}", graph.title(), graph.subtitle());
    text.push(format_args!("    graph [rankdir=LR, fontname=\"sans-serif\", labelloc=t, label={}]", quoted(&label)));
    text.push(format_args!("    node [fontname=\"sans-serif\", style=filled, fillcolor=white]"));
    text.push(format_args!("    edge [fontname=\"sans-serif\"]"));
    let (couchdb, others): (Vec<_>, Vec<_>) =
        graph.parts.iter().partition(|part| matches!(part.component, Component::CouchDb(_)));
    for part in others {
        text.push(format_args!("    {}", node(part)));
    }
    if !couchdb.is_empty() {
        text.push(format_args!("    subgraph cluster_couchdb {{"));
        text.push(format_args!("        label=\"CouchDB\""));
        for part in couchdb {
            text.push(format_args!("        {}", node(part)));
        }
        text.push(format_args!("    }}"));
    }
    for link in &graph.links {
        let style = match link.relation {
            Relation::Calls => "solid",
            Relation::Leads => "dotted",
            Relation::Peers => "dashed, dir=both, constraint=false",
            Relation::Keeps => "bold",
        };
        let (from, to) = (quoted(&link.from.to_string()), quoted(&link.to.to_string()));
        text.push(format_args!("    {from} -> {to} [label={}, style={style}]", quoted(link.purpose)));
    }
    text.push(format_args!("}}"));
    text.into_text()
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
