//! Looks at components.

use std::collections::BTreeMap;

use cht_manifests::Kind;
use cht_model::Instance;
use futures::future::try_join_all;
use futures::try_join;
use k8s_openapi::api::core::v1::{PersistentVolume, Service};
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;

use super::component::{DescribedComponent, Surroundings};
use crate::health::{Expected, View, assess};
use crate::known_secrets::KnownSecrets;
use crate::listed::{listed, permitted};
use crate::retry::reaching;
use crate::{Cluster, ComponentName, LookError};

/// All there is to know about components, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// When it was looked, by the cluster's clock.
    pub at: Timestamp,
    /// The components, in the order in which they start.
    pub components: Vec<DescribedComponent>,
    /// What is not known, and why.
    pub notes: Vec<String>,
}

/// Describes components of a namespace, whoever deployed them; without any, all. It reads only, and asks no service: how a
/// component is, is what its pods tell.
///
/// # Errors
///
/// [`LookError`] when the cluster does not answer or refuses, or has no such component. What this user may not see besides
/// is noted.
pub async fn describe(
    cluster: &dyn Cluster,
    namespace: &str,
    instance: Option<&Instance>,
    components: &[ComponentName],
) -> Result<Description, LookError> {
    let clock = cluster.clock();
    let lists = try_join_all(View::KINDS.map(|kind| {
        let clock = &clock;
        async move {
            let listing = reaching(&**clock, || cluster.list(kind, Some(namespace))).await?;
            Ok((kind, listing.items))
        }
    }));
    let (lists, services, volumes) = try_join!(
        lists,
        listed::<Service>(cluster, Kind::Service, Some(namespace)),
        permitted::<PersistentVolume>(cluster, Kind::PersistentVolume, None),
    )?;
    let at = clock.now();
    let mut view = View::default();
    for (kind, items) in lists {
        view.reset(kind, items, at);
    }

    let deployments: BTreeMap<_, _> = view
        .deployments
        .values()
        .filter_map(|deployment| Some((ComponentName::of_deployment(deployment)?, deployment)))
        .collect();
    let there: Vec<_> = deployments.keys().cloned().collect();
    if there.is_empty() {
        return Err(LookError::Nothing { namespace: namespace.to_owned() });
    }
    let mut wanted = Vec::new();
    for name in components {
        wanted.extend(name.among(&there)?);
    }
    let is_wanted = |name: &ComponentName| components.is_empty() || wanted.contains(name);

    let mut notes = Vec::new();
    let secrets = KnownSecrets::read(cluster, namespace, instance, view.pods.values()).await?;
    if secrets.unread.is_some() {
        notes.push(
            "this user may not see Secrets: what containers said at their end is left out, it may hold them".to_owned(),
        );
    }
    if volumes.is_none() {
        notes.push("this user may not see volumes (PersistentVolume): where the data is, is not known".to_owned());
    }
    let health = assess(&view, &Expected::found(namespace, &view), at);
    let surroundings = Surroundings {
        view: &view,
        services: &services,
        volumes: volumes.as_deref().unwrap_or_default(),
        redactor: &secrets.redactor,
        all_secrets: secrets.unread.is_none(),
    };
    let described = deployments.into_iter().filter(|(name, _)| is_wanted(name)).map(|(name, deployment)| {
        let health = health.iter().find(|one| Some(one.object.name.as_str()) == deployment.metadata.name.as_deref());
        DescribedComponent::of(name, deployment, health.cloned(), &surroundings)
    });
    Ok(Description { at, components: described.collect(), notes })
}
