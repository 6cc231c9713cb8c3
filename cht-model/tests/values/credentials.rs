//! Passwords: any text, or a reason why not.

use std::borrow::Cow;

use cht_model::{CouchUrl, CredentialKey, DatabaseName, Layer, Values};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use crate::fixture::K3S;

/// The text in double quotes, as YAML has it.
fn quoted(text: &str) -> String {
    text.chars().fold("\"".to_owned(), |out, c| format!("{out}\\U{:08X}", u32::from(c))) + "\""
}

/// The credentials of values with these, or `None` where they are refused.
fn accepted(user: &str, password: &str) -> Option<(SecretString, SecretString)> {
    let more = format!("couchdb:\n  user: {}\n  password: {}\n", quoted(user), quoted(password));
    let values = Values::load(&[Layer::new("base.yaml", K3S), Layer::new("more.yaml", more)]).expect("values");
    let credentials = values.validate().ok()?.value.couchdb().credentials.clone();
    Some((credentials.user().clone(), credentials.get(CredentialKey::Password)?.clone()))
}

/// As a URL's reader does it: by hand, so that it is not what has encoded it.
fn decoded(part: &str) -> Cow<'_, str> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match (byte, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let hex = std::str::from_utf8(&[*high, *low]).expect("text").to_owned();
                bytes.push(u8::from_str_radix(&hex, 16).expect("two digits"));
                rest = tail;
            }
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).expect("text").into()
}

fn url_of(user: &SecretString, password: &SecretString) -> String {
    let database: DatabaseName = "medic".parse().expect("a database name");
    let url = CouchUrl { user, password, authority: "haproxy:5984", database: &database };
    let composed = url.compose().expose_secret().to_owned();
    assert_eq!(url.fault(&composed), None);
    composed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is accepted arrives as it was written, and so does its URL.
    #[test]
    fn addresses_say_what_was_written(
        user in prop_oneof!["[a-z]{1,8}", "\\PC{1,8}"],
        password in prop_oneof!["\\PC{1,40}", "[ -~]{1,40}", "[%@:/?#;= ]{1,8}"],
    ) {
        if let Some((given_user, given_password)) = accepted(&user, &password) {
            prop_assert_eq!((given_user.expose_secret(), given_password.expose_secret()), (&*user, &*password));
            let url = url_of(&given_user, &given_password);
            let rest = url.strip_prefix("http://").expect("a URL");
            let (user_info, place) = rest.split_once('@').expect("credentials");
            prop_assert_eq!(place, "haproxy:5984/medic");
            let (shown_user, shown_password) = user_info.split_once(':').expect("a password");
            prop_assert_eq!((&*decoded(shown_user), &*decoded(shown_password)), (&*user, &*password));
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
            prop_assert!(shown_user.chars().chain(shown_password.chars()).all(plain));
        }
    }

    /// Letters, digits and most signs are never refused.
    #[test]
    fn ordinary_passwords_are_accepted(password in "[A-Za-z0-9!$&*+,.:<>?@^_|~%#(){}'\"\\\\`=]{1,60}") {
        prop_assert!(accepted("medic", &password).is_some(), "{password:?}");
    }
}
