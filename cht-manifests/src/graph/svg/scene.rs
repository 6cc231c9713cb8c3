//! Where everything is: people, the way in and the API in a first column, what stands behind the API in a second one,
//! and CouchDB with its volumes beside them.

use super::arrows;
use super::card::Card;
use super::couchdb::Nodes;
use super::shapes::{Rect, Scene};
use crate::Component;
use crate::graph::{Graph, Part, PartId, PartKind};

/// Around everything.
pub(super) const MARGIN: i32 = 44;
/// Above the boxes: the title.
pub(super) const HEAD: i32 = 136;
/// Below the boxes: what the shapes mean.
pub(super) const FOOT: i32 = 76;

const CARD_WIDTH: i32 = 322;
/// Between columns and between rows, at least: room for an arrow and its label.
const COLUMN_GAP: i32 = 130;
const ROW_GAP: i32 = 54;
/// At most: longer arrows only push things apart.
const WIDEST_COLUMN_GAP: i32 = 220;
const WIDEST_ROW_GAP: i32 = 110;

/// A box at its place in the columns.
pub(super) struct Slot<'a> {
    pub(super) id: &'a PartId,
    pub(super) column: usize,
    pub(super) row: usize,
    pub(super) rect: Rect,
}

/// The scene of a graph, in the proportions of a slide.
pub(super) fn of(graph: &Graph) -> Scene {
    let nodes = Nodes::of(graph);
    let stage = Stage::of(graph, &nodes);
    let columns = (1..=nodes.len().max(1)).min_by_key(|columns| {
        let (width, height) = stage.needed(*columns, COLUMN_GAP, ROW_GAP);
        as_slide(width, height).0
    });
    let columns = columns.unwrap_or(1);
    let (width, height) = stage.needed(columns, COLUMN_GAP, ROW_GAP);
    let (full_width, full_height) = as_slide(width, height);
    // What is left over goes between the boxes.
    let column_gap = (COLUMN_GAP + (full_width - width) / 2).min(WIDEST_COLUMN_GAP);
    let beside = (nodes.size(columns).1 - stage.cards_height(ROW_GAP)).max(0);
    let row_gap = (ROW_GAP + (beside + full_height - height) / stage.gaps()).min(WIDEST_ROW_GAP);
    let rest = full_width - stage.needed(columns, column_gap, row_gap).0;
    let mut scene = stage.scene(columns, MARGIN + rest.max(0) / 2, column_gap, row_gap);
    (scene.width, scene.height) = (full_width, full_height);
    scene
}

/// The smallest size with the proportions of a slide.
fn as_slide(width: i32, height: i32) -> (i32, i32) {
    (width.max((height * 16 + 8) / 9), height.max((width * 9 + 15) / 16))
}

struct Stage<'a> {
    graph: &'a Graph,
    nodes: &'a Nodes<'a>,
    /// Boxes with column and row.
    cards: Vec<(Card<'a>, usize, usize)>,
    /// Boxes that have no place of their own.
    others: Vec<Card<'a>>,
}

impl<'a> Stage<'a> {
    fn of(graph: &'a Graph, nodes: &'a Nodes<'a>) -> Self {
        let has_ingress = graph.parts.iter().any(|part| part.id.kind == PartKind::Ingress);
        let mut cards: Vec<(Card, usize, usize)> = Vec::new();
        let mut others = Vec::new();
        let inside = nodes.shown();
        for part in &graph.parts {
            let is_inside = inside.contains(&part.id) || is_on_another(graph, part);
            if is_inside {
                continue;
            }
            let card = Card::of(graph, part, CARD_WIDTH);
            match place(part, has_ingress) {
                Some((column, row)) if !cards.iter().any(|(_, c, r)| (*c, *r) == (column, row)) => {
                    cards.push((card, column, row));
                }
                _ => others.push(card),
            }
        }
        Self { graph, nodes, cards, others }
    }

    /// The height of each row that has a box.
    fn rows(&self) -> Vec<(usize, i32)> {
        let height = |row: usize| self.cards.iter().filter(|card| card.2 == row).map(|card| card.0.height()).max();
        (0..4).filter_map(|row| Some((row, height(row)?))).collect()
    }

    /// How many gaps between rows there are.
    fn gaps(&self) -> i32 {
        i32::try_from(self.rows().len()).unwrap_or(1).saturating_sub(1).max(1)
    }

    fn cards_height(&self, row_gap: i32) -> i32 {
        self.rows().iter().map(|(_, height)| height).sum::<i32>() + self.gaps() * row_gap
    }

    fn others_height(&self) -> i32 {
        self.others.iter().map(|card| card.height() + ROW_GAP).max().unwrap_or_default()
    }

    /// The size of everything.
    fn needed(&self, columns: usize, column_gap: i32, row_gap: i32) -> (i32, i32) {
        let (nodes_width, nodes_height) = self.nodes.size(columns);
        let width = 2 * MARGIN + 2 * CARD_WIDTH + 2 * column_gap + nodes_width;
        let others = i32::try_from(self.others.len()).unwrap_or_default() * (CARD_WIDTH + COLUMN_GAP / 2);
        let height = HEAD + nodes_height.max(self.cards_height(row_gap)) + self.others_height() + FOOT;
        (width.max(2 * MARGIN + others), height)
    }

    fn scene(&self, columns: usize, left: i32, column_gap: i32, row_gap: i32) -> Scene {
        let mut scene = Scene { left, ..Scene::default() };
        let (nodes_width, nodes_height) = self.nodes.size(columns);
        let cards_height = self.cards_height(row_gap);
        let height = nodes_height.max(cards_height);

        let mut tops = [0; 4];
        let mut y = HEAD + (height - cards_height) / 2;
        let rows = self.rows();
        for (row, height) in &rows {
            tops[*row] = y;
            y += height + row_gap;
        }
        let mut slots = Vec::new();
        for (card, column, row) in &self.cards {
            let x = left + i32::from(*column > 0) * (CARD_WIDTH + column_gap);
            let height = rows.iter().find(|(one, _)| one == row).map_or(0, |(_, height)| *height);
            let rect = Rect::new(x, tops[*row], CARD_WIDTH, height);
            slots.push(Slot { id: card.id(), column: *column, row: *row, rect });
            let (boxes, arrows) = card.placed(rect);
            scene.boxes.extend(boxes);
            scene.arrows.extend(arrows);
        }

        let x = left + 2 * (CARD_WIDTH + column_gap);
        let group = group(&slots, x, nodes_width, nodes_height, height);
        if self.nodes.len() > 0 {
            let (boxes, arrows) = self.nodes.placed(columns, group);
            scene.boxes.extend(boxes);
            scene.arrows.extend(arrows);
        }
        for (place, card) in (0..).zip(&self.others) {
            let x = left + place * (CARD_WIDTH + COLUMN_GAP / 2);
            let rect = Rect::new(x, HEAD + height + ROW_GAP, CARD_WIDTH, card.height());
            scene.boxes.extend(card.placed(rect).0);
        }
        let nodes: Vec<_> = self.nodes.ids().collect();
        arrows::add(self.graph, &slots, (&nodes, group), &mut scene);
        scene
    }
}

/// The box around CouchDB: tall enough that whoever calls it stands beside it.
fn group(slots: &[Slot], x: i32, width: i32, needed: i32, height: i32) -> Rect {
    let callers = slots.iter().filter(|slot| slot.column == 1 && slot.row >= 2).map(|slot| slot.rect);
    let (top, bottom) = callers
        .map(|rect| (rect.y, rect.bottom()))
        .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
        .unwrap_or((HEAD, HEAD + needed));
    let tall = needed.max(bottom - top);
    let y = (top + bottom - tall) / 2;
    Rect::new(x, y.clamp(HEAD, HEAD + (height - tall).max(0)), width, tall)
}

/// Where a part stands: who comes in above the API, what serves it beside it.
fn place(part: &Part, has_ingress: bool) -> Option<(usize, usize)> {
    match (part.id.kind, part.component) {
        (PartKind::Client, _) => Some((0, usize::from(!has_ingress))),
        (PartKind::Ingress, _) => Some((0, 1)),
        (PartKind::Deployment, Component::Api) => Some((0, 2)),
        (PartKind::Deployment, Component::UpgradeService) => Some((0, 3)),
        (PartKind::Deployment, Component::Sentinel) => Some((1, 1)),
        (PartKind::Deployment, Component::HaProxy) => Some((1, 2)),
        (PartKind::Deployment, Component::HealthCheck) => Some((1, 3)),
        _ => None,
    }
}

/// Whether a part is drawn on the box of another one.
fn is_on_another(graph: &Graph, part: &Part) -> bool {
    part.within.is_some() || (part.id.kind == PartKind::Service && graph.answers(&part.id) != &part.id)
}
