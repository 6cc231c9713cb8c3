//! What CouchDB's administrator signs in with, and what binds the nodes together. None of it is ever shown.

use std::fmt;

use secrecy::SecretString;

use crate::couch_url::CouchUrl;
use crate::{DatabaseName, SecretName};

/// One of the credentials that may be left out of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKey {
    /// `couchdb.password`, the administrator's password.
    Password,
    /// `couchdb.secret`, the secret that CouchDB signs cookies with.
    Secret,
    /// `couchdb.uuid`, the identity of the CouchDB server.
    Uuid,
}

impl CredentialKey {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Password, Self::Secret, Self::Uuid];

    /// The key in the Secret.
    pub const fn secret_key(self) -> &'static str {
        match self {
            Self::Password => "COUCHDB_PASSWORD",
            Self::Secret => "COUCHDB_SECRET",
            Self::Uuid => "COUCHDB_UUID",
        }
    }

    /// The key in the values file.
    pub fn values_key(self) -> &'static str {
        match self {
            Self::Password => "couchdb.password",
            Self::Secret => "couchdb.secret",
            Self::Uuid => "couchdb.uuid",
        }
    }
}

/// The Secret that CHT's pods read CouchDB's credentials from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsSecret {
    /// `cht-couchdb-credentials`, which belongs to the instance.
    Own,
    /// One that someone else manages (`couchdb.existing_secret`).
    Existing(SecretName),
}

impl CredentialsSecret {
    /// The name of an instance's own Secret.
    pub const OWN: &'static str = "cht-couchdb-credentials";

    /// The Secret's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Own => Self::OWN,
            Self::Existing(name) => name.as_str(),
        }
    }

    /// Whether someone else manages it.
    pub fn is_existing(&self) -> bool {
        matches!(self, Self::Existing(_))
    }
}

/// CouchDB's credentials. What is missing is generated at the first deploy and read back from the cluster ever after.
#[derive(Clone)]
pub struct Credentials {
    user: SecretString,
    password: Option<SecretString>,
    secret: Option<SecretString>,
    uuid: Option<SecretString>,
}

impl Credentials {
    pub(crate) fn new(
        user: SecretString,
        password: Option<SecretString>,
        secret: Option<SecretString>,
        uuid: Option<SecretString>,
    ) -> Self {
        Self { user, password, secret, uuid }
    }

    /// The administrator's name.
    pub fn user(&self) -> &SecretString {
        &self.user
    }

    /// One of the credentials, where it is known.
    pub fn get(&self, key: CredentialKey) -> Option<&SecretString> {
        match key {
            CredentialKey::Password => self.password.as_ref(),
            CredentialKey::Secret => self.secret.as_ref(),
            CredentialKey::Uuid => self.uuid.as_ref(),
        }
    }

    /// The credentials that the values leave out.
    pub fn missing(&self) -> impl Iterator<Item = CredentialKey> {
        CredentialKey::ALL.into_iter().filter(|key| self.get(*key).is_none())
    }

    /// The credentials with each missing one filled in.
    #[must_use]
    pub fn completed(mut self, mut fill: impl FnMut(CredentialKey) -> SecretString) -> Self {
        for key in CredentialKey::ALL {
            let slot = match key {
                CredentialKey::Password => &mut self.password,
                CredentialKey::Secret => &mut self.secret,
                CredentialKey::Uuid => &mut self.uuid,
            };
            slot.get_or_insert_with(|| fill(key));
        }
        self
    }

    /// The URL by which CHT reaches its database through HAProxy at `authority` (host and port), where the password is
    /// known.
    /// User and password are percent-encoded; the path has exactly one segment.
    pub fn couch_url(&self, authority: &str, database: &DatabaseName) -> Option<SecretString> {
        let password = self.password.as_ref()?;
        Some(CouchUrl { user: &self.user, password, authority, database }.compose())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing: Vec<_> = self.missing().collect();
        f.debug_struct("Credentials").field("missing", &missing).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn credentials(password: &str) -> Credentials {
        Credentials::new("medic".into(), Some(password.into()), None, None)
    }

    #[test]
    fn what_is_given_is_kept_and_what_is_missing_is_filled() {
        let complete = credentials("given").completed(|key| key.secret_key().into());
        let shown: Vec<_> = CredentialKey::ALL
            .iter()
            .map(|key| complete.get(*key).expect("completed").expose_secret().to_owned())
            .collect();
        assert_eq!(shown, ["given", "COUCHDB_SECRET", "COUCHDB_UUID"]);
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?}", credentials("canary"));
        assert!(!shown.contains("canary") && !shown.contains("medic"), "{shown}");
    }
}
