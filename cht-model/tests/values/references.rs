//! `${env:NAME}` and `${file:PATH}`.

use cht_model::{CredentialKey, Layer, References, Values};
use secrecy::ExposeSecret;

use crate::fixture::{K3S, shown};

/// One variable, one file.
struct Machine;

impl References for Machine {
    fn env(&self, name: &str) -> Result<String, String> {
        match name {
            "NAME" => Ok("Canary".to_owned()),
            "HOST" => Ok("cht.example.org".to_owned()),
            "FALSE" => Ok("false".to_owned()),
            "NULL" => Ok("null".to_owned()),
            "LOOP" => Ok("${env:LOOP}".to_owned()),
            _ => Err("is not set".to_owned()),
        }
    }

    fn file(&self, path: &str, _: usize) -> Result<String, String> {
        if path == "/run/secrets/password" { Ok("pa ss\r\n".to_owned()) } else { Err("does not exist".to_owned()) }
    }
}

fn load(more: &str) -> Result<Values, cht_model::LoadError> {
    Values::load_with(&[Layer::new("base.yaml", K3S), Layer::new("more.yaml", more)], &Machine)
}

#[test]
fn references_stand_for_text() {
    let more = "\
couchdb: {password: '${file:/run/secrets/password}', user: '${env:NULL}', secret: 'a${env:FALSE}b${env:FALSE}'}
ingress: {host: 'a.${env:HOST}'}
cache_images: ${env:FALSE}
";
    let checked = load(more).expect("values").validate().expect("valid");
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    let instance = checked.value;
    let credentials = &instance.couchdb().credentials;
    let secret = |key| credentials.get(key).expect("given").expose_secret().to_owned();
    assert_eq!(secret(CredentialKey::Password), "pa ss");
    assert_eq!(secret(CredentialKey::Secret), "afalsebfalse");
    assert_eq!(credentials.user().expose_secret(), "null");
    assert_eq!(instance.address(), "https://a.cht.example.org");
    assert_eq!(instance.images().pull_policy, cht_model::PullPolicy::Always);
}

#[test]
fn what_cannot_be_had_is_a_problem_with_its_place() {
    let more = "\
couchdb: {password: '${env:NONE}', secret: ['${env:NONE}']}
ingress: {host: '${file:/none}'}
";
    let error = load(more).expect_err("nothing to refer to");
    insta::assert_snapshot!(shown(&error.problems));
    let layers = [Layer::new("values.yaml", "namespace: ${env:NAME}")];
    insta::assert_snapshot!(Values::load(&layers).expect_err("no references"));
}

#[test]
fn what_a_reference_stands_for_is_not_shown() {
    let invalid =
        load("namespace: ${env:NAME}\nenvironment: ${env:NAME}\n").expect("values").validate().expect_err("upper case");
    assert!(!invalid.to_string().contains("Canary") && !format!("{invalid:?}").contains("Canary"));
    insta::assert_snapshot!(shown(&invalid.problems));
}

#[test]
fn references_are_replaced_once() {
    let invalid = load("namespace: ${env:LOOP}\n").expect("values").validate().expect_err("a placeholder");
    assert_eq!(invalid.problems.len(), 1);
}

#[test]
fn values_that_a_later_layer_replaces_are_not_looked_up() {
    let layers = [Layer::new("a.yaml", "namespace: ${env:NONE}"), Layer::new("b.yaml", K3S)];
    assert!(Values::load_with(&layers, &Machine).is_ok());
}
