//! The credentials that the values leave out: read back from the cluster, or made at the first deploy.

use cht_manifests::{Kind, Manifests, Object, ObjectKey};
use cht_model::{CredentialKey, CredentialsSecret, Instance};
use k8s_openapi::api::core::v1::Secret;
use secrecy::{ExposeSecret, SecretString};

use crate::retry::retrying;
use crate::{Cluster, ClusterError, LiveObject};

/// CHT's images take letters and digits only without trouble: `/` breaks the health check, others have broken URLs.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 24 letters and digits are 142 bits.
const PASSWORD_LENGTH: usize = 24;

/// The machine has no randomness to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random numbers can be had from this machine, so no password can be made")]
pub struct NoRandomness;

/// The credentials that a Secret holds.
#[derive(Default)]
pub(crate) struct StoredCredentials(std::collections::BTreeMap<String, SecretString>);

impl StoredCredentials {
    /// Those of a live Secret; none where there is no Secret, or no text in it.
    pub(crate) fn of(live: Option<&LiveObject>) -> Self {
        Self::in_secret(live.and_then(|live| live.decode().ok()).unwrap_or_default())
    }

    /// Those of the wanted Secret; none where it is not among these objects.
    pub(crate) fn wanted(manifests: &Manifests) -> Self {
        let secret = manifests.iter().find_map(|manifest| match &manifest.object {
            Object::Secret(secret) if manifest.object.name() == CredentialsSecret::OWN => Some((**secret).clone()),
            _ => None,
        });
        Self::in_secret(secret.unwrap_or_default())
    }

    fn in_secret(secret: Secret) -> Self {
        let data = secret.data.unwrap_or_default().into_iter();
        Self(data.filter_map(|(key, value)| Some((key, String::from_utf8(value.0).ok()?.into()))).collect())
    }

    /// Those of an instance's Secret.
    pub(crate) async fn read(cluster: &dyn Cluster, instance: &Instance) -> Result<Self, ClusterError> {
        let secret = instance.couchdb().credentials_secret.name();
        let key = ObjectKey::new(Kind::Secret, instance.namespace().as_str(), secret);
        let secret = retrying(&*cluster.clock(), || cluster.get(&key)).await?;
        Ok(Self::of(secret.as_ref()))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&SecretString> {
        self.0.get(key).filter(|value| !value.expose_secret().is_empty())
    }

    /// These, with those of the others that these lack.
    pub(crate) fn or(mut self, others: Self) -> Self {
        for (key, value) in others.0 {
            self.0.entry(key).or_insert(value);
        }
        self
    }

    /// The credentials that neither these nor the instance have.
    pub(super) fn lacking(&self, instance: &Instance) -> impl Iterator<Item = CredentialKey> {
        instance.couchdb().credentials.missing().filter(|key| self.get(key.secret_key()).is_none())
    }

    /// The instance with every credential: its own, else the stored one, else a new one.
    pub(crate) fn complete(&self, instance: Instance) -> Result<Instance, NoRandomness> {
        let mut failure = Ok(());
        let complete = instance.with_credentials(|key| {
            if let Some(stored) = self.get(key.secret_key()) {
                return stored.clone();
            }
            generate_credential(key).unwrap_or_else(|error| {
                failure = Err(error);
                SecretString::default()
            })
        });
        failure.map(|()| complete)
    }
}

/// A new credential, hard to guess: a password of letters and digits, which every image takes, or a UUID.
///
/// # Errors
/// [`NoRandomness`] when the machine has no random numbers to offer.
pub fn generate_credential(key: CredentialKey) -> Result<SecretString, NoRandomness> {
    match key {
        CredentialKey::Password => password(),
        CredentialKey::Secret | CredentialKey::Uuid => uuid(),
    }
}

fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

fn password() -> Result<SecretString, NoRandomness> {
    let mut password = String::with_capacity(PASSWORD_LENGTH);
    while password.len() < PASSWORD_LENGTH {
        // Only the first 248 = 4 × 62 values are used, so that every character is equally likely.
        let usable = random::<32>()?.into_iter().filter(|byte| *byte < 248);
        let characters = usable.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        password.extend(characters.take(PASSWORD_LENGTH - password.len()));
    }
    Ok(password.into())
}

/// A random UUID (RFC 9562, version 4).
fn uuid() -> Result<SecretString, NoRandomness> {
    let mut number = u128::from_be_bytes(random::<16>()?);
    number = number & !(0xf << 76) | (0x4 << 76);
    number = number & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{number:032x}");
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_letters_and_digits() {
        let password = password().expect("randomness");
        assert_eq!(password.expose_secret().len(), PASSWORD_LENGTH);
        assert!(password.expose_secret().bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn uuids_are_of_version_4_and_differ() {
        let (one, other) = (uuid().expect("randomness"), uuid().expect("randomness"));
        let parts: Vec<_> = one.expose_secret().split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&one.expose_secret()[14..15], "4");
        assert!("89ab".contains(&one.expose_secret()[19..20]));
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
