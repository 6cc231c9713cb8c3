//! Keeps an instance's secrets out of texts that come from elsewhere: logs and messages of containers and servers.

use cht_model::{CredentialKey, Instance};
use k8s_openapi::ByteString;
use secrecy::{ExposeSecret, SecretString};

use crate::ClusterError;
use crate::plan::StoredCredentials;

/// Shorter ones are words that stand in any text, and no secrets.
const SHORTEST: usize = 4;
const MASK: &str = "[secret]";
/// Users whose names are words of these texts: masked, they would hide what is wrong, and they tell nobody anything.
const EVERYDAY_USERS: [&str; 6] = ["medic", "admin", "root", "couchdb", "couch", "user"];

/// The secrets of an instance, in every form in which a text may hold them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Redactor(Vec<SecretString>);

impl Redactor {
    pub(crate) fn of(instance: &Instance) -> Self {
        let credentials = &instance.couchdb().credentials;
        Self::default().and(credentials.user(), |key| credentials.get(key))
    }

    /// Also what the cluster holds: until the pods are replaced, they know those credentials.
    pub(crate) fn and_stored(self, stored: &StoredCredentials) -> Self {
        let user = stored.get("COUCHDB_USER").cloned().unwrap_or_default();
        self.and(&user, |key| stored.get(key.secret_key()))
    }

    /// Also these texts.
    pub(crate) fn and_texts<'a>(self, texts: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut all = self.0;
        all.extend(texts.into_iter().flat_map(|text| forms(text.expose_secret())));
        Self::longest_first(all)
    }

    fn and<'a>(self, user: &SecretString, get: impl Fn(CredentialKey) -> Option<&'a SecretString>) -> Self {
        let mut all = self.0;
        let secret = |key| get(key).map(ExposeSecret::expose_secret).filter(|text| text.len() >= SHORTEST);
        all.extend(CredentialKey::ALL.into_iter().filter_map(secret).flat_map(forms));
        if user.expose_secret().len() >= SHORTEST && !EVERYDAY_USERS.contains(&user.expose_secret()) {
            all.extend(forms(user.expose_secret()));
        }
        // What HTTP's basic authentication sends.
        if let Some(password) = secret(CredentialKey::Password) {
            all.push(base64(&format!("{}:{password}", user.expose_secret())));
        }
        Self::longest_first(all)
    }

    /// One form may be a part of another.
    fn longest_first(mut all: Vec<SecretString>) -> Self {
        all.sort_by_key(|form| std::cmp::Reverse(form.expose_secret().len()));
        Self(all)
    }

    /// The text without secrets.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| masked(&text, secret.expose_secret()))
    }

    /// How much of a text a secret may take up in its longest form: with each byte percent-encoded.
    pub(crate) fn longest(&self) -> usize {
        3 * self.0.first().map_or(0, |form| form.expose_secret().len())
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
            ClusterError::FieldConflict { .. }
            | ClusterError::HostTaken { .. }
            | ClusterError::NotServed { .. }
            | ClusterError::Expired
            | ClusterError::LockLost => {}
        }
        error
    }
}

fn forms(secret: &str) -> [SecretString; 3] {
    let in_json = serde_json::Value::from(secret).to_string();
    let in_json = in_json.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&in_json);
    [secret.into(), in_json.into(), base64(secret)]
}

/// The text with a mask in place of the secret.
fn masked(text: &str, secret: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = length_at_start(rest, secret).inspect(|_| masked.push_str(MASK)).unwrap_or_else(|| {
            masked.push(next);
            next.len_utf8()
        });
        rest = &rest[length..];
    }
    masked
}

/// How much of a text is the secret that it starts with. Each byte of it may be percent-encoded: every program has its own
/// mind about which must be.
fn length_at_start(text: &str, secret: &str) -> Option<usize> {
    if text.starts_with(secret) {
        return Some(secret.len());
    }
    let mut rest = text.as_bytes();
    for byte in secret.bytes() {
        rest = match rest {
            [b'%', high, low, rest @ ..] if hexadecimal(*high, *low) == Some(byte) => rest,
            [same, rest @ ..] if *same == byte => rest,
            _ => return None,
        };
    }
    Some(text.len() - rest.len())
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Without the padding, which some leave out.
fn base64(text: &str) -> SecretString {
    let encoded = serde_json::to_value(ByteString(text.as_bytes().to_vec()));
    let encoded = encoded.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default();
    encoded.trim_end_matches('=').into()
}

#[cfg(test)]
mod tests {
    use cht_manifests::{Kind, Object, ObjectKey, manifests};

    use super::*;
    use crate::health::testing::instance;
    use crate::{FieldConflict, LiveObject};

    const VALUES: &str = "
project_name: county-a
namespace: county-a
chtversion: 5.3.0
cluster_type: k3s-k3d
environment: local
couchdb:
  user: medic
  secret: 'tiny'
  uuid: 4a7d1ed4-0000-4000-8000-000000000001
  couchdb_node_storage_size: 10Gi
";

    fn with_password(password: &str) -> Instance {
        instance(VALUES, &[]).with_credentials(|key| match key {
            CredentialKey::Password => password.into(),
            CredentialKey::Secret | CredentialKey::Uuid => unreachable!("the values have it"),
        })
    }

    fn redacted(password: &str, text: &str) -> String {
        Redactor::of(&with_password(password)).redact(text)
    }

    #[test]
    fn each_form_of_a_secret_is_kept_out() {
        let password = r#"p@ss-w.rd~_(1)!"\x"#;
        for form in [
            password,
            // Every character that is neither letter nor digit, as some encoders have it.
            "p%40ss%2Dw%2Erd%7E%5F%281%29%21%22%5Cx",
            // As the URL of the database has it.
            "p%40ss-w.rd~_%281%29%21%22%5Cx",
            // As JavaScript's encodeURIComponent has it.
            "p%40ss-w.rd~_(1)!%22%5Cx",
            // As the passwords of browsers' URLs have it, and in lower case.
            "p%40ss-w.rd~_(1)!%22\\x",
            "p%40ss-w.rd~_(1)!%22%5cx",
            // In a line of JSON.
            r#"p@ss-w.rd~_(1)!\"\\x"#,
            // In base64, with and without padding.
            "cEBzcy13LnJkfl8oMSkhIlx4",
        ] {
            assert_eq!(redacted(password, &format!("a {form} b")), "a [secret] b", "{form}");
        }
        assert_eq!(redacted("four", "Zm91cg== Zm91cg"), "[secret]== [secret]");
        // medic:four
        assert_eq!(redacted("four", "Authorization: Basic bWVkaWM6Zm91cg=="), "Authorization: Basic [secret]==");
    }

    #[test]
    fn no_form_in_what_is_applied_gets_through() {
        let instance = with_password("p@ss-w.rd~ (1)");
        let redactor = Redactor::of(&instance);
        let secret = manifests(&instance).iter().find_map(|manifest| match &manifest.object {
            Object::Secret(secret) => secret.data.clone(),
            _ => None,
        });
        let url = String::from_utf8(secret.expect("a Secret")["COUCH_URL"].0.clone()).expect("text");
        insta::assert_snapshot!(
            redactor.redact(&url),
            @"http://medic:[secret]@haproxy.county-a.svc.cluster.local:5984/medic"
        );
    }

    #[test]
    fn the_longest_is_taken_first() {
        // The password begins with CouchDB's secret.
        assert_eq!(redacted("tiny-and-more", "tiny-and-more, tiny"), "[secret], [secret]");
    }

    #[test]
    fn every_secret_is_kept_out_wherever_it_stands() {
        let text = "tiny/4a7d1ed4-0000-4000-8000-000000000001\npasswordpassword";
        assert_eq!(redacted("password", text), "[secret]/[secret]\n[secret][secret]");
    }

    #[test]
    fn credentials_of_the_cluster_are_kept_out_as_well() {
        let data = serde_json::json!({ "COUCHDB_USER": "cm9vdA==", "COUCHDB_PASSWORD": "YmVmb3Jl" });
        let secret = LiveObject::new(Kind::Secret, serde_json::json!({ "data": data }));
        let redactor = Redactor::of(&with_password("after")).and_stored(&StoredCredentials::of(Some(&secret)));
        // medic:after, root:before
        assert_eq!(
            redactor.redact("before after bWVkaWM6YWZ0ZXI= cm9vdDpiZWZvcmU="),
            "[secret] [secret] [secret]= [secret]="
        );
    }

    #[test]
    fn a_user_is_kept_out_unless_the_name_is_an_everyday_word() {
        let redactor = |user: &str| {
            let data = serde_json::json!({ "COUCHDB_USER": ByteString(user.as_bytes().to_vec()) });
            let secret = LiveObject::new(Kind::Secret, serde_json::json!({ "data": data }));
            Redactor::default().and_stored(&StoredCredentials::of(Some(&secret)))
        };
        assert_eq!(
            redactor("wanjiku").redact("http://wanjiku@haproxy, d2FuamlrdQ"),
            "http://[secret]@haproxy, [secret]"
        );
        assert_eq!(redactor("wanjiku").redact("d2FuamlrdQ=="), "[secret]==");
        assert_eq!(redactor("couchdb").redact("couchdb-1 as couchdb"), "couchdb-1 as couchdb");
    }

    #[test]
    fn what_is_too_short_or_empty_is_no_secret() {
        assert_eq!(redacted("abc", "abc medic:abc bWVkaWM6YWJj"), "abc medic:abc bWVkaWM6YWJj");
        assert_eq!(redacted("", "nothing is masked, bWVkaWM6"), "nothing is masked, bWVkaWM6");
    }

    #[test]
    fn errors_are_kept_clean() {
        let redactor = Redactor::of(&with_password("canary"));
        let object = ObjectKey::new(Kind::Secret, "county-a", "s");
        let message = "Invalid value: \"Y2FuYXJ5\": canary".to_owned();
        let errors = [
            ClusterError::Unreachable { reason: message.clone() },
            ClusterError::Unavailable { status: 500, message: message.clone(), retry_after: None },
            ClusterError::Unauthorized { message: message.clone() },
            ClusterError::Forbidden { object: "s".to_owned(), message: message.clone() },
            ClusterError::NamespaceUnavailable { object: object.clone(), message: message.clone() },
            ClusterError::Changed { object: object.clone(), message: message.clone() },
            ClusterError::Invalid { object: object.clone(), message: message.clone() },
            ClusterError::Malformed { reason: message },
        ];
        for error in errors {
            let shown = redactor.redact_error(error).to_string();
            assert!(shown.ends_with("Invalid value: \"[secret]\": [secret]"), "{shown}");
        }
        let fields = vec![FieldConflict { manager: "helm".to_owned(), field: ".data.X".to_owned() }];
        for error in [
            ClusterError::FieldConflict { object, fields },
            ClusterError::NotServed { kind: Kind::Secret },
            ClusterError::Expired,
            ClusterError::LockLost,
        ] {
            assert_eq!(redactor.redact_error(error.clone()), error);
        }
    }
}
