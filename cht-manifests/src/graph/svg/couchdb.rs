//! The CouchDB nodes with what they keep their data on: one box around all of them, in as many columns as suit a slide.

use std::collections::BTreeSet;

use super::card::Card;
use super::shapes::{Arrow, Drawn, Look, Rect, Style, Words};
use crate::Component;
use crate::graph::{Graph, Part, PartId, PartKind, Relation};

const NODE_WIDTH: i32 = 330;
const STORE_WIDTH: i32 = 320;
const STORE_GAP: i32 = 44;
const STEP: i32 = 26;
const PAD: i32 = 24;
/// Left of each column of a cluster: the line by which its nodes are peers.
const LANE: i32 = 50;
const BETWEEN: i32 = 24;
const HEAD: i32 = 56;
const HEAD_OF_CLUSTER: i32 = 94;

/// The nodes, not placed yet.
pub(super) struct Nodes<'a> {
    graph: &'a Graph,
    cells: Vec<Cell<'a>>,
    /// All nodes get the same height, so that they stand evenly, and so does what each stands in.
    node_height: i32,
    cell_height: i32,
}

/// One node, and what it keeps its data on, nearest first.
struct Cell<'a> {
    node: Card<'a>,
    kept: Vec<Vec<Card<'a>>>,
}

impl<'a> Nodes<'a> {
    pub(super) fn of(graph: &'a Graph) -> Self {
        let is_node =
            |part: &&Part| part.id.kind == PartKind::Deployment && matches!(part.component, Component::CouchDb(_));
        let cells = graph.parts.iter().filter(is_node).map(|part| Cell {
            node: Card::of(graph, part, NODE_WIDTH),
            kept: keeps(graph, &part.id).map(|place| chain(graph, place)).collect(),
        });
        let cells: Vec<_> = cells.collect();
        let node_height = cells.iter().map(|cell| cell.node.height()).max().unwrap_or_default();
        let cell_height = cells.iter().map(Cell::height).max().unwrap_or_default();
        Self { graph, cells, node_height, cell_height }
    }

    /// The nodes, and what they keep their data on.
    pub(super) fn shown(&self) -> BTreeSet<&'a PartId> {
        let kept = self.cells.iter().flat_map(|cell| cell.kept.iter().flatten());
        self.ids().chain(kept.map(Card::id)).collect()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &'a PartId> {
        self.cells.iter().map(|cell| cell.node.id())
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The width and height in so many columns.
    pub(super) fn size(&self, columns: usize) -> (i32, i32) {
        let (columns, rows) = (whole(columns), whole(self.len().div_ceil(columns)));
        let width = PAD + columns * self.column_width() + (columns - 1) * PAD;
        let height = self.head() + rows * self.cell_height + (rows - 1) * BETWEEN + PAD;
        (width, height)
    }

    fn is_cluster(&self) -> bool {
        self.len() > 1
    }

    fn head(&self) -> i32 {
        if self.is_cluster() { HEAD_OF_CLUSTER } else { HEAD }
    }

    fn lane(&self) -> i32 {
        if self.is_cluster() { LANE } else { PAD }
    }

    fn column_width(&self) -> i32 {
        self.lane() + NODE_WIDTH + STORE_GAP + STORE_WIDTH
    }

    /// The box around all nodes, which starts here, and everything in it.
    pub(super) fn placed(&self, columns: usize, rect: Rect) -> (Vec<Drawn>, Vec<Arrow>) {
        let words = |at, size, shown: String, style| Words { at, size, shown, whole: None, style };
        let number = self.len();
        let title = if self.is_cluster() { format!("CouchDB, {number} nodes") } else { "CouchDB".to_owned() };
        let mut head = vec![words((rect.x + PAD, rect.y + 36), 22, title, Style::Title)];
        if self.is_cluster() {
            let note = "Every node talks to every other one".to_owned();
            head.push(words((rect.x + PAD, rect.y + 62), 16, note, Style::Note));
        }
        let mut boxes = vec![Drawn { id: None, look: Look::Group, rect, words: head, chip: None }];
        let mut arrows = Vec::new();
        let rows = self.len().div_ceil(columns);
        let (_, needed) = self.size(columns);
        let spare = (rect.h - needed) / 2;
        let mut nodes = Vec::new();
        for (place, cell) in self.cells.iter().enumerate() {
            let (column, row) = (whole(place / rows), whole(place % rows));
            let x = rect.x + column * (self.column_width() + PAD) + self.lane();
            let y = rect.y + self.head() + spare + row * (self.cell_height + BETWEEN);
            let node = Rect::new(x, y, NODE_WIDTH, self.node_height);
            let (inner, calls) = cell.placed(node);
            boxes.extend(inner);
            arrows.extend(calls);
            nodes.push((column, node));
        }
        arrows.extend(self.peers(&nodes, rect));
        (boxes, arrows)
    }

    /// The line that joins all nodes of a cluster: each reaches every other one by it.
    fn peers(&self, nodes: &[(i32, Rect)], group: Rect) -> Option<Arrow> {
        let told = self.graph.links.iter().filter(|link| link.relation == Relation::Peers);
        let told: Vec<_> = told.map(|link| format!("{} knows {}", link.from, link.to)).collect();
        if told.is_empty() {
            return None;
        }
        let mut arrow = Arrow { dashed: true, ..Arrow::along(told.join("; "), Vec::new()) };
        arrow.lines.clear();
        let lane = |node: Rect| node.x - LANE / 2;
        for (_, node) in nodes {
            arrow.lines.push(vec![(lane(*node), node.middle_y()), (node.x, node.middle_y())]);
            arrow.heads.push(((lane(*node), node.middle_y()), (node.x, node.middle_y())));
        }
        let columns = nodes.iter().map(|(column, _)| *column).max().unwrap_or_default();
        // Between the words above and the states on the nodes' upper edges.
        let top = group.y + HEAD_OF_CLUSTER - 22;
        let mut joints = Vec::new();
        for column in 0..=columns {
            let of_column: Vec<Rect> = nodes.iter().filter(|(one, _)| *one == column).map(|(_, node)| *node).collect();
            let (Some(first), Some(last)) = (of_column.first(), of_column.last()) else { continue };
            let start = if columns > 0 { top } else { first.middle_y() };
            arrow.lines.push(vec![(lane(*first), start), (lane(*first), last.middle_y())]);
            joints.push((lane(*first), top));
        }
        if let [first, .., last] = joints.as_slice() {
            arrow.lines.push(vec![*first, *last]);
        }
        Some(arrow)
    }
}

impl Cell<'_> {
    fn height(&self) -> i32 {
        self.node.height().max(self.kept_height())
    }

    fn kept_height(&self) -> i32 {
        let chains = self.kept.iter().map(|chain| {
            let steps = STEP * (whole(chain.len()) - 1).max(0);
            chain.iter().map(Card::height).sum::<i32>() + steps
        });
        chains.sum::<i32>() + BETWEEN * (whole(self.kept.len()) - 1).max(0)
    }

    fn placed(&self, node: Rect) -> (Vec<Drawn>, Vec<Arrow>) {
        let (mut boxes, mut arrows) = self.node.placed(node);
        let mut y = node.y + ((node.h - self.kept_height()) / 2).max(0);
        for chain in &self.kept {
            let mut before: Option<(&PartId, Rect)> = None;
            for card in chain {
                let rect = Rect::new(node.right() + STORE_GAP, y, STORE_WIDTH, card.height());
                let (inner, _) = card.placed(rect);
                boxes.extend(inner);
                let (from, line) = match before {
                    None => (self.node.id(), vec![(node.right(), rect.middle_y()), (rect.x, rect.middle_y())]),
                    Some((id, above)) => (id, vec![(rect.middle_x(), above.bottom()), (rect.middle_x(), rect.y)]),
                };
                arrows.push(Arrow::along(format!("{from} keeps its data on {}", card.id()), line));
                before = Some((card.id(), rect));
                y = rect.bottom() + STEP;
            }
            y += BETWEEN - STEP;
        }
        (boxes, arrows)
    }
}

/// What a part keeps its data on.
fn keeps<'a>(graph: &'a Graph, id: &'a PartId) -> impl Iterator<Item = &'a PartId> {
    let links = graph.links.iter().filter(move |link| link.relation == Relation::Keeps && link.from == *id);
    links.map(|link| &link.to)
}

/// A claim with its volume, or a folder of the node.
fn chain<'a>(graph: &'a Graph, first: &'a PartId) -> Vec<Card<'a>> {
    let ids = [first].into_iter().chain(keeps(graph, first));
    ids.filter_map(|id| graph.part(id)).map(|part| Card::of(graph, part, STORE_WIDTH)).collect()
}

fn whole(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX / 1000)
}
