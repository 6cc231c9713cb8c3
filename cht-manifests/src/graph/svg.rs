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

use super::model::Graph;

/// The graph as an SVG document, wide as a slide.
pub fn svg(graph: &Graph) -> String {
    paint::document(graph, &scene::of(graph))
}
