//! Who calls whom, as arrows that cross no box: between neighbours they are straight, and one goes around a corner.

use std::collections::BTreeSet;

use super::card;
use super::scene::Slot;
use super::shapes::{Arrow, Point, Rect, Scene};
use super::text;
use crate::graph::{Graph, Link, PartId, Relation};

const SIZE: i32 = 16;
const HEIGHT: i32 = SIZE + 4;

/// Where an arrow ends.
#[derive(Clone, Copy)]
enum End<'a> {
    Slot(&'a Slot<'a>),
    /// The box around CouchDB.
    Nodes,
}

impl End<'_> {
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Nodes, Self::Nodes) => true,
            (Self::Slot(one), Self::Slot(other)) => one.id == other.id,
            _ => false,
        }
    }
}

/// Calls of one box that end at the same place: they are one arrow.
struct Bundle<'a> {
    from: Option<&'a Slot<'a>>,
    end: Option<End<'a>>,
    calls: Vec<&'a Link>,
}

/// Adds an arrow for every call between boxes, and says those that none could be drawn for.
pub(super) fn add(graph: &Graph, slots: &[Slot], nodes: (&[&PartId], Rect), scene: &mut Scene) {
    for Bundle { from, end, calls } in bundles(graph, slots, nodes.0) {
        let line = match (from, end) {
            (Some(from), Some(End::Slot(to))) => between(from, to),
            (Some(from), Some(End::Nodes)) => into(from, nodes.1),
            _ => None,
        };
        let said = calls.iter().map(|link| says(link));
        let Some(line) = line else {
            scene.also.extend(said);
            continue;
        };
        let mut arrow = Arrow::along(said.collect::<Vec<_>>().join("; "), line);
        let label = match end {
            Some(End::Nodes) => which(graph, &calls, nodes.0),
            _ => calls
                .iter()
                .map(|link| link.purpose)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(", "),
        };
        arrow.label = labelled(&arrow.lines[0], label);
        scene.arrows.push(arrow);
    }
}

fn bundles<'a>(graph: &'a Graph, slots: &'a [Slot<'a>], nodes: &[&PartId]) -> Vec<Bundle<'a>> {
    let mut bundles: Vec<Bundle> = Vec::new();
    let calls = graph.links.iter().filter(|link| link.relation == Relation::Calls);
    for link in calls.filter(|link| !card::is_said(graph, link)) {
        let from = slots.iter().find(|slot| *slot.id == link.from);
        let end = end_of(graph, &link.to, slots, nodes);
        let is_same = |bundle: &&mut Bundle| {
            bundle.calls[0].from == link.from && matches!((bundle.end, end), (Some(one), Some(other)) if one.is(other))
        };
        match bundles.iter_mut().find(is_same) {
            Some(bundle) => bundle.calls.push(link),
            None => bundles.push(Bundle { from, end, calls: vec![link] }),
        }
    }
    bundles
}

fn says(link: &Link) -> String {
    format!("{} calls {}", link.from, link.to)
}

/// The box that stands for what answers.
fn end_of<'a>(graph: &Graph, id: &PartId, slots: &'a [Slot<'a>], nodes: &[&PartId]) -> Option<End<'a>> {
    let answers = graph.answers(id);
    let outer = graph.part(answers).and_then(|part| part.within.as_ref()).unwrap_or(answers);
    if nodes.contains(&outer) {
        return Some(End::Nodes);
    }
    slots.iter().find(|slot| slot.id == outer).map(End::Slot)
}

/// Which nodes are called, where that is to be said.
fn which(graph: &Graph, calls: &[&Link], nodes: &[&PartId]) -> String {
    let called: Vec<_> = calls.iter().map(|link| graph.answers(&link.to)).collect();
    if nodes.len() == 1 {
        return String::new();
    }
    if nodes.iter().all(|node| called.contains(node)) {
        return "every node".to_owned();
    }
    calls.iter().map(|link| link.to.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The line between two boxes, where there is one that crosses no other.
fn between(from: &Slot, to: &Slot) -> Option<Vec<Point>> {
    let (a, b) = (from.rect, to.rect);
    let is_next = |one: usize, other: usize| one.abs_diff(other) == 1;
    if from.column == to.column && is_next(from.row, to.row) {
        let x = a.middle_x();
        return Some(if from.row < to.row { vec![(x, a.bottom()), (x, b.y)] } else { vec![(x, a.y), (x, b.bottom())] });
    }
    if from.row == to.row && is_next(from.column, to.column) {
        let y = a.middle_y();
        return Some(if from.column < to.column {
            vec![(a.right(), y), (b.x, y)]
        } else {
            vec![(a.x, y), (b.right(), y)]
        });
    }
    if from.column == to.column + 1 && to.row == from.row + 1 {
        let lane = i32::midpoint(b.right(), a.x);
        let y = b.y + b.h / 4;
        return Some(vec![(a.x, a.middle_y()), (lane, a.middle_y()), (lane, y), (b.right(), y)]);
    }
    None
}

/// The line into the box around CouchDB, which is right of the second column.
fn into(from: &Slot, group: Rect) -> Option<Vec<Point>> {
    let y = from.rect.middle_y();
    let is_free = from.column == 1 && (group.y..=group.bottom()).contains(&y);
    is_free.then(|| vec![(from.rect.right(), y), (group.x, y)])
}

/// A label beside the line: above a level one, right of an upright one.
fn labelled(line: &[Point], label: String) -> Option<(Rect, String)> {
    let width = text::width(&label, SIZE);
    if label.is_empty() {
        return None;
    }
    let rect = match line {
        [a, b] if a.1 == b.1 => Rect::new(i32::midpoint(a.0, b.0) - width / 2, a.1 - HEIGHT - 5, width, HEIGHT),
        [a, b] => Rect::new(a.0 + 12, i32::midpoint(a.1, b.1) - HEIGHT / 2, width, HEIGHT),
        // Along its upright part, above the box that it ends at.
        [_, a, b, _] => Rect::new(a.0 + 8, i32::midpoint(a.1, b.1) - HEIGHT / 2, width, HEIGHT),
        _ => return None,
    };
    Some((rect, label))
}
