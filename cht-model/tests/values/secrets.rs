//! Nothing secret is ever shown: not by problems, not by `Debug`, not by the lines that problems point at.

use std::fmt::Write;

use cht_model::{CredentialKey, Layer, Values};
use secrecy::ExposeSecret;

use crate::fixture::{K3S, check};

const CANARY: &str = "canary";

/// Everything that can be shown about some text.
fn everything(texts: &[&str], set: Option<&str>) -> String {
    let mut layers: Vec<_> = texts.iter().map(|text| Layer::new("values.yaml", *text)).collect();
    layers.extend(set.map(Layer::set));
    let mut out = format!("{layers:?}");
    let problems = match Values::load(&layers) {
        Err(error) => {
            write!(out, "{error} {error:?}").expect("text");
            error.problems
        }
        Ok(values) => {
            write!(out, "{values:?}").expect("text");
            match values.validate() {
                Ok(checked) => {
                    write!(out, "{checked:?}").expect("text");
                    checked.warnings
                }
                Err(invalid) => {
                    write!(out, "{invalid} {invalid:?}").expect("text");
                    invalid.problems
                }
            }
        }
    };
    for problem in &problems {
        write!(out, "{problem} {problem:?} {:?}", problem.source_line()).expect("text");
    }
    out
}

#[test]
fn nothing_shows_a_secret() {
    let texts = [
        "couchdb:\n  password: canary\n  secret: canary\n  uuid: canary\n  user: canary\n",
        "couchdb: {password: canary/x, user: 'canary:', secret: \"canary\\n\"}\n",
        "couchdb:\n  password: |\n    canary\n    more canary\n",
        "couchdb:\n  password: >\n   canary\n\tcanary\n",
        "couchdb:\n  password: \"canary\n",
        "couchdb:\n  password: canary: x\n",
        "couchdb:\n  password: @canary\n",
        "couchdb:\n  password: *canary\n",
        "couchdb:\n  password: &canary\n",
        "couchdb:\n  password: !canary\n",
        "couchdb:\n  password: %canary\n",
        "couchdb:\n  password: {canary\n",
        "couchdb:\n  password: {canary: x, canary: y}\n",
        "couchdb:\n  password: {a: {canary: x, canary: y}}\n",
        "couchdb:\n  password: [canary, {canary: canary}]\n",
        "couchdb:\n  password: a\n  password: canary\n",
        "couchdb:\n  password: <canary>\n",
        "couchdb:\n  password: ${canary}\n",
        "couchdb:\n  pasword: canary\n",
        "couchdb:\n  key: canary\n",
        "password: canary\n",
        "password:\n  - canary\n  - canary\n",
        "a: &a canary\ncouchdb: {password: *a, secret: [*a]}\n",
        "couchdb: canary\n",
    ];
    for text in texts {
        let shown = everything(&[K3S, text], None);
        assert!(!shown.contains(CANARY), "{text}\n{shown}");
    }
    for set in
        ["couchdb.password=canary", "couchdb.password='canary", "couchdb.password:canary", "couchdb.user=canary/"]
    {
        let shown = everything(&[K3S], Some(set));
        assert!(!shown.contains(CANARY), "{set}\n{shown}");
    }
}

#[test]
fn secrets_arrive_as_they_were_written() {
    for (written, read) in [
        ("'a b:#{}'", "a b:#{}"),
        ("0123", "0123"),
        ("1e5", "1e5"),
        ("true", "true"),
        ("a<b>c", "a<b>c"),
        ("x${y}z", "x${y}z"),
        ("\"\\u00e9 @\"", "é @"),
        ("'null'", "null"),
    ] {
        let instance = check(K3S, &format!("couchdb:\n  password: {written}\n")).value;
        let password = instance.couchdb().credentials.get(CredentialKey::Password).expect("a password");
        assert_eq!(password.expose_secret(), read);
    }
}

#[test]
fn what_is_left_out_stays_open() {
    let credentials = &check(K3S, "couchdb: {secret: s, user: }\n").value.couchdb().credentials.clone();
    assert_eq!(credentials.user().expose_secret(), "medic");
    assert_eq!(credentials.missing().collect::<Vec<_>>(), [CredentialKey::Password, CredentialKey::Uuid]);
}
