//! CouchDB: one node of it.

use cht_model::{CredentialKey, Instance, Toleration as Tolerated};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, EnvVar, PodSecurityContext, PodSpec, Service, Toleration};

use crate::member::Member;
use crate::nouveau::Sidecar;
use crate::servers::Servers;
use crate::workload::{self, Rollout};
use crate::{container, credentials, service, storage};

pub(crate) const PORT: u16 = 5984;
/// By which nodes learn each other's next one.
pub(crate) const EPMD_PORT: u16 = 4369;
/// By which nodes talk.
pub(crate) const ERLANG_PORT: u16 = 9100;
/// By which CouchDB 2 was administered.
pub(crate) const CLUSTER_API_PORT: u16 = 5986;

/// A database is given time to write what it holds.
const GRACE_PERIOD_SECONDS: i64 = 60;

/// Whether the nodes of a cluster offer the port by which CouchDB 2 was administered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterApi {
    /// They do.
    Offered,
    /// They do not.
    Absent,
}

/// The Deployment of a node, with the Nouveau beside it.
pub(crate) fn deployment(member: &Member, sidecar: Option<&Sidecar>) -> Deployment {
    let instance = member.instance;
    let volume = storage::pod_volume_name(member);
    let couchdb = Container {
        env: Some(env(member, sidecar)),
        ports: Some(vec![container::port(PORT)]),
        volume_mounts: Some(vec![
            container::mount(&volume, member.node.data_path.as_str(), "/opt/couchdb/data"),
            container::mount(&volume, "local.d", "/opt/couchdb/etc/local.d"),
        ]),
        ..container::of_cht(&member.workload(), instance.images(), "couchdb")
    };
    let sidecar = sidecar.map(Sidecar::container);
    let pod = PodSpec {
        volumes: Some(vec![storage::pod_volume(member)]),
        // The charts pin no single node.
        node_selector: member.number.and(member.node.placement.as_ref()).map(storage::on_node),
        tolerations: tolerations(instance),
        security_context: Some(PodSecurityContext { run_as_user: Some(0), fs_group: Some(0), ..Default::default() }),
        termination_grace_period_seconds: Some(GRACE_PERIOD_SECONDS),
        ..workload::pod([couchdb].into_iter().chain(sidecar).collect())
    };
    // Two CouchDBs on one volume would corrupt it.
    workload::deployment(&member.workload(), &member.service(), Rollout::Recreate, pod)
}

fn env(member: &Member, sidecar: Option<&Sidecar>) -> Vec<EnvVar> {
    let clustered = member.number.is_some();
    let is_first = member.number == Some(1);
    let nodes = member.instance.couchdb().topology.nodes().len();
    let mut env = Vec::new();
    if clustered && !is_first {
        env.push(Servers::First.env());
    }
    env.extend([
        container::env("COUCHDB_LOG_LEVEL", "info"),
        credentials::credential(member.instance, CredentialKey::Password),
        credentials::credential(member.instance, CredentialKey::Secret),
        credentials::user(member.instance),
        credentials::credential(member.instance, CredentialKey::Uuid),
        container::env("SVC_NAME", member.host()),
    ]);
    if clustered {
        env.push(container::env("NODE_COUNT", nodes.to_string()));
    }
    env.extend(sidecar.and_then(Sidecar::url).map(|url| container::env("NOUVEAU_URL", url)));
    if is_first {
        env.push(Servers::Peers.env());
    }
    env
}

/// The Service of a node: its database, and the ports by which nodes find each other and talk.
pub(crate) fn service(member: &Member, cluster_api: ClusterApi) -> Service {
    let name = member.service();
    let number = member.number.map(|number| number.to_string()).unwrap_or_default();
    let cluster_api = (cluster_api == ClusterApi::Offered && member.number.is_some())
        .then(|| service::named_port("cluster-api", CLUSTER_API_PORT));
    let ports = [service::named_port(&format!("couchdb{number}-service"), PORT)]
        .into_iter()
        .chain(cluster_api)
        .chain([service::named_port("epmd", EPMD_PORT), service::named_port("erlang", ERLANG_PORT)])
        .collect();
    service::service(&name, &name, ports)
}

/// What a pod that must run where CouchDB runs tolerates.
pub(crate) fn tolerations(instance: &Instance) -> Option<Vec<Toleration>> {
    let tolerations: Vec<_> = instance.couchdb().tolerations.iter().map(toleration).collect();
    (!tolerations.is_empty()).then_some(tolerations)
}

fn toleration(tolerated: &Tolerated) -> Toleration {
    let operator = if tolerated.value.is_some() { "Equal" } else { "Exists" };
    Toleration {
        key: Some(tolerated.key.clone()),
        operator: Some(operator.to_owned()),
        value: tolerated.value.clone().filter(|value| !value.is_empty()),
        effect: tolerated.effect.map(|effect| effect.as_str().to_owned()),
        ..Default::default()
    }
}
