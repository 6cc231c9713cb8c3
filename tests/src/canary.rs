//! Secrets that must not be seen, in every form in which they may be written down.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::program::Ran;

/// What RFC 3986 lets stand as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What the URLs of browsers let stand in a password.
const USERINFO: &AsciiSet = &UNRESERVED.remove(b'+').remove(b'&').remove(b'!').remove(b'(').remove(b')').remove(b'*');

/// Every form in which a secret may be written down.
///
/// # Panics
/// Never: a text is always JSON.
pub fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    for reserved in [NON_ALPHANUMERIC, UNRESERVED, USERINFO] {
        let encoded = utf8_percent_encode(secret, reserved).to_string();
        forms.push(lower_case_escapes(&encoded));
        forms.push(encoded);
    }
    for engine in [STANDARD, STANDARD_NO_PAD] {
        forms.push(engine.encode(secret));
    }
    forms.push(serde_json::to_string(secret).expect("a text").trim_matches('"').to_owned());
    forms
}

/// The header with which the API signs in.
pub fn header(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

fn lower_case_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| format!("{text}%{}{}", part[..2].to_lowercase(), &part[2..]))
}

/// Secrets that must not be seen.
#[derive(Clone)]
pub struct Canaries(Vec<String>);

impl Canaries {
    /// These, in every form.
    pub fn of(secrets: &[&str]) -> Self {
        Self(secrets.iter().flat_map(|secret| forms(secret)).collect())
    }

    /// Also these, in every form.
    #[must_use]
    pub fn with(mut self, secrets: &[&str]) -> Self {
        self.0.extend(Self::of(secrets).0);
        self
    }

    /// Also this, as it is.
    #[must_use]
    pub fn and(mut self, form: String) -> Self {
        self.0.push(form);
        self
    }

    /// Every form.
    pub fn forms(&self) -> &[String] {
        &self.0
    }

    /// Those that a text holds.
    pub fn seen_in(&self, text: &str) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|form| text.contains(form)).collect()
    }

    /// What a program wrote, if none is in it.
    ///
    /// # Panics
    /// When one is.
    #[track_caller]
    #[must_use]
    pub fn assert_unseen(&self, ran: Ran) -> Ran {
        let seen = self.seen_in(&format!("{}\n{}", ran.stdout, ran.stderr));
        assert!(seen.is_empty(), "{seen:?} in\n{ran}");
        ran
    }
}
