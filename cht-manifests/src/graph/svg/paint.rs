//! Writes a scene down as SVG.

use std::fmt::Arguments;

use super::scene::{FOOT, MARGIN};
use super::shapes::{Arrow, Drawn, Look, Point, Rect, Scene, Style};
use super::text::{self, escaped};
use crate::graph::colours;
use crate::graph::lines::Lines;
use crate::graph::{Graph, Part, Relation, State};

const INK: &str = "#0f172a";
const TEXT: &str = "#334155";
const LINE: &str = "#475569";

/// The whole document.
pub(super) fn document(graph: &Graph, scene: &Scene) -> String {
    let mut paint = Paint::default();
    let Scene { width, height, left, boxes, arrows, .. } = scene;
    paint.line(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif">"#
    ));
    paint.line(format_args!(r#"<title id="title">{}</title>"#, escaped(&graph.title())));
    paint.line(format_args!(r#"<desc id="desc">{}</desc>"#, escaped(&in_words(graph))));
    paint.line(format_args!(r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##));
    let title = text::in_the_middle(&graph.title(), |text| text::bold_width(text, 36) <= width - 2 * MARGIN);
    paint.words((*left, 66), 36, 700, INK, &title);
    let below = format!("{}   ·   {}", graph.heading.address, graph.subtitle());
    paint.words((*left, 100), 19, 400, TEXT, &fitting(&below, 19, *width));
    for drawn in boxes {
        paint.drawn(graph, drawn);
    }
    for arrow in arrows {
        paint.arrow(arrow);
    }
    paint.foot(scene);
    paint.line(format_args!("</svg>"));
    paint.lines.into_text()
}

/// Everything that the picture shows, for those who do not see it.
fn in_words(graph: &Graph) -> String {
    let parts = graph.parts.iter().map(Part::in_words);
    let links = graph.links.iter().map(|link| {
        let verb = match link.relation {
            Relation::Calls => "calls",
            Relation::Leads => "leads to",
            Relation::Peers => "knows",
            Relation::Keeps => "keeps its data on",
        };
        format!("{} {verb} {}", link.from, link.to)
    });
    format!("{}. {}.", graph.subtitle(), parts.chain(links).collect::<Vec<_>>().join(". "))
}

#[derive(Default)]
struct Paint {
    lines: Lines,
}

impl Paint {
    fn line(&mut self, line: Arguments<'_>) {
        self.lines.push(line);
    }

    fn words(&mut self, at: Point, size: i32, weight: i32, colour: &str, text: &str) {
        self.line(format_args!(
            r#"<text x="{}" y="{}" font-size="{size}" font-weight="{weight}" fill="{colour}">{}</text>"#,
            at.0,
            at.1,
            escaped(text)
        ));
    }

    fn drawn(&mut self, graph: &Graph, drawn: &Drawn) {
        match &drawn.id {
            Some(id) => {
                self.line(format_args!(r#"<g data-part="{}">"#, escaped(&id.to_string())));
                let words = graph.part(id).map(Part::in_words).unwrap_or_default();
                self.line(format_args!("<title>{}</title>", escaped(&words)));
            }
            None => self.line(format_args!("<g>")),
        }
        let state = drawn.chip.as_ref().map(|(_, state)| state);
        self.shape(drawn.look, drawn.rect, state);
        for words in &drawn.words {
            let (weight, colour) = match words.style {
                Style::Title => (700, INK),
                Style::Plain => (400, TEXT),
                Style::Note => (400, LINE),
                Style::Reason => (400, state.map_or(TEXT, |state| colours::of(state.condition).0)),
            };
            match &words.whole {
                None => self.words(words.at, words.size, weight, colour, &words.shown),
                Some(whole) => self.line(format_args!(
                    r#"<text x="{}" y="{}" font-size="{}" font-weight="{weight}" fill="{colour}"><title>{}</title>{}</text>"#,
                    words.at.0,
                    words.at.1,
                    words.size,
                    escaped(whole),
                    escaped(&words.shown)
                )),
            }
        }
        if let Some((rect, state)) = &drawn.chip {
            self.chip(*rect, state);
        }
        self.line(format_args!("</g>"));
    }

    fn shape(&mut self, look: Look, rect: Rect, state: Option<&State>) {
        let Rect { x, y, w, h } = rect;
        let (fill, edge, corner) = match look {
            Look::Client => ("#f5f3ff", "#6d28d9", h.min(80) / 2),
            Look::Ingress => ("#f5f3ff", "#6d28d9", 10),
            Look::Deployment => ("#ffffff", "#475569", 10),
            Look::Container => ("#f8fafc", "#94a3b8", 8),
            Look::Service => ("#e2e8f0", "#64748b", 13),
            Look::Claim => ("#ecfeff", "#0e7490", 10),
            Look::Volume => ("#ecfeff", "#0e7490", 0),
            Look::Group => ("#f1f5f9", "#cbd5e1", 18),
        };
        let (edge, weight) = state.map_or((edge, 2), |state| (colours::of(state.condition).0, 3));
        if look == Look::Volume {
            let rim = h.min(60) / 5;
            let (right, body) = (rect.right(), h - 2 * rim);
            self.line(format_args!(
                r#"<path d="M{x} {top}v{body}a{half} {rim} 0 0 0 {w} 0v-{body}" fill="{fill}" stroke="{edge}" stroke-width="{weight}"/>"#,
                top = y + rim,
                half = w / 2,
            ));
            self.line(format_args!(
                r#"<ellipse cx="{}" cy="{}" rx="{}" ry="{rim}" fill="{fill}" stroke="{edge}" stroke-width="{weight}"/>"#,
                i32::midpoint(x, right),
                y + rim,
                w / 2
            ));
            return;
        }
        let weight = if matches!(look, Look::Service | Look::Container) { 1 } else { weight };
        self.line(format_args!(
            r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{corner}" fill="{fill}" stroke="{edge}" stroke-width="{weight}"/>"#
        ));
    }

    fn chip(&mut self, rect: Rect, state: &State) {
        let (strong, weak) = colours::of(state.condition);
        let Rect { x, y, w, h } = rect;
        self.line(format_args!(r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{}" fill="{weak}"/>"#, h / 2));
        self.line(format_args!(r#"<circle cx="{}" cy="{}" r="5" fill="{strong}"/>"#, x + 15, y + h / 2));
        self.words((x + 26, y + 19), 15, 700, strong, state.word);
    }

    fn arrow(&mut self, arrow: &Arrow) {
        self.line(format_args!(r#"<g fill="none" stroke="{LINE}" stroke-width="2">"#));
        self.line(format_args!("<title>{}</title>", escaped(&arrow.says)));
        let dashes = if arrow.dashed { r#" stroke-dasharray="6 5""# } else { "" };
        for line in &arrow.lines {
            let points: Vec<_> = line.iter().map(|(x, y)| format!("{x},{y}")).collect();
            self.line(format_args!(r#"<polyline points="{}"{dashes}/>"#, points.join(" ")));
        }
        for (from, to) in &arrow.heads {
            let [a, b] = wings(*from, *to);
            self.line(format_args!(
                r#"<polygon points="{},{} {},{} {},{}" fill="{LINE}" stroke="none"/>"#,
                to.0, to.1, a.0, a.1, b.0, b.1
            ));
        }
        self.line(format_args!("</g>"));
        if let Some((rect, label)) = &arrow.label {
            self.words((rect.x, rect.bottom() - 4), 16, 400, TEXT, label);
        }
    }

    /// What the shapes mean, and what no arrow could be drawn for.
    fn foot(&mut self, scene: &Scene) {
        let Scene { width, height, left, also, .. } = scene;
        if !also.is_empty() {
            let also = fitting(&format!("Also: {}", also.join("; ")), 15, *width);
            self.words((*left, height - FOOT + 20), 15, 400, TEXT, &also);
        }
        let top = height - 42;
        let mut x = *left;
        for (look, says) in [
            (Look::Ingress, "Way in"),
            (Look::Deployment, "Deployment"),
            (Look::Service, "Service : ports"),
            (Look::Claim, "Claim"),
            (Look::Volume, "Volume"),
        ] {
            let tall = if look == Look::Volume { 30 } else { 20 };
            self.shape(look, Rect::new(x, top - (tall - 20) / 2, 30, tall), None);
            self.words((x + 40, top + 15), 15, 400, TEXT, says);
            x += 40 + text::width(says, 15) + 30;
        }
    }
}

/// What of a text has room between the margins.
fn fitting(text: &str, size: i32, width: i32) -> String {
    text::in_the_middle(text, |text| text::width(text, size) <= width - 2 * MARGIN)
}

/// The back corners of an arrow's head.
fn wings(from: Point, to: Point) -> [Point; 2] {
    let (length, half) = (12, 6);
    let (right, down) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
    let back = (to.0 - right * length, to.1 - down * length);
    [(back.0 + down * half, back.1 + right * half), (back.0 - down * half, back.1 - right * half)]
}
