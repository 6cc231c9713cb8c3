//! Every key that values may have, of both release lines, and what belongs there.

use std::ops::RangeInclusive;

/// A key that values may have.
#[derive(Debug)]
pub(crate) struct Key {
    /// The path with dots. A last part `-N` stands for a number from 1.
    pub(crate) path: &'static str,
    /// What belongs there, as a phrase that follows "expected".
    pub(crate) wants: &'static str,
    pub(crate) form: Form,
    pub(crate) lines: Lines,
}

/// What can be said of a value by itself, without knowing the other values. Validation and the schema both go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    /// Text that matches a regular expression, which JSON Schema and this crate's types read alike.
    Matching(&'static str),
    Choice(&'static [&'static str]),
    Boolean,
    Number {
        least: u32,
        most: u32,
    },
    Size,
    Cpu,
}

/// Which release lines know a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    Both,
    /// 4.x alone, with the key that 5.x has for it.
    V4(Option<&'static str>),
    /// 5.x alone, with the key that 4.x has for it.
    V5(Option<&'static str>),
}

const fn both(path: &'static str, wants: &'static str) -> Key {
    Key { path, wants, form: Form::Text, lines: Lines::Both }
}

const fn v4(path: &'static str, wants: &'static str, on_v5: Option<&'static str>) -> Key {
    Key { path, wants, form: Form::Text, lines: Lines::V4(on_v5) }
}

const fn v5(path: &'static str, wants: &'static str, on_v4: Option<&'static str>) -> Key {
    Key { path, wants, form: Form::Text, lines: Lines::V5(on_v4) }
}

impl Key {
    /// The key of a value that is not any text.
    const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }
}

const LABEL: Form = Form::Matching("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
const SUBDOMAIN: Form = Form::Matching(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
const HOST: Form = Form::Matching(r"(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
const ISSUER: Form =
    Form::Matching(r"((Cluster)?Issuer/)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
const ABSOLUTE_PATH: Form = Form::Matching("/.*[^/].*");
const ADDRESS: Form = Form::Matching(r"https?://[^/\s]\S*");
const RELEASE_LINE: Form = Form::Matching(r"[45](\.x|\.[0-9]+(\.x)?)?");
const PORT_NUMBER: Form = Form::Number { least: 1, most: 65535 };
const NODE_COUNT: Form = Form::Number { least: 1, most: 99 };
const PARTITION: Form = Form::Number { least: 0, most: 65535 };

const BOOLEAN: &str = "true or false";
const SIZE: &str = "a size, for example 100Gi";
const CPU: &str = "a number of CPUs, for example 500m or 2";
const MEMORY: &str = "an amount of memory, for example 512Mi";
const PORT: &str = "a port, a number from 1 to 65535";
const NODE_ENV: &str = "a Node.js environment, for example production";
const LOG_LEVEL: &str = "a log level, for example info";
const DISK_NAME: &str = "the name of a Compute Engine disk: lower-case letters, digits and '-', starting with a letter";

/// All of them, in the order of the charts' own files.
pub(crate) const KEYS: &[Key] = &[
    both("project_name", "the name of this instance").form(LABEL),
    both("namespace", "the Kubernetes namespace that the instance lives in").form(LABEL),
    both("chtversion", "a version of CHT, for example 5.3.0, or a branch's name"),
    both("cht_image_tag", "the tag of CHT's images"),
    both("release_line", "4.x, 5.0, 5.1, 5.2 or 5.3").form(RELEASE_LINE),
    both("profile", "chart or production").form(Form::Choice(&["chart", "production"])),
    both("size", "small, medium or large").form(Form::Choice(&["small", "medium", "large"])),
    both("priority_class", "the name of a PriorityClass").form(SUBDOMAIN),
    both("image_pull_secret", "the name of a Secret with a registry's credentials").form(SUBDOMAIN),
    both("cache_images", BOOLEAN).form(Form::Boolean),
    both("upstream_servers.docker_registry", "where the images come from, for example public.ecr.aws/medic"),
    both("upstream_servers.builds_url", "the address of a builds server, https://…").form(ADDRESS),
    v4("upgrade_service.tag", "the tag of the upgrade service's image", None),
    v4("upgrade_service.resources.requests.cpu", CPU, None).form(Form::Cpu),
    v4("upgrade_service.resources.requests.memory", MEMORY, None).form(Form::Size),
    v4("upgrade_service.resources.limits.cpu", CPU, None).form(Form::Cpu),
    v4("upgrade_service.resources.limits.memory", MEMORY, None).form(Form::Size),
    both("api.port", PORT).form(PORT_NUMBER),
    both("api.service.type", "ClusterIP, NodePort or LoadBalancer").form(Form::Choice(&[
        "ClusterIP",
        "NodePort",
        "LoadBalancer",
    ])),
    v5("api.node_env", NODE_ENV, None),
    v5("api.log_level", LOG_LEVEL, None),
    both("api.resources.requests.cpu", CPU).form(Form::Cpu),
    both("api.resources.requests.memory", MEMORY).form(Form::Size),
    both("api.resources.limits.cpu", CPU).form(Form::Cpu),
    both("api.resources.limits.memory", MEMORY).form(Form::Size),
    v5("sentinel.node_env", NODE_ENV, None),
    v5("sentinel.log_level", LOG_LEVEL, None),
    both("sentinel.resources.requests.cpu", CPU).form(Form::Cpu),
    both("sentinel.resources.requests.memory", MEMORY).form(Form::Size),
    both("sentinel.resources.limits.cpu", CPU).form(Form::Cpu),
    both("sentinel.resources.limits.memory", MEMORY).form(Form::Size),
    both("haproxy.port", PORT).form(PORT_NUMBER),
    both("haproxy.resources.requests.cpu", CPU).form(Form::Cpu),
    both("haproxy.resources.requests.memory", MEMORY).form(Form::Size),
    both("haproxy.resources.limits.cpu", CPU).form(Form::Cpu),
    both("haproxy.resources.limits.memory", MEMORY).form(Form::Size),
    both("healthcheck.resources.requests.cpu", CPU).form(Form::Cpu),
    both("healthcheck.resources.requests.memory", MEMORY).form(Form::Size),
    both("healthcheck.resources.limits.cpu", CPU).form(Form::Cpu),
    both("healthcheck.resources.limits.memory", MEMORY).form(Form::Size),
    v5("nouveau.resources.requests.cpu", CPU, None).form(Form::Cpu),
    v5("nouveau.resources.requests.memory", MEMORY, None).form(Form::Size),
    v5("nouveau.resources.limits.cpu", CPU, None).form(Form::Cpu),
    v5("nouveau.resources.limits.memory", MEMORY, None).form(Form::Size),
    both("couchdb.existing_secret", "the name of a Secret that someone else manages").form(SUBDOMAIN),
    both("couchdb.password", "the administrator's password"),
    both("couchdb.secret", "the secret that CouchDB signs cookies with"),
    both("couchdb.user", "the administrator's name"),
    both("couchdb.uuid", "the identity of the CouchDB server"),
    both("couchdb.db_name", "the name of CHT's database"),
    v4("couchdb.clusteredCouch_enabled", BOOLEAN, Some("couchdb.clusteredCouchEnabled")).form(Form::Boolean),
    v5("couchdb.clusteredCouchEnabled", BOOLEAN, Some("couchdb.clusteredCouch_enabled")).form(Form::Boolean),
    both("couchdb.couchdb_node_storage_size", SIZE).form(Form::Size),
    both("couchdb.storage_class", "the name of a StorageClass").form(SUBDOMAIN),
    both("couchdb.resources.requests.cpu", CPU).form(Form::Cpu),
    both("couchdb.resources.requests.memory", MEMORY).form(Form::Size),
    both("couchdb.resources.limits.cpu", CPU).form(Form::Cpu),
    both("couchdb.resources.limits.memory", MEMORY).form(Form::Size),
    v5("couchdb.persistent_disk.size", SIZE, None).form(Form::Size),
    v5("couchdb.persistent_disk.type", "a type of Compute Engine disks", None),
    v5("couchdb.persistent_disk.diskName", DISK_NAME, None),
    v5("couchdb.persistent_disk.diskName-N", DISK_NAME, None),
    both("clusteredCouch.noOfCouchDBNodes", "the number of CouchDB nodes, from 1 to 99").form(NODE_COUNT),
    both("toleration.key", "the key of a taint"),
    both("toleration.operator", "Equal or Exists").form(Form::Choice(&["Equal", "Exists"])),
    both("toleration.value", "the value of a taint"),
    both("toleration.effect", "NoSchedule, PreferNoSchedule or NoExecute").form(Form::Choice(&[
        "NoSchedule",
        "PreferNoSchedule",
        "NoExecute",
    ])),
    both("ingress.host", "the host name that people open, for example cht.example.org").form(HOST),
    both("ingress.class_name", "the name of an IngressClass, for example nginx").form(SUBDOMAIN),
    both("ingress.annotations.groupname", "the name of the load balancer group that instances share"),
    both("ingress.annotations.tags", "tags of the load balancer, for example Environment=dev,Team=QA"),
    both("ingress.annotations.certificate", "the ARN of a certificate, arn:…"),
    both("ingress.hosted_zone_id", "the hosted zone of the host"),
    both("ingress.load_balancer", "the load balancer's host name"),
    v5("ingress.gcp.enabled", BOOLEAN, None).form(Form::Boolean),
    v5("ingress.gcp.staticIpName", "the name of a reserved global address", None),
    v5("ingress.gcp.managedCertificateName", "the name of a managed certificate", None),
    both("network_policy.enabled", BOOLEAN).form(Form::Boolean),
    both("network_policy.api_from", "ingress or any").form(Form::Choice(&["ingress", "any"])),
    both("environment", "local or remote").form(Form::Choice(&["local", "remote"])),
    both("cluster_type", "k3s-k3d, eks or gke").form(Form::Choice(&["k3s-k3d", "eks", "gke"])),
    both("cert_source", "specify-file-path, my-ip-co, self-signed, cert-manager, existing-secret or eks-medic").form(
        Form::Choice(&["specify-file-path", "my-ip-co", "self-signed", "cert-manager", "existing-secret", "eks-medic"]),
    ),
    both("certificate_crt_file_path", "the path of a PEM file with the certificate and its chain"),
    both("certificate_key_file_path", "the path of a PEM file with the certificate's key"),
    both("certificate_issuer", "the name of a ClusterIssuer, or Issuer/NAME for an Issuer of the namespace")
        .form(ISSUER),
    both("certificate_secret", "the name of a Secret with tls.crt and tls.key").form(SUBDOMAIN),
    both("nodes.node-N", "the name of a Kubernetes node").form(SUBDOMAIN),
    both("k3s_use_vSphere_storage_class", BOOLEAN).form(Form::Boolean),
    both("vSphere.datastoreName", "the name of a vSphere datastore"),
    both("vSphere.diskPath", "a folder on the datastore"),
    both("couchdb_data.preExistingDataAvailable", BOOLEAN).form(Form::Boolean),
    both("couchdb_data.dataPathOnDiskForCouchDB", "the path on the volume where CouchDB's data lies"),
    both("couchdb_data.partition", "the number of a partition, 0 for the whole disk").form(PARTITION),
    both("local_storage.preExistingDiskPath-N", "an absolute path on the Kubernetes node").form(ABSOLUTE_PATH),
    both("ebs.preExistingEBSVolumeID-N", "the id of an EBS volume, vol- and hexadecimal digits"),
    both("ebs.preExistingEBSVolumeSize", SIZE).form(Form::Size),
];

const SECRETS: [&str; 4] = ["couchdb.password", "couchdb.secret", "couchdb.user", "couchdb.uuid"];

/// The key with this path.
pub(crate) fn find(path: &str) -> Option<&'static Key> {
    let pattern = pattern(path);
    KEYS.iter().find(|key| key.path == path || Some(key.path) == pattern.as_deref())
}

/// The numbers that this key takes.
pub(crate) fn range(path: &str) -> RangeInclusive<u32> {
    match find(path).map(|key| key.form) {
        Some(Form::Number { least, most }) => least..=most,
        _ => 0..=u32::MAX,
    }
}

/// The path with a last number replaced by `N`: `nodes.node-2` becomes `nodes.node-N`.
fn pattern(path: &str) -> Option<String> {
    let (stem, number) = path.rsplit_once('-')?;
    let counted = !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit()) && !number.is_empty();
    counted.then(|| format!("{stem}-N"))
}

/// Whether keys with this path in front exist.
pub(crate) fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// Whether the value at this path, or what lies below it, must never be shown.
pub(crate) fn is_secret(path: &str) -> bool {
    secret_above(path).is_some()
}

/// The secret key that this path is, or lies below.
pub(crate) fn secret_above(path: &str) -> Option<&'static str> {
    SECRETS.into_iter().find(|secret| path.strip_prefix(secret).is_some_and(|r| r.is_empty() || r.starts_with('.')))
}

/// Whether the section at this path has keys that must never be shown.
pub(crate) fn holds_secrets(path: &str) -> bool {
    SECRETS.iter().any(|secret| secret.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// A key's path below its section's path, which is empty at the top.
pub(crate) fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What holds for every component stands in the documentation once.
    fn documented(path: &str) -> String {
        path.split_once(".resources.")
            .map_or_else(|| path.to_owned(), |(_, rest)| format!("COMPONENT.resources.{rest}"))
    }

    #[test]
    fn the_documentation_names_every_key() {
        let documentation = include_str!("../../../docs/VALUES.md");
        let missing: Vec<_> = KEYS
            .iter()
            .filter(|key| !documentation.contains(&format!("| `{}` |", documented(key.path))))
            .map(|key| key.path)
            .collect();
        assert!(missing.is_empty(), "not in docs/VALUES.md: {missing:?}");
    }

    #[test]
    fn numbered_keys_count_from_one() {
        assert!(find("nodes.node-1").is_some() && find("nodes.node-12").is_some());
        for unknown in ["nodes.node-0", "nodes.node-01", "nodes.node-", "nodes.node", "nodes.node-x"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn no_key_is_listed_twice_or_is_a_section_too() {
        for (n, key) in KEYS.iter().enumerate() {
            assert!(!is_section(key.path), "{}", key.path);
            assert!(KEYS[n + 1..].iter().all(|other| other.path != key.path), "{}", key.path);
        }
    }

    #[test]
    fn the_other_lines_key_exists() {
        for key in KEYS {
            if let Lines::V4(Some(other)) | Lines::V5(Some(other)) = key.lines {
                assert!(find(other).is_some(), "{other}");
            }
        }
    }

    #[test]
    fn what_lies_below_a_secret_is_secret() {
        assert!(is_secret("couchdb.password") && is_secret("couchdb.password.abc"));
        assert!(!is_secret("couchdb.passwords") && !is_secret("couchdb"));
    }
}
