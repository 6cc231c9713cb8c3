//! Where the images come from.

use std::fmt;

use semver::Version;

use crate::{ImageTag, Registry};

/// Where CHT publishes its images.
pub(crate) const REGISTRY: &str = "public.ecr.aws/medic";

/// The release from which CHT publishes its images for more than one architecture.
const FIRST_FOR_ARM: (u64, u64) = (4, 6);

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

    /// The architectures that the images are for. Of images in another registry, whoever made them may have made more.
    pub fn architectures(&self) -> &'static [Architecture] {
        let release = Version::parse(self.tag.as_str()).ok().filter(|_| self.registry.as_str() == REGISTRY);
        match release {
            Some(release) if (release.major, release.minor) < FIRST_FOR_ARM => &[Architecture::Amd64],
            _ => &[Architecture::Amd64, Architecture::Arm64],
        }
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

/// An architecture of machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// x86-64.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

impl fmt::Display for Architecture {
    /// As nodes' labels have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cht_publishes_for_arm_since_4_6() {
        let images = |registry: &str, tag: &str| Images {
            registry: registry.parse().expect("a registry"),
            tag: tag.parse().expect("a tag"),
            pull_policy: PullPolicy::Cached,
        };
        for (registry, tag, architectures) in [
            (REGISTRY, "4.5.2", "amd64"),
            (REGISTRY, "4.6.0-alpha", "amd64 arm64"),
            (REGISTRY, "4.6.0", "amd64 arm64"),
            (REGISTRY, "5.3.0", "amd64 arm64"),
            (REGISTRY, "my-branch", "amd64 arm64"),
            ("registry.example.org/mine", "4.4.0", "amd64 arm64"),
        ] {
            let of_images = images(registry, tag).architectures().iter().map(ToString::to_string);
            assert_eq!(of_images.collect::<Vec<_>>().join(" "), architectures, "{registry} {tag}");
        }
    }
}
