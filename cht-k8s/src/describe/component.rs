//! A component: its Deployment, and all that belongs to it.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, PersistentVolume, Pod, Service};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use serde::Serialize;

use super::happening::{Happening, happenings};
use super::pod::DescribedPod;
use super::probes::probes;
use super::service::DescribedService;
use crate::health::View;
use crate::redact::Redactor;
use crate::volumes::{ClaimedVolume, claimed};
use crate::{ComponentHealth, ComponentName};

/// A component: its Deployment, and all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedComponent {
    /// The component.
    pub component: ComponentName,
    /// The Deployment that runs it.
    pub deployment: String,
    /// How it is; none for what this project knows no more of.
    #[serde(skip)]
    pub health: Option<ComponentHealth>,
    /// What has deployed it, as its label says.
    pub managed_by: Option<String>,
    /// When the Deployment was made.
    pub created: Option<Timestamp>,
    /// How its pods are replaced.
    pub strategy: String,
    /// How many pods it has.
    pub replicas: Replicas,
    /// Its containers, as the next pod has them.
    pub containers: Vec<ContainerTemplate>,
    /// Its pods, by name.
    pub pods: Vec<DescribedPod>,
    /// The claims that they mount.
    pub claims: Vec<ClaimedVolume>,
    /// The Services that lead to them.
    pub services: Vec<DescribedService>,
    /// What has happened to it of late: warnings first, then the newest first.
    pub events: Vec<Happening>,
}

/// How many pods a component has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Replicas {
    /// How many it shall have.
    pub wanted: i32,
    /// How many are of the current template.
    pub updated: i32,
    /// How many are ready.
    pub ready: i32,
    /// How many are available.
    pub available: i32,
}

/// A container, as the next pod has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContainerTemplate {
    /// The container.
    pub container: String,
    /// Whether it runs before the others.
    pub is_init: bool,
    /// The image.
    pub image: String,
    /// What it requests, e.g. `cpu 100m, memory 256Mi`; empty where it requests nothing.
    pub requests: String,
    /// What it may use at most.
    pub limits: String,
    /// How it is probed, e.g. `ready: GET :5988/setup/poll every 10 s`.
    pub probes: Vec<String>,
}

/// What a component is described from.
pub(super) struct Surroundings<'a> {
    pub(super) view: &'a View,
    pub(super) services: &'a [Service],
    pub(super) volumes: &'a [PersistentVolume],
    pub(super) redactor: &'a Redactor,
    /// Whether these are all. Otherwise nothing that a container wrote is shown.
    pub(super) all_secrets: bool,
}

impl Surroundings<'_> {
    /// A text of a controller or a server, as it can be shown.
    pub(super) fn safe(&self, text: &str) -> String {
        self.redactor.redact(text.trim_end())
    }

    /// The same of a text that a container wrote.
    pub(super) fn written(&self, text: &str) -> String {
        if self.all_secrets { self.safe(text) } else { String::new() }
    }
}

impl DescribedComponent {
    pub(super) fn of(
        component: ComponentName,
        deployment: &Deployment,
        health: Option<ComponentHealth>,
        around: &Surroundings<'_>,
    ) -> Self {
        let (spec, status) =
            (deployment.spec.clone().unwrap_or_default(), deployment.status.clone().unwrap_or_default());
        let mut pods: Vec<&Pod> =
            around.view.pods.values().filter(|pod| ComponentName::of_pod(pod).as_ref() == Some(&component)).collect();
        pods.sort_by(|one, other| one.metadata.name.cmp(&other.metadata.name));
        let template = spec.template.spec.unwrap_or_default();
        let claim_names: Vec<_> = template
            .volumes
            .iter()
            .flatten()
            .filter_map(|volume| Some(volume.persistent_volume_claim.as_ref()?.claim_name.as_str()))
            .collect();
        let claims = claim_names.iter().filter_map(|name| around.view.claims.get(*name));
        let labels = spec.template.metadata.and_then(|metadata| metadata.labels).unwrap_or_default();
        Self {
            health: health.map(|health| health.redacted(around.redactor)),
            managed_by: label(&deployment.metadata, "app.kubernetes.io/managed-by"),
            created: deployment.metadata.creation_timestamp.as_ref().map(|time| time.0),
            strategy: spec.strategy.and_then(|strategy| strategy.type_).unwrap_or_else(|| "RollingUpdate".to_owned()),
            replicas: Replicas {
                wanted: spec.replicas.unwrap_or(1),
                updated: status.updated_replicas.unwrap_or_default(),
                ready: status.ready_replicas.unwrap_or_default(),
                available: status.available_replicas.unwrap_or_default(),
            },
            containers: template
                .init_containers
                .iter()
                .flatten()
                .map(|container| (container, true))
                .chain(template.containers.iter().map(|container| (container, false)))
                .map(|(container, is_init)| ContainerTemplate::of(container, is_init))
                .collect(),
            claims: claims.clone().map(|claim| claimed(claim, around.volumes, &pods)).collect(),
            services: around
                .services
                .iter()
                .filter_map(|service| DescribedService::of(service, &labels, &pods))
                .collect(),
            events: happenings(deployment, &pods, claims, around),
            pods: pods.iter().map(|pod| DescribedPod::of(pod, around)).collect(),
            deployment: deployment.metadata.name.clone().unwrap_or_default(),
            component,
        }
    }
}

fn label(metadata: &ObjectMeta, name: &str) -> Option<String> {
    metadata.labels.as_ref()?.get(name).cloned()
}

impl ContainerTemplate {
    fn of(container: &Container, is_init: bool) -> Self {
        let resources = container.resources.clone().unwrap_or_default();
        let listed = |amounts: Option<BTreeMap<String, Quantity>>| {
            let amounts = amounts.unwrap_or_default();
            amounts.iter().map(|(name, amount)| format!("{name} {}", amount.0)).collect::<Vec<_>>().join(", ")
        };
        Self {
            container: container.name.clone(),
            is_init,
            image: container.image.clone().unwrap_or_default(),
            requests: listed(resources.requests),
            limits: listed(resources.limits),
            probes: probes(container),
        }
    }
}
