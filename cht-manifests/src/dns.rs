//! Names by which the services of an instance reach each other.

use cht_model::NamespaceName;

/// The name of a Service in the cluster's DNS. Every image is given full names, since CouchDB makes its node name of one.
pub(crate) fn host(service: &str, namespace: &NamespaceName) -> String {
    format!("{service}.{namespace}.svc.cluster.local")
}
