//! Several layers: later ones win.

use cht_model::{CredentialKey, Instance, Layer, Values};
use secrecy::ExposeSecret;

use crate::fixture::K3S;

fn load(layers: &[Layer]) -> Instance {
    Values::load(layers).expect("values").validate().expect("valid").value
}

fn set(assignment: &str) -> Instance {
    load(&[Layer::new("values.yaml", K3S), Layer::set(assignment)])
}

#[test]
fn later_layers_win_key_by_key() {
    let instance = load(&[
        Layer::new("values.yaml", format!("{K3S}project_name: first\napi: {{port: 1, log_level: debug}}\n")),
        Layer::new("second.yaml", "project_name: second\napi: {port: 2}\n"),
        Layer::set("api.port=3"),
    ]);
    assert_eq!(instance.project().as_str(), "second");
    assert_eq!(instance.api().port.get(), 3);
    assert_eq!(instance.api().logging.as_ref().expect("5.x").log_level, "debug");
}

#[test]
fn a_key_without_a_value_takes_the_earlier_one_away() {
    let layer = Layer::new("values.yaml", format!("{K3S}api: {{port: 1}}\nproject_name: first\n"));
    let instance = load(&[layer, Layer::new("second.yaml", "api:\n"), Layer::set("project_name=")]);
    assert_eq!((instance.api().port.get(), instance.project().as_str()), (5988, "county"));
}

#[test]
fn overrides_are_text_as_it_stands() {
    for (text, value) in [
        ("a:b#c{}=d", "a:b#c{}=d"),
        ("0123", "0123"),
        ("'quoted: #'", "quoted: #"),
        ("\"a\\u00e9\"", "aé"),
        ("two  words", "two  words"),
        ("it's", "it's"),
    ] {
        let instance = set(&format!("couchdb.password={text}"));
        let password = instance.couchdb().credentials.get(CredentialKey::Password).expect("a password");
        assert_eq!(password.expose_secret(), value);
    }
}

#[test]
fn what_is_no_override_is_refused() {
    let refuse = |text: &str| Values::load(&[Layer::set(text)]).expect_err(text).to_string();
    let all = ["", "a", "=a", "a..b=c", ".a=b", "a.=b", "a b=c", "a='b", "a='b' c", "a='b'\nc: d"].map(|text| {
        let refused = refuse(text);
        format!("{text:?}: {}", refused.lines().last().unwrap_or_default())
    });
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn problems_name_the_layer_that_won() {
    let values = Values::load(&[Layer::new("values.yaml", K3S), Layer::set("cluster_type=moon")]).expect("values");
    insta::assert_snapshot!(values.validate().expect_err("no platform"));
}

#[test]
fn overrides_are_told_apart_and_never_show_their_values() {
    let origin = |assignment: &str| Layer::set(assignment).origin().to_owned();
    assert_eq!(origin("couchdb.user=canary"), "--set couchdb.user");
    assert_eq!(origin("couchdb.password.canary=x"), "--set couchdb.password", "what lies below may be a part of it");
    for no_key in ["canary", "a canary=x", "=canary", "a..b=canary", &format!("{}=x", "canary".repeat(20))] {
        assert_eq!(origin(no_key), "--set", "{no_key}");
    }
    let values =
        Values::load(&[Layer::new("values.yaml", K3S), Layer::set("api.port=0"), Layer::set("haproxy.port=x")]);
    let invalid = values.expect("values").validate().expect_err("two ports are wrong");
    let places: Vec<_> =
        invalid.problems.iter().filter_map(|problem| problem.place()).map(ToString::to_string).collect();
    assert_eq!(places, ["--set api.port", "--set haproxy.port"]);
}
