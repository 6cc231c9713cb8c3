//! Keeps an instance's secrets out of texts that come from elsewhere: logs and messages of containers and servers.

use cht_model::{CredentialKey, Instance};
use k8s_openapi::ByteString;
use secrecy::{ExposeSecret, SecretString};

/// Shorter ones are words that stand in any text, and no secrets.
const SHORTEST: usize = 4;
const MASK: &str = "[secret]";

/// The secrets of an instance, in every form in which a text may hold them.
pub(crate) struct Redactor(Vec<SecretString>);

impl Redactor {
    pub(crate) fn of(instance: &Instance) -> Self {
        let credentials = &instance.couchdb().credentials;
        let secrets = CredentialKey::ALL.into_iter().filter_map(|key| credentials.get(key));
        let mut forms: Vec<SecretString> = secrets
            .filter(|secret| secret.expose_secret().len() >= SHORTEST)
            .flat_map(|secret| forms(secret.expose_secret()))
            .collect();
        // The longest first: one form may be a part of another.
        forms.sort_by_key(|form| std::cmp::Reverse(form.expose_secret().len()));
        Self(forms)
    }

    /// The text without secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }
}

fn forms(secret: &str) -> [SecretString; 3] {
    let encoded = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let base64 = serde_json::to_value(ByteString(secret.as_bytes().to_vec()));
    let base64 = base64.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
    [secret.into(), encoded.into(), base64.trim_end_matches('=').into()]
}
