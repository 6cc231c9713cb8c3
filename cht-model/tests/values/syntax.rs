//! Text that is not YAML, or more of it than any values are.

use cht_model::{Layer, Values};

use crate::fixture::shown;

fn refused(text: &str) -> String {
    let error = Values::load(&[Layer::new("values.yaml", text)]).expect_err(text);
    shown(&error.problems)
}

#[test]
fn each_mistake_is_named() {
    let cases = [
        "couchdb:\n\tuser: medic\n",
        "api:\n  port: 1\n\tnode_env: x\n",
        "namespace: a\nnamespace: b\n",
        "nodes:\n  node-1: a\n  node-2: b\n  node-1: c\n",
        "namespace: a\n---\nnamespace: b\n",
        "namespace: \"a\nchtversion: 5.3.0\n",
        "namespace: a: b\n",
        "namespace: [a, b\n",
        "namespace: @a\n",
        "namespace: *other\n",
        "namespace: !name a\n",
        "namespace: \"\\q\"\n",
        "- a\n- b\n",
        "just text\n",
        "? [a, b]\n: c\n",
        "api: &api\n  service: *api\n",
        "<<: text\n",
        "a: 1\n b: 2\n",
        "a: {b: 1]\n",
        "a: |\n  text\n more\n",
        "%YAML 3.0\n---\na: b\n",
    ];
    let all: Vec<_> = cases.iter().map(|text| format!("{text:?}\n{}", refused(text))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn every_file_is_read_before_any_is_refused() {
    let error = Values::load(&[
        Layer::new("one.yaml", "a: b: c\n"),
        Layer::new("two.yaml", "a: 1\na: 2\nb: 1\nb: 2\n"),
        Layer::set("no assignment"),
    ])
    .expect_err("three mistakes");
    insta::assert_snapshot!(error);
}

#[test]
fn bombs_do_not_go_off() {
    let laugh = |n: usize| format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 10].join(", "));
    let laughs = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{}", (0..8).map(laugh).collect::<String>());
    let texts = [laughs, "[".repeat(100_000), "- ".repeat(1000), "a".repeat(2 << 20), "- a\n".repeat(20_000)];
    let all: Vec<_> = texts.iter().map(|text| refused(text)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn aliases_and_merge_keys_stand_for_what_they_name() {
    let text = "\
defaults: &defaults {node_env: test, log_level: debug}
api:
  <<: *defaults
  log_level: info
sentinel: *defaults
namespace: county
chtversion: 5.3.0
cluster_type: k3s-k3d
couchdb: {couchdb_node_storage_size: 10Gi}
";
    let checked = Values::load(&[Layer::new("values.yaml", text)]).expect("values").validate().expect("valid");
    let api = checked.value.api().logging.clone().expect("5.x");
    let sentinel = checked.value.sentinel().logging.clone().expect("5.x");
    assert_eq!((api.node_env.as_str(), api.log_level.as_str()), ("test", "info"));
    assert_eq!((sentinel.node_env.as_str(), sentinel.log_level.as_str()), ("test", "debug"));
}

#[test]
fn windows_files_and_byte_order_marks_are_read() {
    let text = format!("\u{feff}{}", crate::fixture::K3S.replace('\n', "\r\n"));
    let checked = Values::load(&[Layer::new("values.yaml", text)]).expect("values").validate().expect("valid");
    assert_eq!(checked.value.namespace().as_str(), "county");
}

#[test]
fn many_comments_are_no_problem() {
    let text = format!("{}{}", "# a comment\n".repeat(500), crate::fixture::K3S);
    assert!(Values::load(&[Layer::new("values.yaml", text)]).expect("values").validate().is_ok());
}

#[test]
fn empty_text_has_no_values() {
    for text in ["", "\n", "# nothing\n", "---\n", "---\n...\n", "null\n", "{}\n"] {
        let invalid = Values::load(&[Layer::new("values.yaml", text)]).expect(text).validate().expect_err(text);
        assert_eq!(invalid.problems.len(), 3, "{text:?}: {invalid}");
    }
    let invalid = Values::load(&[]).expect("no layers").validate().expect_err("nothing");
    insta::assert_snapshot!(invalid);
}
