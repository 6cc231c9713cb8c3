//! Removing what a test left on the cluster.

use k8s_openapi::api::core::v1::{Namespace, PersistentVolume, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ListParams};
use kube::{Api, Client, Error, ResourceExt as _};

use super::OWNER_LABEL;

/// Deletes the namespace and what is the test's outside it, without waiting for the API server to finish.
pub(super) async fn clean_up(client: Client, namespace: &str) -> Result<(), Error> {
    unless_gone(Api::<Namespace>::all(client.clone()).delete(namespace, &DeleteParams::background()).await)?;
    // Nobody plays the kubelet for these pods any more: without grace they need none, and keep the namespace no longer.
    // From here on nothing can be created in the namespace, so none come after.
    let pods = Api::<Pod>::namespaced(client.clone(), namespace);
    unless_gone(pods.delete_collection(&DeleteParams::default().grace_period(0), &ListParams::default()).await)?;

    let volumes = Api::<PersistentVolume>::all(client.clone());
    for volume in volumes.list(&ListParams::default()).await? {
        if belongs_to(&volume, namespace) {
            unless_gone(volumes.delete(&volume.name_any(), &DeleteParams::default()).await)?;
        }
    }
    let classes = Api::<StorageClass>::all(client);
    let owned = ListParams::default().labels(&format!("{OWNER_LABEL}={namespace}"));
    classes.delete_collection(&DeleteParams::default(), &owned).await?;
    Ok(())
}

/// Volumes of programs under test bear no label of ours, but a name or a claim that tells: no two tests' namespaces
/// share a name, nor is one part of another.
fn belongs_to(volume: &PersistentVolume, namespace: &str) -> bool {
    let claimed = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref()?.namespace.as_deref());
    claimed == Some(namespace)
        || volume.labels().get(OWNER_LABEL).is_some_and(|owner| owner == namespace)
        || volume.name_any().contains(namespace)
}

fn unless_gone<T>(result: Result<T, Error>) -> Result<(), Error> {
    match result {
        Err(Error::Api(status)) if status.is_not_found() => Ok(()),
        other => other.map(drop),
    }
}
