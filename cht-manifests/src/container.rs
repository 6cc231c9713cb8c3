//! Pieces of containers that components share.

use cht_model::{Images, Logging, PullPolicy};
use k8s_openapi::api::core::v1::{Container, ContainerPort, EnvVar, VolumeMount};

/// A container of one of CHT's images, e.g. `api`.
pub(crate) fn of_cht(name: &str, images: &Images, service: &str) -> Container {
    of_image(name, images, images.reference(service))
}

/// A container of any image, pulled as CHT's are.
pub(crate) fn of_image(name: &str, images: &Images, image: String) -> Container {
    let pull_policy = match images.pull_policy {
        PullPolicy::Always => Some("Always".to_owned()),
        PullPolicy::Cached => None,
    };
    Container { name: name.to_owned(), image: Some(image), image_pull_policy: pull_policy, ..Default::default() }
}

/// A variable with a value that is known here.
pub(crate) fn env(name: &str, value: impl Into<String>) -> EnvVar {
    let value = literal(&value.into());
    // The API server drops an empty value, which would then look as if somebody else had.
    EnvVar { name: name.to_owned(), value: Some(value).filter(|value| !value.is_empty()), ..Default::default() }
}

/// What a Node.js service is told to log, where the values can say so.
pub(crate) fn logging(logging: Option<&Logging>) -> Vec<EnvVar> {
    logging
        .map_or_else(Vec::new, |logging| vec![env("NODE_ENV", &logging.node_env), env("LOG_LEVEL", &logging.log_level)])
}

/// A port that a container listens on. The protocol is named, since server-side apply on old servers cannot tell ports
/// apart without it.
pub(crate) fn port(number: u16) -> ContainerPort {
    ContainerPort { container_port: number.into(), protocol: Some("TCP".to_owned()), ..Default::default() }
}

/// A folder of a volume, mounted.
pub(crate) fn mount(volume: &str, sub_path: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: volume.to_owned(),
        mount_path: path.to_owned(),
        sub_path: (!sub_path.is_empty()).then(|| sub_path.to_owned()),
        ..Default::default()
    }
}

/// The text such that Kubernetes hands it on as it is: it replaces `$(NAME)` in variables and commands.
pub(crate) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_replaces_nothing_in_a_literal() {
        assert_eq!(literal("https://builds/$(HOME)/$x"), "https://builds/$$(HOME)/$$x");
        assert_eq!(env("BUILDS_URL", "").value, None);
    }

    #[test]
    fn the_root_of_a_volume_has_no_sub_path() {
        assert_eq!(mount("claim", "", "/opt/couchdb/data").sub_path, None);
    }
}
