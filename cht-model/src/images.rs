//! Where the images come from.

use crate::{ImageTag, Registry};

/// The images of an instance: `{registry}/cht-<service>:{tag}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// `upstream_servers.docker_registry`.
    pub registry: Registry,
    /// `cht_image_tag`; for a release it is the version.
    pub tag: ImageTag,
    /// Whether nodes may use an image they already hold.
    pub pull_policy: PullPolicy,
}

impl Images {
    /// The reference of one of CHT's images, e.g. `public.ecr.aws/medic/cht-api:5.3.0` for `api`.
    pub fn reference(&self, service: &str) -> String {
        format!("{}/cht-{service}:{}", self.registry, self.tag)
    }
}

/// Whether nodes may use an image they already hold (`cache_images`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// What Kubernetes does by itself: a tag other than `latest` is pulled once.
    Cached,
    /// Ask the registry whenever a container starts.
    Always,
}
