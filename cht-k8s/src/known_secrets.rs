//! The secrets that the pods of a namespace know, so that nothing that is shown of them holds one.

use std::collections::BTreeSet;

use cht_manifests::{Kind, ObjectKey};
use cht_model::{CredentialsSecret, Instance};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use crate::plan::StoredCredentials;
use crate::redact::Redactor;
use crate::retry::retrying;
use crate::{Cluster, ClusterError};

/// The secrets of an instance's values, where there are some, and of every Secret that containers of these pods read.
pub(crate) struct KnownSecrets {
    pub(crate) redactor: Redactor,
    /// Whether the values have every credential, so that the cluster's may stay unread.
    values_suffice: bool,
    /// Why the cluster's could not be read, where there may be others than the values have.
    pub(crate) unread: Option<ClusterError>,
}

impl KnownSecrets {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// When the cluster does not answer. That it refuses is noted.
    pub(crate) async fn read<'a>(
        cluster: &dyn Cluster,
        namespace: &str,
        instance: Option<&Instance>,
        pods: impl IntoIterator<Item = &'a Pod>,
    ) -> Result<Self, ClusterError> {
        let values_suffice = instance.is_some_and(|instance| instance.couchdb().credentials.missing().next().is_none());
        let redactor = instance.map(Redactor::of).unwrap_or_default();
        let mut known = Self { redactor, values_suffice, unread: None };
        known.add(cluster, namespace, pods).await?;
        Ok(known)
    }

    /// Also those of other pods.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) async fn add<'a>(
        &mut self,
        cluster: &dyn Cluster,
        namespace: &str,
        pods: impl IntoIterator<Item = &'a Pod>,
    ) -> Result<(), ClusterError> {
        let specs = pods.into_iter().filter_map(|pod| pod.spec.as_ref());
        let mut names: BTreeSet<_> = specs.flat_map(secrets_of).collect();
        names.insert(CredentialsSecret::OWN.to_owned());
        let clock = cluster.clock();
        let read = try_join_all(names.iter().map(|name| {
            let (key, clock) = (ObjectKey::new(Kind::Secret, namespace, name), &clock);
            async move { retrying(&**clock, || cluster.get(&key)).await }
        }));
        match read.await {
            Ok(secrets) => {
                for secret in secrets {
                    let stored = StoredCredentials::of(secret.as_ref());
                    self.redactor = std::mem::take(&mut self.redactor).and_stored(&stored);
                }
                Ok(())
            }
            Err(error @ ClusterError::Forbidden { .. }) => {
                self.unread = Some(error).filter(|_| !self.values_suffice);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// The names of the Secrets that containers of a pod read.
fn secrets_of(pod: &PodSpec) -> Vec<String> {
    let containers = pod.init_containers.iter().flatten().chain(&pod.containers);
    containers
        .flat_map(|container| {
            let variables = container.env.iter().flatten();
            let keys = variables.filter_map(|variable| variable.value_from.as_ref()?.secret_key_ref.as_ref());
            let sources = container.env_from.iter().flatten().filter_map(|source| source.secret_ref.as_ref());
            keys.map(|key| key.name.clone()).chain(sources.map(|source| source.name.clone())).collect::<Vec<_>>()
        })
        .collect()
}
