//! The file's text: a paragraph for each concern, with comments that say what a person needs to know about it.

use secrecy::ExposeSecret;

use super::scalar::{quoted, scalar};
use super::{GkeIngress, Site, Spread, Starter, Storage};
use crate::{CertificateArn, Environment, GroupName, HostName, PlatformKind};

/// The text for these answers, whether they go together or not.
pub(super) fn of(starter: &Starter) -> String {
    let paragraphs = [
        heading(starter),
        instance(starter),
        platform(&starter.site),
        couchdb(starter),
        cluster(&starter.spread),
        nodes(starter),
        folder(&starter.storage),
        ingress(starter),
    ];
    let paragraphs: Vec<_> = paragraphs.into_iter().filter(|lines| !lines.is_empty()).map(|l| l.join("\n")).collect();
    format!("{}\n", paragraphs.join("\n\n"))
}

type Lines = Vec<String>;

fn lines<const N: usize>(lines: [&str; N]) -> Lines {
    lines.map(str::to_owned).into()
}

fn heading(starter: &Starter) -> Lines {
    let platform = match &starter.site {
        Site::K3s { environment: Environment::Local, .. } => "in k3s or k3d on this machine",
        Site::K3s { environment: Environment::Remote, .. } => "on k3s",
        Site::Eks { .. } => "on Amazon's Elastic Kubernetes Service",
        Site::Gke(_) => "on Google Kubernetes Engine",
    };
    let nodes = match starter.spread.count() {
        1 => "one CouchDB node".to_owned(),
        count => format!("a cluster of {count} CouchDB nodes"),
    };
    let schema = starter.schema.iter().map(|address| format!("# yaml-language-server: $schema={address}"));
    let mut lines: Lines = schema.collect();
    lines.push(format!("# CHT {} {platform}, with {nodes}.", starter.version));
    lines.push(
        "# What is left out has a default. `cht validate` says everything that is wrong with this file.".to_owned(),
    );
    lines
}

fn instance(starter: &Starter) -> Lines {
    vec![
        "# The name of the instance, and the Kubernetes namespace that all of it lives in. Another name is another instance."
            .to_owned(),
        format!("project_name: {}", scalar(starter.project.as_str())),
        format!("namespace: {}", scalar(starter.namespace.as_str())),
        "# An upgrade is a later version here, and another deploy.".to_owned(),
        format!("chtversion: {}", starter.version),
    ]
}

fn platform(site: &Site) -> Lines {
    let mut lines = vec![format!("cluster_type: {}", site.kind())];
    if let Site::K3s { environment, .. } = site {
        let environment = match environment {
            Environment::Local => "local",
            Environment::Remote => "remote",
        };
        lines.push(format!("environment: {environment}"));
    }
    lines
}

fn couchdb(starter: &Starter) -> Lines {
    let mut keys = Lines::new();
    if !matches!(starter.spread, Spread::Single) {
        let key = if starter.version.is_v4() { "clusteredCouch_enabled" } else { "clusteredCouchEnabled" };
        keys.push(format!("  {key}: true"));
    }
    if let Storage::Claims { size, class } = &starter.storage {
        keys.push("  # The size of each node's volume. It cannot be made smaller later.".to_owned());
        keys.push(format!("  couchdb_node_storage_size: {size}"));
        if let Some(class) = class {
            keys.push("  # A StorageClass of the cluster, as `kubectl get storageclass` shows them.".to_owned());
            keys.push(format!("  storage_class: {}", scalar(class.as_str())));
        }
    }
    let Some(credentials) = &starter.credentials else {
        let mut lines = lines([
            "# CouchDB's password, secret and uuid are left out: the first deploy makes them, and keeps them in the cluster, in",
            "# the Secret cht-couchdb-credentials.",
        ]);
        if !keys.is_empty() {
            lines.push("couchdb:".to_owned());
        }
        lines.append(&mut keys);
        return lines;
    };
    keys.push("  # They are kept on the volumes, too: after the first deploy they cannot be changed here.".to_owned());
    for (key, credential) in
        [("password", &credentials.password), ("secret", &credentials.secret), ("uuid", &credentials.uuid)]
    {
        keys.push(format!("  {key}: {}", quoted(credential.expose_secret())));
    }
    let mut lines = lines([
        "# Whoever can read this file can sign in as the administrator, whose name is medic: keep it safe.",
        "couchdb:",
    ]);
    lines.append(&mut keys);
    lines
}

fn cluster(spread: &Spread) -> Lines {
    match spread {
        Spread::Single => Lines::new(),
        spread => vec!["clusteredCouch:".to_owned(), format!("  noOfCouchDBNodes: {}", spread.count())],
    }
}

fn nodes(starter: &Starter) -> Lines {
    let Spread::On(names) = &starter.spread else { return Lines::new() };
    let mut lines = lines(["# The Kubernetes nodes that the CouchDB nodes run on, as `kubectl get nodes` shows them."]);
    if starter.version.is_v4() && starter.site.kind() == PlatformKind::K3s {
        let namespace = &starter.namespace;
        lines.push(format!(
            "# Each keeps its data there, in /var/lib/{namespace}-couchdb1 and so on, made at the first deploy."
        ));
    }
    lines.push("nodes:".to_owned());
    lines.extend((1..).zip(names).map(|(number, name)| format!("  node-{number}: {}", scalar(name.as_str()))));
    lines
}

fn folder(storage: &Storage) -> Lines {
    let Storage::Folder(path) = storage else { return Lines::new() };
    let mut lines = lines([
        "# The folder that CouchDB keeps its data in, on the machine that it runs on. No two instances can share one.",
        "local_storage:",
    ]);
    lines.push(format!("  preExistingDiskPath-1: {}", scalar(path.as_str())));
    lines
}

fn ingress(starter: &Starter) -> Lines {
    match &starter.site {
        Site::K3s { host: None, .. } => lines([
            "# Without a host every name leads here, https://localhost too. For one name alone:",
            "# ingress:",
            "#   host: cht.example.org",
        ]),
        Site::K3s { host: Some(host), .. } => k3s(host, starter.version.is_v4()),
        Site::Eks { host, group, certificate } => eks(host, group, certificate.as_ref().map(CertificateArn::as_str)),
        Site::Gke(None) => {
            lines(["# No ingress: nobody outside the cluster reaches it.", "ingress:", "  gcp:", "    enabled: false"])
        }
        Site::Gke(Some(ingress)) => gke(ingress),
    }
}

fn k3s(host: &HostName, v4: bool) -> Lines {
    let mut lines = if v4 {
        lines(["# The name that people open. Its certificate is the Secret api-tls-secret in the namespace."])
    } else {
        lines([
            "# The name that people open. Its certificate is the Secret api-tls-secret, where the namespace has one; else k3s",
            "# makes one that browsers warn about.",
        ])
    };
    lines.push("ingress:".to_owned());
    lines.push(host_line(host));
    lines
}

fn eks(host: &HostName, group: &GroupName, certificate: Option<&str>) -> Lines {
    let mut lines = lines(["ingress:", "  # The name that people open."]);
    lines.push(host_line(host));
    lines.push("  annotations:".to_owned());
    lines.push("    # Instances with the same group share a load balancer.".to_owned());
    lines.push(format!("    groupname: {}", scalar(group.as_str())));
    match certificate {
        Some(arn) => lines.push(format!("    certificate: {}", scalar(arn))),
        None => lines.push(
            "    # Without `certificate: arn:…` the load balancer takes one of its account's that fits the host."
                .to_owned(),
        ),
    }
    lines
}

fn gke(ingress: &GkeIngress) -> Lines {
    let mut lines = lines(["ingress:", "  # The name that people open."]);
    lines.push(host_line(&ingress.host));
    lines.push("  gcp:".to_owned());
    lines.push("    enabled: true".to_owned());
    let named = [
        ("staticIpName", &ingress.static_ip, "a reserved global address"),
        ("managedCertificateName", &ingress.managed_certificate, "a managed certificate"),
    ];
    for (key, name, what) in named {
        match name {
            Some(name) => lines.push(format!("    {key}: {}", scalar(name))),
            None => lines.push(format!("    # {key}: the name of {what}")),
        }
    }
    lines
}

fn host_line(host: &HostName) -> String {
    format!("  host: {}", scalar(host.as_str()))
}
