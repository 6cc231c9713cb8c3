//! Who administers an instance: CouchDB's administrator, who is CHT's, too.

use cht_manifests::{Kind, ObjectKey};
use secrecy::{ExposeSecret, SecretString};

use crate::plan::StoredCredentials;
use crate::retry::reaching;
use crate::{Cluster, ClusterError};

/// An instance's administrator.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Who signs in.
    pub user: String,
    /// With this.
    pub password: SecretString,
}

/// The administrator of the instance in a namespace, by its Secret: [`CredentialsSecret::OWN`](cht_model::CredentialsSecret::OWN), or one that the values name.
/// Nobody where the Secret is not there, or names none.
///
/// # Errors
///
/// When the cluster does not answer or refuses.
pub async fn administrator(
    cluster: &dyn Cluster,
    namespace: &str,
    secret: &str,
) -> Result<Option<Administrator>, ClusterError> {
    let key = ObjectKey::new(Kind::Secret, namespace, secret);
    let live = reaching(&*cluster.clock(), || cluster.get(&key)).await?;
    let stored = StoredCredentials::of(live.as_ref());
    Ok(stored
        .get("COUCHDB_USER")
        .zip(stored.get("COUCHDB_PASSWORD"))
        .map(|(user, password)| Administrator { user: user.expose_secret().to_owned(), password: password.clone() }))
}

#[cfg(test)]
mod tests {
    use cht_model::CredentialsSecret;
    use futures::executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::LiveObject;
    use crate::sandbox::Sandbox;

    fn found(data: &serde_json::Value) -> Option<(String, String)> {
        let sandbox = Sandbox::new();
        let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "county-a" } });
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "data": data,
            "metadata": { "namespace": "county-a", "name": CredentialsSecret::OWN },
        });
        block_on(sandbox.create(&LiveObject::new(Kind::Namespace, namespace))).expect("a namespace");
        block_on(sandbox.create(&LiveObject::new(Kind::Secret, secret))).expect("a secret");
        let found = block_on(administrator(&sandbox, "county-a", CredentialsSecret::OWN)).expect("an answer");
        found.map(|found| (found.user, found.password.expose_secret().to_owned()))
    }

    #[test]
    fn it_takes_a_name_and_a_password() {
        let both = found(&json!({ "COUCHDB_USER": "bWVkaWM=", "COUCHDB_PASSWORD": "cGFzcw==" }));
        assert_eq!(both, Some(("medic".to_owned(), "pass".to_owned())));
        assert_eq!(found(&json!({ "COUCHDB_USER": "bWVkaWM=" })), None);
        assert_eq!(found(&json!({ "COUCHDB_USER": "bWVkaWM=", "COUCHDB_PASSWORD": "" })), None);
    }

    #[test]
    fn without_a_secret_there_is_nobody() {
        let nobody = block_on(administrator(&Sandbox::new(), "county-a", CredentialsSecret::OWN));
        assert!(nobody.expect("an answer").is_none());
    }
}
