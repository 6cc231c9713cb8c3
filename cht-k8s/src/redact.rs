//! Keeps an instance's secrets out of texts that come from elsewhere: logs and messages of containers and servers.

use cht_model::{CredentialKey, Instance};
use k8s_openapi::ByteString;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::ClusterError;

/// Shorter ones are words that stand in any text, and no secrets.
const SHORTEST: usize = 4;
const MASK: &str = "[secret]";

/// As the URL of the database is encoded.
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// As JavaScript, which CHT is written in, encodes a part of a URL.
const IN_JAVASCRIPT: &AsciiSet = &IN_URLS.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// The secrets of an instance, in every form in which a text may hold them.
pub(crate) struct Redactor(Vec<SecretString>);

impl Redactor {
    pub(crate) fn of(instance: &Instance) -> Self {
        let credentials = &instance.couchdb().credentials;
        let secret = |key| credentials.get(key).map(ExposeSecret::expose_secret).filter(|text| text.len() >= SHORTEST);
        let mut forms: Vec<SecretString> = CredentialKey::ALL.into_iter().filter_map(secret).flat_map(forms).collect();
        // What HTTP's basic authentication sends.
        if let Some(password) = secret(CredentialKey::Password) {
            forms.push(base64(&format!("{}:{password}", credentials.user().expose_secret())));
        }
        // The longest first: one form may be a part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.expose_secret().len()));
        Self(forms)
    }

    /// The text without secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }

    /// The error without secrets: a server may repeat what it was sent.
    pub(crate) fn redact_error(&self, mut error: ClusterError) -> ClusterError {
        match &mut error {
            ClusterError::Unavailable { message: text, .. }
            | ClusterError::Unauthorized { message: text }
            | ClusterError::Forbidden { message: text, .. }
            | ClusterError::NamespaceUnavailable { message: text, .. }
            | ClusterError::Changed { message: text, .. }
            | ClusterError::Invalid { message: text, .. }
            | ClusterError::Unreachable { reason: text }
            | ClusterError::Malformed { reason: text } => *text = self.redact(text),
            ClusterError::FieldConflict { .. } | ClusterError::NotServed { .. } | ClusterError::Expired => {}
        }
        error
    }
}

fn forms(secret: &str) -> [SecretString; 6] {
    let encoded = |set| utf8_percent_encode(secret, set).to_string().into();
    let in_json = serde_json::Value::from(secret).to_string();
    let in_json = in_json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&in_json);
    [secret.into(), encoded(NON_ALPHANUMERIC), encoded(IN_URLS), encoded(IN_JAVASCRIPT), in_json.into(), base64(secret)]
}

/// Without the padding, which some leave out.
fn base64(text: &str) -> SecretString {
    let encoded = serde_json::to_value(ByteString(text.as_bytes().to_vec()));
    let encoded = encoded.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
    encoded.trim_end_matches('=').into()
}
