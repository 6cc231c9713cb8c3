//! What a scene is made of.

use crate::graph::{PartId, State};

/// A rectangle with whole coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) w: i32,
    pub(super) h: i32,
}

impl Rect {
    pub(super) fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Self { x, y, w, h }
    }

    pub(super) fn right(self) -> i32 {
        self.x + self.w
    }

    pub(super) fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub(super) fn middle_x(self) -> i32 {
        self.x + self.w / 2
    }

    pub(super) fn middle_y(self) -> i32 {
        self.y + self.h / 2
    }
}

pub(super) type Point = (i32, i32);

/// How a box looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Client,
    Ingress,
    Deployment,
    Container,
    Service,
    Claim,
    Volume,
    Group,
}

/// A text at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) at: Point,
    pub(super) size: i32,
    pub(super) shown: String,
    /// In full, where what is shown leaves something out.
    pub(super) whole: Option<String>,
    pub(super) style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Title,
    Plain,
    Note,
    /// In the colour of the box's state.
    Reason,
}

/// A box with what stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawn {
    /// The part that it is; none for a group of parts.
    pub(super) id: Option<PartId>,
    pub(super) look: Look,
    pub(super) rect: Rect,
    pub(super) words: Vec<Words>,
    /// The part's state, and where it stands.
    pub(super) chip: Option<(Rect, State)>,
}

/// Lines that lead from box to box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The parts that each line stands for, in words.
    pub(super) says: String,
    pub(super) lines: Vec<Vec<Point>>,
    /// Where the heads are, each after the point that it comes from.
    pub(super) heads: Vec<(Point, Point)>,
    pub(super) dashed: bool,
    /// What for, and where that stands.
    pub(super) label: Option<(Rect, String)>,
}

impl Arrow {
    /// A line with one head, at its end.
    pub(super) fn along(says: String, line: Vec<Point>) -> Self {
        let heads = match line.as_slice() {
            [.., before, end] => vec![(*before, *end)],
            _ => Vec::new(),
        };
        Self { says, lines: vec![line], heads, dashed: false, label: None }
    }
}

/// Everything that is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scene {
    /// What can be seen.
    pub(super) width: i32,
    pub(super) height: i32,
    /// Where the title and the first column begin.
    pub(super) left: i32,
    /// Boxes, outer ones before those inside them.
    pub(super) boxes: Vec<Drawn>,
    pub(super) arrows: Vec<Arrow>,
    /// What no arrow could be drawn for, in words.
    pub(super) also: Vec<String>,
}
