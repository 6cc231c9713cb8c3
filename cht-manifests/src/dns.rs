//! Names by which the services of an instance reach each other.

use cht_model::NamespaceName;

/// The name of a Service in the cluster's DNS. Every image is given full names, since CouchDB makes its node name of one.
pub(crate) fn host(service: &str, namespace: &NamespaceName) -> String {
    format!("{service}.{namespace}.svc.cluster.local")
}

/// The Service that a host names, where it is one of this namespace: the inverse of [`host`], for short names, too.
pub(crate) fn service<'a>(host: &'a str, namespace: &NamespaceName) -> Option<&'a str> {
    let (service, rest) = host.split_once('.').unwrap_or((host, ""));
    let is_here = rest.is_empty() || rest == format!("{namespace}.svc.cluster.local");
    (is_here && !service.is_empty()).then_some(service)
}
