//! The graph as a picture to show: SVG that needs neither scripts nor fonts of its own.
//!
//! `card` says what stands on each box, `scene` where the boxes are and how arrows lead from one to another, and
//! `paint` writes both down. Every number is whole, so the same graph has the same bytes.

mod arrows;
mod card;
mod couchdb;
mod paint;
mod scene;
mod shapes;
#[cfg(test)]
mod tests;
mod text;

use super::model::{Condition, Graph};

/// The graph as an SVG document, wide as a slide.
pub fn svg(graph: &Graph) -> String {
    paint::document(graph, &scene::of(graph))
}

/// A condition's colours: one that text is readable in, and one that text is readable on.
pub(super) fn colours(condition: Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Ready => ("#166534", "#dcfce7"),
        Condition::Progressing => ("#1d4ed8", "#dbeafe"),
        Condition::Degraded => ("#9a3412", "#ffedd5"),
        Condition::Failed => ("#b91c1c", "#fee2e2"),
        Condition::Unknown => ("#52525b", "#e4e4e7"),
    }
}
