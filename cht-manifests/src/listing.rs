//! What a release line lists: each object gets its place, its namespace and the labels that say whose it is.

use std::collections::BTreeMap;

use cht_model::{Instance, NamespaceName};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::labels::Labels;
use crate::{Component, Manifest, Needed, Object, Stage};

/// The objects of an instance so far.
pub(crate) struct Listing {
    namespace: NamespaceName,
    labels: Labels,
    manifests: Vec<Manifest>,
}

impl Listing {
    pub(crate) fn of(instance: &Instance) -> Self {
        Self { namespace: instance.namespace().clone(), labels: Labels::of(instance), manifests: Vec::new() }
    }

    /// Adds an object that is there as long as the instance is.
    pub(crate) fn add(&mut self, stage: Stage, component: Component, object: impl Into<Object>) -> &mut Self {
        self.put(stage, component, Needed::Always, object.into());
        self
    }

    /// Adds such an object, where the instance has it.
    pub(crate) fn add_any(
        &mut self,
        stage: Stage,
        component: Component,
        object: Option<impl Into<Object>>,
    ) -> &mut Self {
        if let Some(object) = object {
            self.put(stage, component, Needed::Always, object.into());
        }
        self
    }

    /// Adds an object that is there until a claim is bound, where the instance has it.
    pub(crate) fn add_until_bound(
        &mut self,
        stage: Stage,
        component: Component,
        claim: String,
        object: Option<impl Into<Object>>,
    ) -> &mut Self {
        if let Some(object) = object {
            self.put(stage, component, Needed::UntilBound(claim), object.into());
        }
        self
    }

    pub(crate) fn into_manifests(self) -> Vec<Manifest> {
        self.manifests
    }

    fn put(&mut self, stage: Stage, component: Component, needed: Needed, mut object: Object) {
        self.mark(component, &mut object);
        self.manifests.push(Manifest { stage, component, needed, object });
    }

    fn mark(&self, component: Component, object: &mut Object) {
        if let Some(template) = template(object) {
            let metadata = template.metadata.get_or_insert_default();
            merge(&mut metadata.labels, self.labels.on_pod(component));
        }
        let kind = object.kind();
        let namespaced = kind.is_namespaced();
        let labels = match object {
            Object::Namespace(_) => self.labels.on_namespace(),
            _ => self.labels.on_object(kind, component),
        };
        let metadata = object.metadata_mut();
        metadata.namespace = namespaced.then(|| self.namespace.to_string());
        merge(&mut metadata.labels, labels);
    }
}

fn template(object: &mut Object) -> Option<&mut PodTemplateSpec> {
    match object {
        Object::Deployment(deployment) => deployment.spec.as_mut().map(|spec| &mut spec.template),
        Object::Job(job) => job.spec.as_mut().map(|spec| &mut spec.template),
        _ => None,
    }
}

fn merge(labels: &mut Option<BTreeMap<String, String>>, more: BTreeMap<String, String>) {
    labels.get_or_insert_default().extend(more);
}
