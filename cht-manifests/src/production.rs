//! What `profile: production` adds to the charts' objects, onto what the components have made: they never know of it.
//!
//! Facts about the images (who they run as, what they answer and when) are in each file beside what follows from them.

mod architectures;
mod budget;
mod given;
mod images;
mod network;
mod probes;
mod resources;
mod restrictions;
mod spread;
mod stopping;

use cht_model::Instance;

use crate::listing::Listing;
use crate::{Component, Manifest, Object, Stage, checksum, platform};

/// Adds it to every object, and objects of its own.
pub(crate) fn add(instance: &Instance, manifests: &mut Vec<Manifest>) {
    for manifest in manifests.iter_mut() {
        let component = manifest.component;
        match &mut manifest.object {
            Object::Deployment(deployment) => {
                let Some(spec) = &mut deployment.spec else { continue };
                spec.progress_deadline_seconds = probes::progress_deadline(component);
                let Some(pod) = &mut spec.template.spec else { continue };
                stopping::set(component, pod);
                spread::set(component, instance, pod);
                architectures::set(instance, pod);
                given::set(instance, pod);
                restrictions::set(component, instance, pod);
                for container in &mut pod.containers {
                    probes::set(component, instance, container);
                    resources::set(component, instance, container);
                }
            }
            Object::Job(job) => {
                if let Some(pod) = job.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()) {
                    given::set(instance, pod);
                    restrictions::set(component, instance, pod);
                    for container in &mut pod.containers {
                        images::set_of_job(instance, container);
                        resources::set_of_job(container);
                    }
                }
            }
            Object::Service(service) => {
                platform::limit_service(instance, service);
                if let Some(spec) = &mut service.spec {
                    spec.publish_not_ready_addresses = is_reached_before_ready(component).then_some(true);
                }
            }
            Object::Ingress(ingress) => platform::limit_ingress(instance, ingress),
            _ => {}
        }
    }
    manifests.extend(objects(instance));
    checksum::annotate(manifests);
}

/// The objects that the charts do not have.
fn objects(instance: &Instance) -> Vec<Manifest> {
    let mut list = Listing::of(instance);
    list.add_any(Stage::Configuration, Component::Instance, budget::budget(instance));
    for object in platform::limits(instance) {
        list.add(Stage::Configuration, Component::Api, object);
    }
    for (component, policy) in network::policies(instance) {
        list.add(Stage::Configuration, component, policy);
    }
    list.into_manifests()
}

/// Whether others have business with it before it is ready. CouchDB's nodes set each other up by their Services, and the
/// API shows people how far it is, which a proxy before it would not.
fn is_reached_before_ready(component: Component) -> bool {
    matches!(component, Component::CouchDb(_) | Component::Api)
}
