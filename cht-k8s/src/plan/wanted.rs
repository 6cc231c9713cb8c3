//! What a plan is made for.

use cht_manifests::{Kind, Manifest, Manifests, Needed, manifests};
use cht_model::{Instance, NamespaceName, ProjectName};

use crate::Action;

/// The objects of an instance, and how to call it: what a plan needs to know of what is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which instance it is.
    pub project: ProjectName,
    /// The namespace that all of it lives in.
    pub namespace: NamespaceName,
    /// CHT's version.
    pub version: String,
    /// The address that people open.
    pub address: String,
    /// The objects.
    pub manifests: Manifests,
    /// What else the instance consists of, and stays as it is in the cluster: it is written down and never applied, so that
    /// its Secrets may be [`masked`](Manifests::masked).
    pub kept: Manifests,
    /// What this is done for.
    pub action: Action,
}

impl Wanted {
    /// What an instance wants.
    pub fn of(instance: &Instance) -> Self {
        Self {
            project: instance.project().clone(),
            namespace: instance.namespace().clone(),
            version: instance.version().to_owned(),
            address: instance.address(),
            manifests: manifests(instance),
            kept: Manifests::default(),
            action: Action::Deploy,
        }
    }

    /// Whether the credentials are in a Secret that someone else manages.
    pub(super) fn has_given_secret(&self) -> bool {
        let is_given = |manifest: &Manifest| manifest.needed == Needed::Given && manifest.object.kind() == Kind::Secret;
        self.kept.iter().any(is_given)
    }

    /// All that the instance then consists of, with secrets masked.
    pub(crate) fn recorded(&self) -> Manifests {
        self.kept.iter().cloned().chain(self.manifests.masked()).collect()
    }
}
