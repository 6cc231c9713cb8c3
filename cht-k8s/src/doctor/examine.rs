//! A whole examination: looks, and lets every category judge.

use std::collections::BTreeSet;
use std::sync::Arc;

use cht_manifests::manifests;
use cht_model::Instance;
use futures::join;

use super::accesses::Accesses;
use super::check::Check;
use super::finding::Finding;
use super::look::Seen;
use super::outside::Outside;
use super::report::Report;
use super::{cluster as server, dns, images, ingress, instance as deployed, nodes, permissions, storage, tls, vsphere};
use crate::retry::reaching;
use crate::tls::certificate_status;
use crate::{Cluster, drift, history, status};

/// What is examined.
#[derive(Clone, Default)]
pub struct Examination {
    /// Leaves out what only a deployed instance has.
    pub pre: bool,
    /// What is outside of the cluster. Without it names and registries are not asked.
    pub outside: Option<Outside>,
}

/// Examines a cluster and an instance. Only reads, but for opening a session of CouchDB, and trials of the server.
///
/// What cannot be looked at is reported as such, and hinders nothing else.
pub async fn examine(cluster: Arc<dyn Cluster>, instance: &Instance, options: &Examination) -> Report {
    let namespace = instance.namespace().as_str();
    let wanted = manifests(instance);
    let clock = cluster.clock();
    let seen = Seen::look(&*cluster, namespace).await;
    let accesses = Accesses::of(&wanted, namespace, seen.has_namespace());
    let all: BTreeSet<_> = accesses.groups().into_iter().flat_map(|(_, group)| group.clone()).collect();
    let ((answer, now), kinds, lacking, certificate) = join!(
        async { (reaching(&*clock, || cluster.server_info()).await, clock.now()) },
        server::look_for_kinds(&*cluster, &wanted, namespace),
        permissions::rights(&*cluster, namespace, &all),
        certificate_status(&*cluster, instance),
    );
    let mut findings = vec![
        server::version(&answer),
        server::clock(&answer, now),
        server::kinds(&kinds),
        server::namespace(namespace, &seen.namespace),
        nodes::architectures(instance.images().architectures(), &seen.nodes),
        nodes::capacity(&wanted, namespace, &seen.nodes, &seen.pods),
        storage::classes(&wanted, &seen.classes),
    ];
    findings.extend(server::lost(&answer));
    findings.extend(permissions::judge(&accesses, &lacking));
    findings.extend(nodes::judge(&wanted, &seen.nodes));
    findings.extend(storage::properties(&wanted, &seen.classes));
    findings.extend(storage::retained(&wanted, &seen.claims, &seen.volumes));
    findings.extend(storage::shared(&wanted, namespace, &seen.volumes, &seen.pods));
    findings.extend(vsphere::judge(&wanted, &seen.classes, &seen.nodes));
    findings.extend(ingress::judge(&wanted, &seen.ingress_classes, &seen.services, &seen.ingresses));
    findings.extend(tls::judge(&certificate));
    if let Some(outside) = &options.outside {
        findings.extend(look_outside(outside, instance, &seen).await);
    } else {
        let why = "the sandbox has neither names nor registries";
        findings.extend([Check::HostResolves, Check::ImageFound].map(|check| Finding::unknown(check, why)));
    }
    if !options.pre {
        findings.extend(look_at_instance(cluster, instance).await);
    }
    Report::new(findings)
}

async fn look_outside(outside: &Outside, instance: &Instance, seen: &Seen) -> Vec<Finding> {
    let wanted = manifests(instance);
    let names = async {
        let Some(host) = instance.platform().host() else {
            return vec![Finding::ok(
                Check::HostResolves,
                "the values name no host: the ingress answers for every name",
            )];
        };
        let doors = ingress::of(&wanted).map(|(key, _)| dns::doors(&key, &seen.ingresses)).unwrap_or_default();
        dns::judge(host.as_str(), &dns::resolve(&*outside.names, host.as_str(), &doors).await)
    };
    let (names, images) = join!(names, images::ask(&*outside.web, &wanted));
    names.into_iter().chain(images::judge(&images)).collect()
}

async fn look_at_instance(cluster: Arc<dyn Cluster>, instance: &Instance) -> Vec<Finding> {
    let now = cluster.clock().now();
    let (revisions, status, lock, drift) = join!(
        history(&*cluster, instance),
        status(Arc::clone(&cluster), instance),
        deployed::lock(&*cluster, instance, now),
        drift(&*cluster, instance),
    );
    deployed::judge(&deployed::Known { revisions, status, lock, drift })
}
