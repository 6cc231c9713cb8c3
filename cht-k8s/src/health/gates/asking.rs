//! One question to one service, and what comes of it.

use cht_manifests::Component;
use cht_model::CredentialKey;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::super::expected::Expected;
use super::answers::Hurdle;
use super::question::Question;
use super::{api, couchdb, haproxy};
use crate::plan::StoredCredentials;
use crate::{Cluster, ClusterError, ServiceAnswer, ServiceRequest, ServiceResponse};

/// What is known of an instance's services before they are asked.
pub(crate) struct Services {
    pub(super) expected: Expected,
    login: Option<SecretString>,
    /// The version of the values, where it is a release.
    version: Option<String>,
}

impl Services {
    /// Those of an instance of this version, whose CouchDB has these credentials.
    pub(crate) fn of(version: &str, credentials: &StoredCredentials, expected: &Expected) -> Self {
        let (user, password) = (credentials.get("COUCHDB_USER"), credentials.get(CredentialKey::Password.secret_key()));
        let login = user.zip(password).map(|(user, password)| {
            json!({ "name": user.expose_secret(), "password": password.expose_secret() }).to_string().into()
        });
        let version = Some(version).filter(|version| is_release(version)).map(str::to_owned);
        Self { expected: expected.clone(), login, version }
    }
}

/// Whether a version is one that CHT reports of itself; branches report others.
fn is_release(version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    version.split('.').count() == 3 && version.split('.').all(is_number)
}

/// What comes of a question.
#[derive(Debug)]
pub(super) enum Asked {
    /// It serves.
    Yes,
    /// It is there, and does not serve yet.
    NotYet(Hurdle),
    /// Nobody is there yet who could say.
    Nobody(Hurdle),
    /// Whoever is there, or a filter before him, turns away whoever comes.
    TurnedAway { hurdle: Hurdle, why: String },
    /// It may serve, and does not tell whoever asks here.
    Unknown { what: &'static str, why: &'static str },
    /// It was not reached.
    Unreached(Hindrance, String),
    /// Whoever asks may not ask.
    Refused(String),
    /// The API server itself had no time.
    Busy(String),
}

/// What is in the way to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// There is no way.
    NoRoute,
    /// No answer in time.
    Silence,
    /// Something in between that only says that it did not work.
    Gateway,
}

/// Asks one service after the other.
pub(super) struct Caller<'a> {
    pub(super) cluster: &'a dyn Cluster,
    pub(super) services: &'a Services,
}

impl Caller<'_> {
    /// Asks a question. `cookie` is that of the last session with who is asked. Also answers with what a person should know
    /// besides.
    pub(super) async fn ask(
        &self,
        question: Question,
        cookie: &mut Option<SecretString>,
        briefly: bool,
    ) -> (Asked, Option<String>) {
        let asked = match question {
            Question::Joined => return couchdb::joined(self, &couchdb::names(&self.services.expected), cookie).await,
            Question::Serves(node @ Component::CouchDb(_)) => couchdb::serves(self, node, cookie).await,
            Question::Serves(Component::Api) => api::serves(self).await,
            Question::Serves(_) => haproxy::serves(self).await,
        };
        let version = self.services.version.as_deref().filter(|_| !briefly);
        match (question, asked, version) {
            (Question::Serves(Component::Api), Asked::Yes, Some(version)) => {
                (Asked::Yes, api::other_version(self, version).await)
            }
            (_, asked, _) => (asked, None),
        }
    }

    /// What logs in to CouchDB, where it is known.
    pub(super) fn login(&self) -> Option<&SecretString> {
        self.services.login.as_ref()
    }

    /// What a component answers to a path.
    ///
    /// # Errors
    ///
    /// What it comes to where it does not answer.
    pub(super) async fn get(
        &self,
        component: Component,
        path: &str,
        cookie: Option<&SecretString>,
    ) -> Result<ServiceResponse, Asked> {
        self.call(component, |namespace, service, port| {
            let request = ServiceRequest::get(namespace, service, port, path);
            ServiceRequest { cookie: cookie.cloned(), ..request }
        })
        .await
    }

    /// What a component answers to JSON sent to a path.
    ///
    /// # Errors
    ///
    /// As [`Caller::get`].
    pub(super) async fn post(
        &self,
        component: Component,
        path: &str,
        body: SecretString,
    ) -> Result<ServiceResponse, Asked> {
        self.call(component, |namespace, service, port| ServiceRequest::post(namespace, service, port, path, body))
            .await
    }

    async fn call(
        &self,
        component: Component,
        request: impl FnOnce(&str, &str, u16) -> ServiceRequest,
    ) -> Result<ServiceResponse, Asked> {
        let expected = &self.services.expected;
        let Some(door) = expected.doors.get(&component) else {
            return Err(Asked::Nobody(Hurdle::new("it has no Service to be asked through")));
        };
        let request = request(&expected.namespace, &door.service, door.port);
        match self.cluster.call(&request).await {
            Ok(ServiceAnswer::Answered(response)) => Ok(response),
            Ok(ServiceAnswer::NotListening { reason }) => {
                let hurdle = Hurdle::new(format!("it runs, and does not listen on port {} yet", door.port));
                Err(Asked::TurnedAway { hurdle, why: reason })
            }
            Ok(ServiceAnswer::NoEndpoints) => {
                Err(Asked::Nobody(Hurdle::new(format!("it runs, and {} does not lead to it yet", request.service))))
            }
            Ok(ServiceAnswer::NoRoute { reason }) => Err(Asked::Unreached(Hindrance::NoRoute, reason)),
            Ok(ServiceAnswer::Silent { reason }) => Err(Asked::Unreached(Hindrance::Silence, reason)),
            Ok(ServiceAnswer::Gateway { reason }) => Err(Asked::Unreached(Hindrance::Gateway, reason)),
            Err(error) if error.is_transient() => Err(Asked::Busy(error.to_string())),
            Err(error) => Err(Asked::Refused(refusal(&error))),
        }
    }
}

fn refusal(error: &ClusterError) -> String {
    match error {
        ClusterError::Forbidden { message, .. } => {
            format!("this user may not use the proxy of Services (get and create of services/proxy): {message}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_from_branches() {
        for release in ["4.22.0", "5.3.0", "5.10.12"] {
            assert!(is_release(release), "{release}");
        }
        for branch in ["master", "5.3.x", "5.3", "5.3.0-beta.1", "10481-nouveau", "5..0"] {
            assert!(!is_release(branch), "{branch}");
        }
    }
}
