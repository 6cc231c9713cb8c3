//! The Job that makes the folder of a node's volume, before the volume is first used.

use std::collections::BTreeMap;

use cht_model::{Disk, DiskPath};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::{Container, HostPathVolumeSource, PodSpec, PodTemplateSpec, SecurityContext, Volume};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::member::Member;
use crate::{container, couchdb, storage, workload};

const CONTAINER: &str = "create-directory";
const IMAGE: &str = "busybox";

/// A folder that cannot be made the third time will not be the seventh.
const BACKOFF_LIMIT: i32 = 2;

/// What Helm is told of the Job. Existing instances have it on theirs; without Helm it means nothing.
const HELM_HOOK: [(&str, &str); 3] = [
    ("helm.sh/hook", "pre-install,pre-upgrade"),
    ("helm.sh/hook-weight", "-5"),
    ("helm.sh/hook-delete-policy", "hook-succeeded,hook-failed"),
];

/// The Job, where the node's volume lies in a folder that must be made.
pub(crate) fn job(member: &Member) -> Option<Job> {
    let volume = storage::existing(member).filter(|volume| volume.create_directory)?;
    let (Disk::Local { path, .. } | Disk::HostPath { path, .. }) = &volume.disk else { return None };
    let folder = mounted_folder(path);
    let host_volume = host_volume(folder);
    let container = Container {
        name: CONTAINER.to_owned(),
        image: Some(IMAGE.to_owned()),
        command: Some(vec!["sh".to_owned(), "-c".to_owned(), container::literal(&make(path))]),
        security_context: Some(SecurityContext { run_as_user: Some(0), ..Default::default() }),
        volume_mounts: Some(vec![container::mount(&host_volume.name, "", folder)]),
        ..Default::default()
    };
    let pod = PodSpec {
        volumes: Some(vec![host_volume]),
        node_selector: storage::node_of(&volume.disk).map(storage::on_node),
        tolerations: couchdb::tolerations(member.instance),
        restart_policy: Some("Never".to_owned()),
        ..workload::pod(vec![container])
    };
    Some(Job {
        metadata: ObjectMeta {
            name: Some(format!("create-directory-{}{}", member.instance.namespace(), member.suffix())),
            annotations: Some(annotations()),
            ..Default::default()
        },
        spec: Some(JobSpec {
            backoff_limit: Some(BACKOFF_LIMIT),
            template: PodTemplateSpec { spec: Some(pod), ..Default::default() },
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn annotations() -> BTreeMap<String, String> {
    HELM_HOOK.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The folder of the node that the Job mounts: the one that the new folder is made in. It is mounted where the node has
/// it, so that the path means the same inside. Nothing can be mounted over a container's root, so a folder directly
/// below the node's root is mounted itself, and made by that.
fn mounted_folder(path: &DiskPath) -> &str {
    match path.as_str().trim_end_matches('/').rsplit_once('/') {
        None | Some(("", _)) => path.as_str(),
        Some((parent, _)) => parent,
    }
}

/// The folder of the node as a volume, named for it.
fn host_volume(folder: &str) -> Volume {
    let name: String = format!("host{folder}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(63)
        .collect();
    Volume {
        name: name.trim_end_matches('-').to_owned(),
        host_path: Some(HostPathVolumeSource { path: folder.to_owned(), type_: Some("DirectoryOrCreate".to_owned()) }),
        ..Default::default()
    }
}

/// The shell command that makes the folder.
fn make(path: &DiskPath) -> String {
    format!("mkdir -p {}", shell_word(path.as_str()))
}

/// The text as one word of a shell command.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> DiskPath {
        text.parse().expect("a path")
    }

    #[test]
    fn a_path_is_one_word_to_the_shell() {
        assert_eq!(make(&path("/var/lib/county-a-couchdb1")), "mkdir -p /var/lib/county-a-couchdb1");
        assert_eq!(make(&path("/srv/my data")), "mkdir -p '/srv/my data'");
        assert_eq!(make(&path("/srv/it's; rm -rf $HOME")), r"mkdir -p '/srv/it'\''s; rm -rf $HOME'");
    }

    #[test]
    fn the_folder_around_is_mounted_where_the_node_has_it() {
        for (given, mounted) in [("/var/lib/x", "/var/lib"), ("/srv/a/b/", "/srv/a"), ("/data", "/data")] {
            assert_eq!(mounted_folder(&path(given)), mounted);
        }
        assert_eq!(host_volume("/var/lib").name, "host-var-lib");
        assert_eq!(host_volume(&format!("/{}", "Ü".repeat(99))).name, "host");
    }
}
