//! Who calls whom, by what the containers' variables say.
//!
//! What a component cannot work without is in [`Component::depends_on`](crate::Component::depends_on), by which health
//! goes. This is what the containers are told, by which they open connections.

use cht_model::NamespaceName;
use k8s_openapi::api::core::v1::{ConfigMap, Container, EnvVar};

use super::model::Relation;
use crate::{dns, haproxy, nouveau};

/// A variable by which a container learns whom to call.
struct Variable {
    name: &'static str,
    says: Says,
    relation: Relation,
    purpose: &'static str,
}

/// What a variable's value is.
enum Says {
    /// Hosts, with commas between them.
    Hosts,
    /// A URL.
    Url,
    /// A secret, which is not read: it always leads to this Service.
    Service(&'static str),
}

const VARIABLES: [Variable; 8] = [
    Variable::new("COUCH_URL", Says::Service(haproxy::SERVICE), Relation::Calls, "documents"),
    Variable::new("API_HOST", Says::Hosts, Relation::Calls, "API"),
    Variable::new("UPGRADE_SERVICE_URL", Says::Url, Relation::Calls, "upgrades"),
    Variable::new("HEALTHCHECK_ADDR", Says::Hosts, Relation::Calls, "which nodes are up?"),
    Variable::new("COUCHDB_SERVERS", Says::Hosts, Relation::Calls, ""),
    Variable::new("NOUVEAU_URL", Says::Url, Relation::Calls, "search"),
    Variable::new("CLUSTER_PEER_IPS", Says::Hosts, Relation::Peers, "joins"),
    Variable::new("COUCHDB_SYNC_ADMINS_NODE", Says::Hosts, Relation::Peers, "administrators"),
];

impl Variable {
    const fn new(name: &'static str, says: Says, relation: Relation, purpose: &'static str) -> Self {
        Self { name, says, relation, purpose }
    }
}

/// That a container calls a Service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) relation: Relation,
    pub(super) purpose: &'static str,
}

/// The Services that a container is told to call.
pub(super) fn of(container: &Container, configuration: &[&ConfigMap], namespace: &NamespaceName) -> Vec<Call> {
    let mut calls = Vec::new();
    for variable in container.env.iter().flatten() {
        let Some(known) = VARIABLES.iter().find(|known| known.name == variable.name) else { continue };
        let value = || value(variable, configuration).unwrap_or_default();
        let services = match known.says {
            Says::Hosts => value().split(',').filter_map(|host| dns::service(host.trim(), namespace)).collect(),
            Says::Url => dns::service(host(value()), namespace).into_iter().collect(),
            Says::Service(service) => vec![service],
        };
        let Variable { relation, purpose, .. } = *known;
        calls.extend(services.into_iter().map(|service| Call { service: service.to_owned(), relation, purpose }));
    }
    calls
}

/// What a CouchDB that is told of no Nouveau calls: the name that its image has built in.
pub(super) fn built_in() -> Call {
    Call { service: nouveau::SERVICE.to_owned(), relation: Relation::Calls, purpose: "search" }
}

/// Whether a container is told of Nouveau.
pub(super) fn knows_nouveau(container: &Container) -> bool {
    container.env.iter().flatten().any(|variable| variable.name == "NOUVEAU_URL")
}

/// The value of a variable that is written in the container or in configuration. Secrets are not looked into.
fn value<'a>(variable: &'a EnvVar, configuration: &[&'a ConfigMap]) -> Option<&'a str> {
    if let Some(value) = &variable.value {
        return Some(value);
    }
    let selector = variable.value_from.as_ref()?.config_map_key_ref.as_ref()?;
    let map = configuration.iter().find(|map| map.metadata.name.as_deref() == Some(selector.name.as_str()))?;
    map.data.as_ref()?.get(&selector.key).map(String::as_str)
}

/// The host of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_urls_host_is_all_that_is_taken_of_it() {
        for url in ["http://nouveau-2:5987", "nouveau-2", "http://a:b@nouveau-2/c?d", "http://nouveau-2#e"] {
            assert_eq!(host(url), "nouveau-2", "{url}");
        }
    }
}
