//! Any text at all: no panic. Any instance: its values make it again.

use std::fmt::Write;

use cht_model::{Layer, PlatformKind, Topology, Values};
use proptest::prelude::*;

use crate::fixture::{EKS, GKE, K3S, K3S_V4};
use crate::invariants::hold;

/// Words that values are made of, so that more than the first character of a text matters.
const PIECES: [&str; 40] = [
    "couchdb",
    "nodes",
    "node-1",
    "api",
    "port",
    ":",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "&a",
    "*a",
    "<<: ",
    "!x ",
    "| ",
    "> ",
    "#",
    "---\n",
    "...\n",
    "%",
    "@",
    "\t",
    "${env:A}",
    "<x>",
    "true",
    "null",
    "5.3.0",
    "é",
    "\u{feff}",
    "\\",
    "?",
    "namespace",
];

const EXAMPLES: [&str; 5] = [
    include_str!("../../../examples/cht-4x.yaml"),
    include_str!("../../../examples/eks.yaml"),
    include_str!("../../../examples/gke.yaml"),
    include_str!("../../../examples/k3d.yaml"),
    include_str!("../../../examples/k3s-cluster.yaml"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        hold(&text);
    }

    #[test]
    fn any_pieces_are_survived(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        let text = pieces.concat();
        hold(&text);
    }

    #[test]
    fn values_with_a_mistake_are_survived(
        base in prop::sample::select(&[K3S, K3S_V4, EKS, GKE][..]),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(&PIECES[..]),
    ) {
        let mut text = base.to_owned();
        text.insert_str(at.index(base.len()), piece);
        hold(&text);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        hold(&String::from_utf8_lossy(&bytes));
    }

    /// The beginning of one example and the end of another, with something in between, and some of it again.
    #[test]
    fn spliced_examples_are_survived(
        (one, other) in (prop::sample::select(&EXAMPLES[..]), prop::sample::select(&EXAMPLES[..])),
        (begin, end, again) in any::<(prop::sample::Index, prop::sample::Index, prop::sample::Index)>(),
        piece in prop::sample::select(&PIECES[..]),
        times in 0_usize..4,
    ) {
        let cut = |text: &str, at: prop::sample::Index| text.floor_char_boundary(at.index(text.len()));
        let middle = &one[cut(one, again)..];
        let text = format!("{}{piece}{}{}", &one[..cut(one, begin)], middle.repeat(times), &other[cut(other, end)..]);
        hold(&text);
    }

    #[test]
    fn examples_with_other_characters_are_survived(
        example in prop::sample::select(&EXAMPLES[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..8),
    ) {
        let mut text: Vec<char> = example.chars().collect();
        for (at, character) in changes {
            let at = at.index(text.len());
            text[at] = character;
        }
        hold(&text.into_iter().collect::<String>());
    }

    #[test]
    fn instances_say_what_their_values_say(
        namespace in "[a-z][a-z0-9]{0,20}",
        quoted in any::<bool>(),
        nodes in 0_usize..6,
        port in 1_u16..,
        size in 1_u32..1000,
        kind in prop::sample::select(&PlatformKind::ALL[..]),
    ) {
        let quote = if quoted { "'" } else { "" };
        let mut text = String::new();
        writeln!(text, "namespace: {quote}{namespace}{quote}\nchtversion: {quote}5.3.0{quote}\ncluster_type: {kind}")?;
        writeln!(text, "api: {{port: {quote}{port}{quote}}}")?;
        writeln!(text, "ingress: {{host: {namespace}.example.org, annotations: {{groupname: {namespace}}}}}")?;
        writeln!(text, "couchdb: {{clusteredCouchEnabled: {}, couchdb_node_storage_size: {size}Gi}}", nodes > 0)?;
        writeln!(text, "clusteredCouch: {{noOfCouchDBNodes: {}}}", nodes.max(1))?;
        let checked = Values::load(&[Layer::new("values.yaml", text)]).expect("values").validate().expect("valid");
        prop_assert!(checked.warnings.is_empty(), "{}", checked.warnings);
        let instance = checked.value;
        prop_assert_eq!(instance.namespace().as_str(), &namespace);
        prop_assert_eq!(instance.project().as_str(), &namespace);
        prop_assert_eq!(instance.platform().kind(), kind);
        prop_assert_eq!(instance.api().port.get(), port);
        let clustered = matches!(instance.couchdb().topology, Topology::Clustered(_));
        prop_assert_eq!(clustered, nodes > 0);
        prop_assert_eq!(instance.couchdb().topology.nodes().len(), nodes.max(1));
        prop_assert_eq!(instance.address(), format!("https://{namespace}.example.org"));
    }
}
