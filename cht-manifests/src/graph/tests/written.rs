//! What the writers make of a graph.

use super::cases::{HOSTILE, SINGLE, all, drawn, example, seen};
use crate::graph::{dot, mermaid, svg};

#[test]
fn one_node_as_svg() {
    insta::assert_snapshot!(svg(&example("k3d").1));
}

#[test]
fn one_node_as_mermaid() {
    insta::assert_snapshot!(mermaid(&example("k3d").1));
}

#[test]
fn one_node_as_dot() {
    insta::assert_snapshot!(dot(&example("k3d").1));
}

#[test]
fn a_cluster_as_it_was_seen() {
    let graph = seen(example("cht-4x").1);
    insta::assert_snapshot!("seen_svg", svg(&graph));
    insta::assert_snapshot!("seen_mermaid", mermaid(&graph));
    insta::assert_snapshot!("seen_dot", dot(&graph));
}

#[test]
fn the_same_graph_is_written_the_same() {
    for write in [svg, mermaid, dot] {
        assert_eq!(write(&example("eks").1), write(&example("eks").1));
    }
}

#[test]
fn svg_is_well_formed_and_has_every_part() {
    for (name, _, graph) in all().into_iter().flat_map(|(name, manifests, graph)| {
        let live = (format!("{name}, seen"), manifests.clone(), seen(graph.clone()));
        [(name, manifests, graph), live]
    }) {
        let text = svg(&graph);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let drawn: Vec<_> = document.descendants().filter_map(|node| node.attribute("data-part")).collect();
        for part in &graph.parts {
            let times = drawn.iter().filter(|id| **id == part.id.to_string()).count();
            assert_eq!(times, 1, "{name}: {}", part.id);
        }
        let names: Vec<_> = document.descendants().map(|node| node.tag_name().name()).collect();
        for foreign in ["script", "image", "foreignObject", "style", "use", "a"] {
            assert!(!names.contains(&foreign), "{name}: {foreign}");
        }
        assert!(!text.contains("href") && !text.contains("url("), "{name}: it needs nothing else");
        assert!(document.descendants().any(|node| node.tag_name().name() == "desc"), "{name}");
    }
}

#[test]
fn svg_has_in_full_what_it_shortens() {
    let text = svg(&seen(example("k3d").1));
    let document = roxmltree::Document::parse(&text).expect("it is well-formed");
    let whole = HOSTILE.replace('\n', " ").replace(['\u{7}', '\u{b}'], "");
    let titles = document.descendants().filter(|node| node.tag_name().name() == "title").filter_map(|node| node.text());
    assert!(titles.filter(|title| *title == whole).count() > 0, "{text}");
}

#[test]
fn the_text_formats_quote_what_is_theirs() {
    let graph = seen(example("eks").1);
    for line in mermaid(&graph).lines().skip(4) {
        let quotes = line.matches('"').count();
        assert!(quotes == 0 || quotes == 2, "{line}");
        let label = line.split('"').nth(1).unwrap_or_default().replace("<br/>", "");
        assert!(!label.contains(['<', '>', '`', '\\', '&']), "{line}");
    }
    for line in dot(&graph).lines() {
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        assert_eq!(bare.matches('"').count() % 2, 0, "{line}");
    }
}

#[test]
fn no_secret_is_in_any_format() {
    let (manifests, graph) = drawn(SINGLE, &[]);
    let objects: String = manifests.iter().map(|manifest| manifest.object.to_value().to_string()).collect();
    assert!(objects.contains("Q2FuYXJ5LTE"), "the canaries are in the objects");
    for write in [svg, mermaid, dot] {
        let text = write(&graph);
        for canary in ["Canary", "Q2FuYXJ5", "warden", "d2FyZGVu"] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
    }
}
