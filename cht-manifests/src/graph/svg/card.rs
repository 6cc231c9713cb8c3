//! What stands on a box: a part's name, its facts, its state, the Services before it and the containers beside it.

use super::shapes::{Arrow, Drawn, Look, Rect, Style, Words};
use super::text;
use crate::graph::{Fact, Graph, Link, Part, PartId, PartKind, Relation, State};

const PAD: i32 = 16;
/// The height of a title's line.
const TITLE: i32 = 21;
const SMALL: i32 = 15;
/// A Service of 4.x has many ports.
const PORTS: i32 = 14;
/// From one line's foot to the next one's.
const LINE: i32 = 24;
/// The height of a Service's or a state's pill.
const PILL: i32 = 28;
/// Between a container and the one that it calls.
const STEP: i32 = 32;
/// The upper rim of a cylinder.
const RIM: i32 = 12;
/// How many lines a reason may have.
const REASON_LINES: usize = 3;

/// A box that is not placed yet.
pub(super) struct Card<'a> {
    graph: &'a Graph,
    part: &'a Part,
    look: Look,
    services: Vec<&'a Part>,
    beside: Vec<&'a Part>,
    facts: Vec<Fact>,
    reason: Vec<String>,
}

impl<'a> Card<'a> {
    pub(super) fn of(graph: &'a Graph, part: &'a Part, width: i32) -> Self {
        let look = match part.id.kind {
            PartKind::Client => Look::Client,
            PartKind::Ingress => Look::Ingress,
            PartKind::Deployment => Look::Deployment,
            PartKind::Container => Look::Container,
            PartKind::Service => Look::Service,
            PartKind::Claim => Look::Claim,
            PartKind::Volume => Look::Volume,
        };
        let reason = part.state.as_ref().and_then(|state| state.reason.as_deref());
        Self {
            graph,
            part,
            look,
            services: graph.services_of(&part.id).collect(),
            beside: graph.parts.iter().filter(|other| other.within.as_ref() == Some(&part.id)).collect(),
            facts: part.facts.iter().cloned().chain(elsewhere(graph, part)).collect(),
            reason: reason.map(|text| text::in_lines(text, SMALL, width - 2 * PAD, REASON_LINES)).unwrap_or_default(),
        }
    }

    pub(super) fn id(&self) -> &'a PartId {
        &self.part.id
    }

    /// The sizes of the title and of the facts: volumes have long names.
    fn sizes(&self) -> (i32, i32) {
        if matches!(self.look, Look::Claim | Look::Volume) { (17, 15) } else { (21, 17) }
    }

    /// The height that it needs.
    pub(super) fn height(&self) -> i32 {
        let beside: i32 = self.beside.iter().map(|inner| STEP + self.height_beside(inner)).sum();
        self.top() + TITLE + LINE * (self.lines() + count(&self.reason)) + pills(self.services.len()) + beside + PAD
    }

    fn top(&self) -> i32 {
        if self.look == Look::Volume { 2 * RIM + 4 } else { PAD - 2 }
    }

    fn lines(&self) -> i32 {
        count(&self.facts)
    }

    fn height_beside(&self, inner: &Part) -> i32 {
        PAD + LINE * count(&inner.facts) + pills(self.graph.services_of(&inner.id).count())
    }

    /// The box at its place with everything inside, and the arrows there.
    pub(super) fn placed(&self, rect: Rect) -> (Vec<Drawn>, Vec<Arrow>) {
        let room = rect.w - 2 * PAD;
        let left = rect.x + PAD;
        // On the upper edge, where it takes no room from the title.
        let chip = self.part.state.as_ref().map(|state| {
            let width = chip_width(state);
            (Rect::new(rect.right() - PAD / 2 - width, rect.y - PILL / 2, width, PILL), state.clone())
        });
        let (title, plain) = self.sizes();
        let mut foot = rect.y + self.top() + TITLE - 4;
        let mut words = vec![shortened((left, foot), title, &Fact::new(&self.part.title), room, Style::Title)];
        foot += 2;
        for fact in &self.facts {
            foot += LINE;
            words.push(shortened((left, foot), plain, fact, room, Style::Plain));
        }
        for line in &self.reason {
            foot += LINE;
            let whole = self.part.state.as_ref().and_then(|state| state.reason.clone());
            words.push(Words { at: (left, foot), size: SMALL, shown: line.clone(), whole, style: Style::Reason });
        }
        let mut boxes = vec![Drawn { id: Some(self.part.id.clone()), look: self.look, rect, words, chip }];
        let mut bottom = rect.y + self.top() + TITLE + LINE * (self.lines() + count(&self.reason));
        boxes.extend(self.services.iter().enumerate().map(|(place, service)| pill(service, left, bottom, place, room)));
        bottom += pills(self.services.len());
        let mut arrows = Vec::new();
        for inner in &self.beside {
            let height = self.height_beside(inner);
            let rect = Rect::new(left, bottom + STEP, room, height);
            arrows.extend(self.call_beside(inner, rect));
            boxes.extend(self.placed_beside(inner, rect));
            bottom += STEP + height;
        }
        (boxes, arrows)
    }

    fn placed_beside(&self, inner: &Part, rect: Rect) -> Vec<Drawn> {
        let (left, room) = (rect.x + PAD / 2, rect.w - PAD);
        let mut bottom = rect.y + PAD / 2;
        let mut words = Vec::new();
        for fact in &inner.facts {
            bottom += LINE;
            words.push(shortened((left, bottom - 6), self.sizes().1, fact, room, Style::Plain));
        }
        let outer = Drawn { id: Some(inner.id.clone()), look: Look::Container, rect, words, chip: None };
        let services = self.graph.services_of(&inner.id).enumerate();
        [outer].into_iter().chain(services.map(|(place, one)| pill(one, left, bottom, place, room))).collect()
    }

    /// The arrow to a container beside the first, where the first calls it.
    fn call_beside(&self, inner: &Part, rect: Rect) -> Option<Arrow> {
        let call = self.graph.links.iter().find(|link| {
            link.relation == Relation::Calls && link.from == self.part.id && *self.graph.answers(&link.to) == inner.id
        })?;
        let x = rect.x + PAD;
        let says = format!("{} calls {}", call.from, call.to);
        let mut arrow = Arrow::along(says, vec![(x, rect.y - STEP + 6), (x, rect.y)]);
        let width = text::width(call.purpose, SMALL);
        arrow.label = Some((Rect::new(x + 14, rect.y - STEP + 8, width, SMALL + 3), call.purpose.to_owned()));
        Some(arrow)
    }
}

/// What a CouchDB node has another node do.
fn elsewhere(graph: &Graph, part: &Part) -> Vec<Fact> {
    let calls = graph.links.iter().filter(|link| link.from == part.id && is_said(graph, link));
    let others = calls.filter(|link| inside(graph, link) != Some(&part.id));
    others.map(|link| Fact::new(format!("{}: {}", link.purpose, link.to.name))).collect()
}

/// Whether a call is drawn or said on the caller's own box: CouchDB nodes call what is inside of pods.
pub(super) fn is_said(graph: &Graph, link: &Link) -> bool {
    link.relation == Relation::Calls && link.from.kind == PartKind::Deployment && inside(graph, link).is_some()
}

/// The part that what answers a call is inside of.
fn inside<'a>(graph: &'a Graph, link: &'a Link) -> Option<&'a PartId> {
    graph.part(graph.answers(&link.to))?.within.as_ref()
}

/// A Service, as it stands on the box of what answers for it.
fn pill(service: &Part, left: i32, top: i32, place: usize, room: i32) -> Drawn {
    let ports: Vec<_> = service.facts.iter().map(|fact| fact.text.as_str()).collect();
    let fact = Fact::new(format!("{} : {}", service.title, ports.join(", ")));
    let width = (text::width(&fact.text, PORTS) + PAD).min(room);
    let rect = Rect::new(left, top + pills(place) + 8, width, PILL);
    let words = shortened((left + PAD / 2, rect.y + 19), PORTS, &fact, width - PAD, Style::Plain);
    Drawn { id: Some(service.id.clone()), look: Look::Service, rect, words: vec![words], chip: None }
}

/// The height of so many Services' pills.
fn pills(number: usize) -> i32 {
    (PILL + 8) * i32::try_from(number).unwrap_or(i32::MAX / 1000)
}

fn chip_width(state: &State) -> i32 {
    text::bold_width(state.word, SMALL) + 2 * 10 + 16
}

fn shortened(at: (i32, i32), size: i32, fact: &Fact, room: i32, style: Style) -> Words {
    let width = if style == Style::Title { text::bold_width } else { text::width };
    let shown = text::in_the_middle(&fact.text, |text| width(text, size) <= room);
    let whole = fact.whole.clone().or_else(|| (shown != fact.text).then(|| fact.text.clone()));
    Words { at, size, shown, whole, style }
}

fn count<T>(items: &[T]) -> i32 {
    i32::try_from(items.len()).unwrap_or(i32::MAX / 1000)
}
