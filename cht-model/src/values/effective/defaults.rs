//! What an instance has for each key, whoever decided it.

use secrecy::ExposeSecret;

use super::ShownValue;
use crate::{
    CertificateSource, CredentialKey, Disk, Environment, ExistingVolume, Instance, Logging, NetworkAccess, Node,
    Nouveau, Platform, Profile, Program, PullPolicy, Release, Topology, Volume,
};

/// What the instance has for a key that nobody wrote; nothing where it has nothing for it.
pub(super) fn of(instance: &Instance, path: &str) -> Option<ShownValue> {
    if let Some(key) = CredentialKey::ALL.into_iter().find(|key| key.values_key() == path) {
        // Nothing of a Secret that someone else manages is a value.
        if instance.couchdb().credentials_secret.is_existing() {
            return None;
        }
        let known = instance.couchdb().credentials.get(key).is_some();
        return Some(if known { ShownValue::Hidden } else { ShownValue::Generated });
    }
    text(instance, path).map(ShownValue::Text)
}

fn text(instance: &Instance, path: &str) -> Option<String> {
    let couchdb = instance.couchdb();
    let is_v4 = matches!(instance.release(), Release::V4(_));
    match path {
        "project_name" => Some(instance.project().to_string()),
        "namespace" => Some(instance.namespace().to_string()),
        "chtversion" => Some(instance.version().to_owned()),
        "cht_image_tag" => Some(instance.images().tag.to_string()),
        "release_line" => Some(release_line(instance)),
        "environment" => Some(environment(instance.environment())),
        "profile" => Some(instance.profile().to_string()),
        "size" if instance.profile() == Profile::Production => Some(instance.sizing().size().to_string()),
        "cluster_type" => Some(instance.platform().kind().to_string()),
        "cache_images" => Some((instance.images().pull_policy == PullPolicy::Cached).to_string()),
        "upstream_servers.docker_registry" => Some(instance.images().registry.to_string()),
        "upstream_servers.builds_url" => Some(instance.api().builds_url.clone()),
        "upgrade_service.tag" => match instance.release() {
            Release::V4(line) => Some(line.upgrade_service.to_string()),
            Release::V5(_) => None,
        },
        "api.port" => Some(instance.api().port.get().to_string()),
        "api.service.type" => Some(instance.api().service_type.as_str().to_owned()),
        "haproxy.port" => Some(couchdb.haproxy_port.get().to_string()),
        "couchdb.user" if couchdb.credentials_secret.is_existing() => None,
        "couchdb.user" => Some(couchdb.credentials.user().expose_secret().to_owned()),
        "couchdb.db_name" => Some(couchdb.database.as_str().to_owned()),
        "couchdb.clusteredCouch_enabled" if is_v4 => Some(clustered(&couchdb.topology).to_string()),
        "couchdb.clusteredCouchEnabled" if !is_v4 => Some(clustered(&couchdb.topology).to_string()),
        "clusteredCouch.noOfCouchDBNodes" if clustered(&couchdb.topology) => {
            Some(couchdb.topology.nodes().len().to_string())
        }
        "toleration.operator" => couchdb.tolerations.first().map(|found| match found.value {
            Some(_) => "Equal".to_owned(),
            None => "Exists".to_owned(),
        }),
        "network_policy.enabled" if instance.profile() == Profile::Production => {
            Some((instance.network() != NetworkAccess::Open).to_string())
        }
        "network_policy.api_from" => match instance.network() {
            NetworkAccess::Restricted { api_from } => Some(api_from.as_str().to_owned()),
            NetworkAccess::Open => None,
        },
        "certificate_secret" => match instance.certificate() {
            Some(CertificateSource::ExistingSecret(secret)) => Some(secret.to_string()),
            _ => None,
        },
        "ingress.gcp.enabled" => match instance.platform() {
            Platform::Gke(ingress) => Some(ingress.is_some().to_string()),
            Platform::K3s(_) | Platform::Eks(_) => None,
        },
        _ => logging(instance, path)
            .or_else(|| resources(instance, path))
            .or_else(|| storage(couchdb.topology.nodes(), path)),
    }
}

fn clustered(topology: &Topology) -> bool {
    matches!(topology, Topology::Clustered(_))
}

fn environment(environment: Environment) -> String {
    match environment {
        Environment::Local => "local".to_owned(),
        Environment::Remote => "remote".to_owned(),
    }
}

/// The line as `release_line` says it: that of the version, or for a branch the one that it is deployed like.
fn release_line(instance: &Instance) -> String {
    let version = semver::Version::parse(instance.version()).ok();
    match (instance.release(), version) {
        (Release::V4(_), _) => "4.x".to_owned(),
        (Release::V5(_), Some(version)) if version.major == 5 => format!("5.{}", version.minor),
        (Release::V5(line), _) => match line.nouveau {
            Nouveau::Shared => "5.2".to_owned(),
            Nouveau::PerNode => "5.3".to_owned(),
        },
    }
}

fn logging(instance: &Instance, path: &str) -> Option<String> {
    let (service, key) = path.split_once('.')?;
    let Logging { node_env, log_level } = match service {
        "api" => instance.api().logging.as_ref()?,
        "sentinel" => instance.sentinel().logging.as_ref()?,
        _ => return None,
    };
    match key {
        "node_env" => Some(node_env.clone()),
        "log_level" => Some(log_level.clone()),
        _ => None,
    }
}

fn resources(instance: &Instance, path: &str) -> Option<String> {
    let (section, of) = path.split_once(".resources.")?;
    let program = Program::ALL.into_iter().find(|program| program.section() == section)?;
    let is_there = match program {
        Program::Nouveau => matches!(instance.release(), Release::V5(_)),
        Program::UpgradeService => matches!(instance.release(), Release::V4(_)),
        _ => true,
    };
    if !is_there || instance.profile() == Profile::Chart {
        return None;
    }
    let resources = instance.sizing().program(program);
    match of {
        "requests.cpu" => Some(resources.cpu_request.to_string()),
        "requests.memory" => Some(resources.memory_request.to_string()),
        "limits.cpu" => resources.cpu_limit.map(|limit| limit.to_string()),
        "limits.memory" => Some(resources.memory_limit.to_string()),
        _ => None,
    }
}

fn storage(nodes: &[Node], path: &str) -> Option<String> {
    let first = nodes.first()?;
    match (path, &first.volume) {
        ("couchdb.storage_class", Volume::Provisioned { class, .. }) => Some(class.to_string()),
        ("couchdb_data.preExistingDataAvailable", volume) => holds_data(volume).map(|holds| holds.to_string()),
        ("couchdb_data.dataPathOnDiskForCouchDB", _) => Some(first.data_path.as_str().to_owned()),
        ("couchdb_data.partition", Volume::Existing(volume)) => match &volume.disk {
            Disk::Ebs { partition, .. } => Some(partition.clone()),
            Disk::GcePersistentDisk { partition, .. } => Some(partition.to_string()),
            Disk::Local { .. } | Disk::HostPath { .. } | Disk::VSphere { .. } => None,
        },
        _ => {
            let number: usize = path.strip_prefix("local_storage.preExistingDiskPath-")?.parse().ok()?;
            folder(&nodes.get(number.checked_sub(1)?)?.volume)
        }
    }
}

/// Whether what the node keeps its data on is there before the first deploy.
fn holds_data(volume: &Volume) -> Option<bool> {
    match volume {
        Volume::HostPath { create, .. } => Some(!create),
        Volume::Provisioned { .. } => Some(false),
        Volume::Existing(ExistingVolume { disk: Disk::VSphere { .. }, .. }) => None,
        Volume::Existing(volume) => Some(!volume.create_directory),
    }
}

fn folder(volume: &Volume) -> Option<String> {
    match volume {
        Volume::HostPath { path, .. }
        | Volume::Existing(ExistingVolume { disk: Disk::Local { path, .. } | Disk::HostPath { path, .. }, .. }) => {
            Some(path.to_string())
        }
        Volume::Provisioned { .. } | Volume::Existing(_) => None,
    }
}
