//! Nothing is in the way of anything else, whatever the instance.

use std::collections::BTreeSet;

use super::scene;
use super::shapes::{Arrow, Drawn, Look, Point, Rect, Scene, Style};
use super::{svg, text};
use crate::Component;
use crate::graph::tests::cases::{all, example, seen};
use crate::graph::{Fact, Graph, Link, Part, PartId, PartKind, Relation};

/// The scenes of all instances, as they are described and as they were seen.
fn scenes() -> Vec<(String, Scene)> {
    let both = all().into_iter().flat_map(|(name, _, graph)| {
        let live = (format!("{name}, seen"), scene::of(&seen(graph.clone())));
        [(name, scene::of(&graph)), live]
    });
    both.chain([("strangers".to_owned(), scene::of(&strangers()))]).collect()
}

/// An instance with parts that have no place of their own.
fn strangers() -> Graph {
    let (_, mut graph) = example("cht-4x");
    let stranger = |kind, name: &str| Part {
        id: PartId::new(kind, name),
        component: Component::Api,
        title: name.to_owned(),
        facts: vec![Fact::new("nobody knows why")],
        within: None,
        state: None,
    };
    let known: Vec<_> = (0..9).map(|number| stranger(PartKind::Deployment, &format!("stranger-{number}"))).collect();
    let calls = known.iter().map(|part| Link {
        from: part.id.clone(),
        to: PartId::new(PartKind::Service, "api"),
        relation: Relation::Calls,
        purpose: "help",
    });
    graph.links.extend(calls);
    graph.parts.extend(known);
    graph.parts.extend([stranger(PartKind::Service, "lonely"), stranger(PartKind::Claim, "unclaimed")]);
    graph
}

#[test]
fn parts_without_a_place_are_drawn_and_their_calls_said() {
    let graph = strangers();
    let scene = scene::of(&graph);
    let drawn: BTreeSet<_> = scene.boxes.iter().filter_map(|drawn| drawn.id.as_ref()).collect();
    assert_eq!(drawn, graph.parts.iter().map(|part| &part.id).collect());
    assert_eq!(scene.also.len(), 9);
    assert!(svg(&graph).contains("Also: deployment/stranger-0 calls service/api"), "{:?}", scene.also);
}

fn contains(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x && outer.y <= inner.y && inner.right() <= outer.right() && inner.bottom() <= outer.bottom()
}

/// Whether two rectangles have more than an edge in common.
fn overlap(one: Rect, other: Rect) -> bool {
    one.x < other.right() && other.x < one.right() && one.y < other.bottom() && other.y < one.bottom()
}

/// What a line between two points covers, without its ends' edges.
fn covered((x, y): Point, (to_x, to_y): Point) -> Rect {
    Rect::new(x.min(to_x), y.min(to_y), (x - to_x).abs().max(1), (y - to_y).abs().max(1))
}

fn segments(arrow: &Arrow) -> Vec<Rect> {
    arrow.lines.iter().flat_map(|line| line.windows(2).map(|pair| covered(pair[0], pair[1]))).collect()
}

/// What a box's words take.
fn words(drawn: &Drawn) -> Vec<Rect> {
    let of = drawn.words.iter().map(|words| {
        let width = if words.style == Style::Title { text::bold_width } else { text::width };
        let (x, y) = words.at;
        Rect::new(x, y - words.size * 3 / 4, width(&words.shown, words.size), words.size)
    });
    of.collect()
}

#[test]
fn everything_is_within_the_picture() {
    for (name, scene) in scenes() {
        let picture = Rect::new(0, 0, scene.width, scene.height);
        for drawn in &scene.boxes {
            assert!(contains(picture, drawn.rect), "{name}: {:?} in {picture:?}", drawn.rect);
        }
        assert!(scene.arrows.iter().flat_map(segments).all(|segment| contains(picture, segment)), "{name}");
        assert!((scene.width * 9 - scene.height * 16).abs() <= 32, "{name}: {} x {}", scene.width, scene.height);
    }
}

#[test]
fn boxes_are_beside_each_other_or_inside() {
    for (name, scene) in scenes() {
        for (place, one) in scene.boxes.iter().enumerate() {
            for other in &scene.boxes[place + 1..] {
                let apart = !overlap(one.rect, other.rect);
                let can_hold = matches!(one.look, Look::Group | Look::Deployment | Look::Container);
                let inside = can_hold && contains(one.rect, other.rect);
                assert!(apart || inside, "{name}: {:?} and {:?}", one.id, other.id);
            }
        }
    }
}

#[test]
fn words_stay_within_their_box_and_off_what_is_inside() {
    for (name, scene) in scenes() {
        for drawn in &scene.boxes {
            let chip = drawn.chip.iter().map(|(rect, _)| *rect);
            let inside = scene.boxes.iter().filter(|other| *other != drawn && contains(drawn.rect, other.rect));
            let taken: Vec<_> = inside.map(|other| other.rect).chain(chip).collect();
            let words = words(drawn);
            for (place, rect) in words.iter().enumerate() {
                assert!(contains(drawn.rect, *rect), "{name}: {:?}", drawn.words[place]);
                assert!(!taken.iter().any(|other| overlap(*other, *rect)), "{name}: {:?}", drawn.words[place]);
                assert!(!words[place + 1..].iter().any(|other| overlap(*other, *rect)), "{name}: {:?}", drawn.words);
            }
        }
    }
}

#[test]
fn arrows_go_from_box_to_box_and_through_none() {
    for (name, scene) in scenes() {
        for arrow in &scene.arrows {
            for segment in segments(arrow) {
                for drawn in &scene.boxes {
                    let inside = contains(drawn.rect, segment);
                    let holds = inside && matches!(drawn.look, Look::Group | Look::Deployment);
                    assert!(holds || !overlap(drawn.rect, segment), "{name}: {} through {:?}", arrow.says, drawn.id);
                    for rect in words(drawn).into_iter().chain(drawn.chip.iter().map(|(rect, _)| *rect)) {
                        assert!(!overlap(rect, segment), "{name}: {} through the words of {:?}", arrow.says, drawn.id);
                    }
                }
            }
            assert!(!arrow.heads.is_empty(), "{name}: {}", arrow.says);
            for (_, (x, y)) in &arrow.heads {
                let around = Rect::new(x - 1, y - 1, 3, 3);
                let touches = |drawn: &Drawn| overlap(drawn.rect, around) && !contains(drawn.rect, around);
                assert!(scene.boxes.iter().any(touches), "{name}: {} ends at a box", arrow.says);
            }
        }
    }
}

#[test]
fn labels_are_in_nobodys_way() {
    for (name, scene) in scenes() {
        let labels: Vec<_> = scene.arrows.iter().filter_map(|arrow| arrow.label.as_ref()).collect();
        for (place, (rect, label)) in labels.iter().enumerate() {
            for drawn in &scene.boxes {
                let holds = contains(drawn.rect, *rect) && drawn.look == Look::Deployment || drawn.look == Look::Group;
                assert!(holds || !overlap(drawn.rect, *rect), "{name}: {label:?} on {:?}", drawn.id);
                for other in words(drawn).into_iter().chain(drawn.chip.iter().map(|(rect, _)| *rect)) {
                    assert!(!overlap(other, *rect), "{name}: {label:?} on the words of {:?}", drawn.id);
                }
            }
            assert!(!labels[place + 1..].iter().any(|(other, _)| overlap(*other, *rect)), "{name}: {label:?}");
            let crossing = scene.arrows.iter().find(|arrow| segments(arrow).iter().any(|line| overlap(*line, *rect)));
            assert_eq!(crossing.map(|arrow| &arrow.says), None, "{name}: {label:?}");
        }
    }
}

#[test]
fn every_call_has_an_arrow() {
    for (name, scene) in scenes().into_iter().filter(|(name, _)| name != "strangers") {
        assert_eq!(scene.also, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn one_word_longer_than_its_room_is_shortened() {
    let lines = text::in_lines(&"w".repeat(500), 15, 100, 3);
    assert_eq!(lines.len(), 1);
    assert!(text::width(&lines[0], 15) <= 100 && lines[0].contains('…'), "{lines:?}");
}
