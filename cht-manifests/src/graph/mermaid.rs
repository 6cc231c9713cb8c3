//! The graph as a Mermaid flowchart, which Markdown viewers draw.

use super::colours;
use super::lines::Lines;
use super::model::{Condition, Graph, Part, PartKind, Relation};
use crate::Component;

/// The graph as a Mermaid `flowchart`.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = Lines::default();
    let title = format!("{}, {}", graph.title(), graph.subtitle());
    text.push(format_args!("---\ntitle: \"{}\"\n---\nflowchart LR", escaped(&title)));
    let id = |part: &Part| {
        let place = graph.parts.iter().position(|other| other.id == part.id).unwrap_or_default();
        format!("{}{place}", part.id.kind.as_str())
    };
    let (couchdb, others): (Vec<_>, Vec<_>) =
        graph.parts.iter().partition(|part| matches!(part.component, Component::CouchDb(_)));
    for part in others {
        text.push(format_args!("    {}{}", id(part), shape(part)));
    }
    if !couchdb.is_empty() {
        text.push(format_args!("    subgraph couchdb [\"CouchDB\"]"));
        for part in couchdb {
            text.push(format_args!("        {}{}", id(part), shape(part)));
        }
        text.push(format_args!("    end"));
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
        text.push(format_args!("    {} {arrow}{purpose} {}", id(from), id(to)));
    }
    for condition in Condition::ALL {
        let having =
            graph.parts.iter().filter(|part| part.state.as_ref().map(|state| state.condition) == Some(condition));
        let having: Vec<_> = having.map(id).collect();
        if having.is_empty() {
            continue;
        }
        let (strong, weak) = colours::of(condition);
        text.push(format_args!(
            "    classDef {condition} fill:{weak},stroke:{strong},color:#0f172a",
            condition = condition.as_str()
        ));
        text.push(format_args!("    class {} {}", having.join(","), condition.as_str()));
    }
    text.into_text()
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
    let escaped = text.chars().map(|character| match character {
        '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => format!("#{};", u32::from(character)),
        control if control.is_control() => " ".to_owned(),
        other => other.to_string(),
    });
    escaped.collect::<Vec<_>>().concat()
}
