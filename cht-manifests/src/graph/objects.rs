//! Reads the graph out of the rendered objects.

use std::collections::{BTreeMap, BTreeSet};

use cht_model::NamespaceName;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Service};
use k8s_openapi::api::networking::v1::{Ingress, IngressSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::model::{Fact, Link, Part, PartId, PartKind, Relation};
use super::{calls, volumes};
use crate::{Component, Manifest, Manifests, Object, storage};

const CLIENT: &str = "people";

/// The parts that the objects are, and what leads where.
pub(super) fn read(manifests: &Manifests, namespace: &NamespaceName) -> (Vec<Part>, Vec<Link>) {
    let mut reader = Reader::default();
    for manifest in manifests {
        reader.parts_of(manifest);
    }
    let configuration: Vec<&ConfigMap> = manifests
        .iter()
        .filter_map(|manifest| match &manifest.object {
            Object::ConfigMap(map) => Some(&**map),
            _ => None,
        })
        .collect();
    for manifest in manifests {
        reader.links_of(manifest, manifests, &configuration, namespace);
    }
    reader.come_in(manifests);
    reader.links_between_parts()
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    links: Vec<Link>,
}

impl Reader {
    fn add(&mut self, component: Component, id: PartId, title: impl Into<String>, facts: Vec<Fact>) -> &mut Part {
        self.parts.push(Part { id, component, title: title.into(), facts, within: None, state: None });
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    fn link(&mut self, from: PartId, to: PartId, relation: Relation, purpose: &'static str) {
        self.links.push(Link { from, to, relation, purpose });
    }

    fn parts_of(&mut self, manifest: &Manifest) {
        let (component, name) = (manifest.component, manifest.object.name());
        match &manifest.object {
            Object::Ingress(ingress) => {
                self.add(component, PartId::new(PartKind::Ingress, name), name, way_in(ingress));
            }
            Object::Service(service) => {
                self.add(component, PartId::new(PartKind::Service, name), name, vec![ports(service)]);
            }
            Object::Deployment(deployment) => self.deployment(component, name, deployment),
            Object::PersistentVolumeClaim(claim) => self.claim(component, name, claim),
            Object::PersistentVolume(volume) => {
                let facts = volume.spec.as_ref().map(volumes::of_volume).unwrap_or_default();
                self.add(component, PartId::new(PartKind::Volume, name), name, facts);
            }
            // Others neither call nor are called, and hold no data of the instance.
            _ => {}
        }
    }

    fn deployment(&mut self, component: Component, name: &str, deployment: &Deployment) {
        let id = PartId::new(PartKind::Deployment, name);
        let Some(spec) = &deployment.spec else { return };
        let Some(pod) = &spec.template.spec else { return };
        let mut containers = pod.containers.iter();
        let mut facts: Vec<_> =
            containers.next().and_then(|first| first.image.as_deref()).map(image).into_iter().collect();
        let replicas = match spec.replicas.unwrap_or(1) {
            1 => "1 replica".to_owned(),
            replicas => format!("{replicas} replicas"),
        };
        let node = pod.node_selector.as_ref().and_then(|selector| selector.get(storage::HOSTNAME));
        facts.push(Fact::new(node.map_or(replicas.clone(), |node| format!("{replicas} on {node}"))));
        self.add(component, id.clone(), component.to_string(), facts);
        for container in containers {
            let inner = PartId::new(PartKind::Container, format!("{name}/{}", container.name));
            let facts = container.image.as_deref().map(image).into_iter().collect();
            self.add(component, inner, &container.name, facts).within = Some(id.clone());
        }
        for volume in pod.volumes.iter().flatten() {
            let kept_in = if let Some(claim) = &volume.persistent_volume_claim {
                PartId::new(PartKind::Claim, &claim.claim_name)
            } else if let Some(host) = &volume.host_path {
                let folder = PartId::new(PartKind::Volume, format!("{name}/{}", volume.name));
                self.add(component, folder.clone(), &volume.name, vec![volumes::folder(&host.path)]);
                folder
            } else {
                continue;
            };
            self.link(id.clone(), kept_in, Relation::Keeps, "");
        }
    }

    fn claim(&mut self, component: Component, name: &str, claim: &PersistentVolumeClaim) {
        let id = PartId::new(PartKind::Claim, name);
        let spec = claim.spec.clone().unwrap_or_default();
        self.add(component, id.clone(), name, volumes::of_claim(&spec));
        let volume = if let Some(volume) = &spec.volume_name {
            PartId::new(PartKind::Volume, volume)
        } else {
            let made = PartId::new(PartKind::Volume, format!("for {name}"));
            self.add(component, made.clone(), "volume", vec![volumes::provisioned(&spec)]);
            made
        };
        self.link(id, volume, Relation::Keeps, "");
    }

    fn links_of(
        &mut self,
        manifest: &Manifest,
        manifests: &Manifests,
        configuration: &[&ConfigMap],
        namespace: &NamespaceName,
    ) {
        let name = manifest.object.name();
        match &manifest.object {
            Object::Ingress(ingress) => {
                for service in backends(ingress.spec.as_ref()) {
                    let service = PartId::new(PartKind::Service, service);
                    self.link(PartId::new(PartKind::Ingress, name), service, Relation::Calls, "");
                }
            }
            Object::Service(service) => {
                for answers in behind(service, manifests) {
                    self.link(PartId::new(PartKind::Service, name), answers, Relation::Leads, "");
                }
            }
            Object::Deployment(deployment) => {
                let pod = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
                let containers = pod.map(|pod| pod.containers.as_slice()).unwrap_or_default();
                let is_couchdb = matches!(manifest.component, Component::CouchDb(_));
                let built_in = is_couchdb && !containers.iter().any(calls::knows_nouveau);
                let told = containers.iter().flat_map(|container| calls::of(container, configuration, namespace));
                for call in told.chain(built_in.then(calls::built_in)) {
                    let service = PartId::new(PartKind::Service, call.service);
                    self.link(PartId::new(PartKind::Deployment, name), service, call.relation, call.purpose);
                }
            }
            _ => {}
        }
    }

    /// Who comes from outside, where something lets them in: an Ingress, else a Service that is reached from there.
    fn come_in(&mut self, manifests: &Manifests) {
        let ways = |wanted: fn(&Object) -> Option<PartKind>| -> Vec<PartId> {
            let objects = manifests.iter().map(|manifest| &manifest.object);
            objects.filter_map(|object| Some(PartId::new(wanted(object)?, object.name()))).collect()
        };
        let mut doors = ways(|object| matches!(object, Object::Ingress(_)).then_some(PartKind::Ingress));
        if doors.is_empty() {
            doors = ways(|object| match object {
                Object::Service(service) => is_outside(service).then_some(PartKind::Service),
                _ => None,
            });
        }
        if doors.is_empty() {
            return;
        }
        let client = PartId::new(PartKind::Client, CLIENT);
        let facts = vec![Fact::new("phones and browsers")];
        self.add(Component::Instance, client.clone(), "People", facts);
        self.parts.rotate_right(1);
        for door in doors {
            self.link(client.clone(), door, Relation::Calls, "");
        }
    }

    /// What leads to no part is not shown: others run it.
    fn links_between_parts(self) -> (Vec<Part>, Vec<Link>) {
        let ids: BTreeSet<_> = self.parts.iter().map(|part| &part.id).collect();
        let mut links: Vec<Link> = Vec::new();
        for link in self.links {
            if ids.contains(&link.from) && ids.contains(&link.to) && !links.contains(&link) {
                links.push(link);
            }
        }
        (self.parts, links)
    }
}

/// An image by what tells it from the others of an instance: its name and tag.
fn image(image: &str) -> Fact {
    let short = image.rsplit('/').next().unwrap_or(image);
    Fact { text: short.to_owned(), whole: (short != image).then(|| image.to_owned()) }
}

fn way_in(ingress: &Ingress) -> Vec<Fact> {
    let spec = ingress.spec.clone().unwrap_or_default();
    let mut facts: Vec<_> =
        spec.rules.iter().flatten().map(|rule| Fact::new(rule.host.as_deref().unwrap_or("any host"))).collect();
    let annotations = ingress.metadata.annotations.as_ref();
    let class = spec.ingress_class_name.as_ref().or_else(|| annotations?.get("kubernetes.io/ingress.class"));
    facts.extend(class.map(|class| Fact::new(format!("class {class}"))));
    let secrets = spec.tls.iter().flatten().filter_map(|tls| tls.secret_name.as_deref());
    facts.extend(secrets.map(|secret| Fact::new(format!("TLS by {secret}"))));
    facts
}

fn ports(service: &Service) -> Fact {
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref()).unwrap_or_default();
    Fact::new(ports.iter().map(|port| port.port.to_string()).collect::<Vec<_>>().join(", "))
}

fn is_outside(service: &Service) -> bool {
    let type_ = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    matches!(type_, Some("LoadBalancer" | "NodePort"))
}

fn backends(spec: Option<&IngressSpec>) -> Vec<String> {
    let rules = spec.into_iter().flat_map(|spec| spec.rules.iter().flatten());
    let paths = rules.flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths));
    let named = paths.map(|path| &path.backend).chain(spec.and_then(|spec| spec.default_backend.as_ref()));
    named.filter_map(|backend| Some(backend.service.as_ref()?.name.clone())).collect()
}

/// What answers for a Service: the container that has its port, of every Deployment that its selector finds.
fn behind(service: &Service, manifests: &Manifests) -> Vec<PartId> {
    let Some(spec) = &service.spec else { return Vec::new() };
    let none = BTreeMap::new();
    let selector = spec.selector.as_ref().unwrap_or(&none);
    let mut found = Vec::new();
    for manifest in manifests {
        let Object::Deployment(deployment) = &manifest.object else { continue };
        let Some(template) = deployment.spec.as_ref().map(|spec| &spec.template) else { continue };
        let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref()).unwrap_or(&none);
        if selector.is_empty() || !selector.iter().all(|(key, value)| labels.get(key) == Some(value)) {
            continue;
        }
        let name = manifest.object.name();
        let port = spec.ports.iter().flatten().next().map(|port| match &port.target_port {
            Some(IntOrString::Int(number)) => *number,
            _ => port.port,
        });
        let further = template.spec.iter().flat_map(|pod| pod.containers.iter().skip(1));
        let mut having = further
            .filter(|container| container.ports.iter().flatten().any(|offered| Some(offered.container_port) == port));
        found.push(having.next().map_or_else(
            || PartId::new(PartKind::Deployment, name),
            |container| PartId::new(PartKind::Container, format!("{name}/{}", container.name)),
        ));
    }
    found
}
