//! What an instance is expected to consist of, as far as its health depends on it.

use std::collections::BTreeMap;

use cht_manifests::{Component, Manifests, Object};
use k8s_openapi::api::apps::v1::Deployment;

use super::view::View;
use crate::ComponentName;

/// What an instance is expected to consist of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expected {
    pub(crate) namespace: String,
    /// The Secret that CouchDB is signed in to with.
    pub(super) credentials: String,
    pub(super) workloads: Vec<Workload>,
    /// Where the components are asked whether they serve.
    pub(super) doors: BTreeMap<Component, Door>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Workload {
    pub(super) component: Component,
    pub(super) deployment: String,
    pub(super) claims: Vec<String>,
    /// The generation that the deploy made, so that a state from before it is not taken for its result.
    pub(super) generation: i64,
}

/// Where a component is asked: a Service with its first port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Door {
    pub(super) service: String,
    pub(super) port: u16,
}

impl Expected {
    pub(crate) fn of(namespace: &str, manifests: &Manifests) -> Self {
        let workloads = manifests.iter().filter_map(|manifest| match &manifest.object {
            Object::Deployment(deployment) => Some(Workload {
                component: manifest.component,
                deployment: manifest.object.name().to_owned(),
                claims: claims(deployment),
                generation: 0,
            }),
            _ => None,
        });
        let doors = manifests.iter().filter_map(|manifest| {
            let component = manifest.component;
            // Other Services of a component are for others than this project: Nouveau's stands beside CouchDB's.
            let is_asked = matches!(component, Component::CouchDb(_) | Component::HaProxy | Component::Api)
                && manifest.object.name() == component.to_string();
            let Object::Service(service) = &manifest.object else { return None };
            let port = service.spec.as_ref()?.ports.as_ref()?.first()?.port;
            let door = Door { service: manifest.object.name().to_owned(), port: port.try_into().ok()? };
            is_asked.then_some((component, door))
        });
        Self {
            namespace: namespace.to_owned(),
            credentials: manifests.credentials_secret().to_owned(),
            doors: doors.collect(),
            workloads: workloads.collect(),
        }
    }

    /// What a namespace has, whoever has deployed it. Nobody is asked whether he serves.
    pub(crate) fn found(namespace: &str, view: &View) -> Self {
        let mut workloads: Vec<_> = view
            .deployments
            .values()
            .filter_map(|deployment| {
                let component = ComponentName::of_deployment(deployment)?;
                let workload = Workload {
                    component: component.as_str().parse().ok()?,
                    deployment: deployment.metadata.name.clone()?,
                    claims: claims(deployment),
                    generation: 0,
                };
                Some((component, workload))
            })
            .collect();
        workloads.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self {
            namespace: namespace.to_owned(),
            credentials: String::new(),
            doors: BTreeMap::new(),
            workloads: workloads.into_iter().map(|(_, workload)| workload).collect(),
        }
    }

    /// From here on, nothing before this generation of a Deployment counts.
    pub(crate) fn at_least(&mut self, deployment: &str, generation: i64) {
        if let Some(workload) = self.workloads.iter_mut().find(|workload| workload.deployment == deployment) {
            workload.generation = generation;
        }
    }

    pub(super) fn components(&self) -> Vec<Component> {
        self.workloads.iter().map(|workload| workload.component).collect()
    }

    /// CouchDB's nodes, where they are a cluster.
    pub(super) fn cluster(&self) -> impl Iterator<Item = &Workload> {
        self.workloads.iter().filter(|workload| matches!(workload.component, Component::CouchDb(Some(_))))
    }
}

/// The claims that a Deployment's pods mount.
fn claims(deployment: &Deployment) -> Vec<String> {
    let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let volumes = pod.into_iter().flat_map(|pod| pod.volumes.iter().flatten());
    volumes.filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use cht_manifests::manifests;

    use super::*;
    use crate::health::testing::{K3D, instance};

    #[test]
    fn who_serves_is_asked_at_the_port_that_the_values_give() {
        let instance = instance(K3D, &["api.port=6000"]);
        let expected = Expected::of("county-a", &manifests(&instance));
        let doors: Vec<_> = expected
            .doors
            .iter()
            .map(|(component, door)| format!("{component} at {}:{}", door.service, door.port))
            .collect();
        assert_eq!(doors, ["couchdb at couchdb:5984", "haproxy at haproxy:5984", "api at api:6000"]);
        assert_eq!(expected.cluster().count(), 0);
    }
}
