//! What a request asks of the API server, as its method and URL tell.

use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Uri};

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads one object.
    Get,
    /// Reads all objects of a kind.
    List,
    /// Follows the objects of a kind.
    Watch,
    /// Server-side apply.
    Apply,
    /// Any write that changes nothing.
    DryRun,
    /// Makes an object.
    Create,
    /// Asks what the user may do, which is a creation in form only.
    Review,
    /// Writes a whole object.
    Replace,
    /// Deletes.
    Delete,
    /// Reads a container's output.
    Logs,
    /// Goes through the server to a Service.
    Service,
    /// Anything else: the server's version, other patches.
    Other,
}

impl Class {
    /// Whether such a request changes something.
    pub fn writes(self) -> bool {
        matches!(self, Self::Apply | Self::Create | Self::Replace | Self::Delete)
    }
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// What it does.
    pub class: Class,
    /// The kind, as URLs have it: `deployments`. Empty where it is about no kind.
    pub resource: String,
    /// The namespace, where it is about one.
    pub namespace: Option<String>,
    /// The object, where it is about one.
    pub name: Option<String>,
}

impl Target {
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let mut parts: Vec<_> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
        let root = match parts.first() {
            Some(&"api") => 2,
            Some(&"apis") => 3,
            _ => parts.len(),
        };
        parts.drain(..root.min(parts.len()));
        let mut namespace = None;
        // `namespaces/NS` is an object, `namespaces/NS/services` a kind in it.
        if let ["namespaces", name, _, ..] = parts[..] {
            namespace = Some(name.to_owned());
            parts.drain(..2);
        }
        let mut parts = parts.into_iter().map(str::to_owned);
        let resource = parts.next().unwrap_or_default();
        let name = parts.next();
        let subresource = parts.next();
        let class = if resource.is_empty() {
            Class::Other
        } else {
            class(method, uri.query().unwrap_or_default(), headers, &resource, name.is_some(), subresource.as_deref())
        };
        Self { class, resource, namespace, name }
    }

    /// Whether what it carries is a Secret's content.
    pub(super) fn is_secret(&self) -> bool {
        self.resource == "secrets"
    }
}

fn class(
    method: &Method,
    query: &str,
    headers: &HeaderMap,
    resource: &str,
    is_named: bool,
    subresource: Option<&str>,
) -> Class {
    let asks_for = |key: &str| query.split('&').filter_map(|pair| pair.split_once('=')).any(|(name, _)| name == key);
    let applies =
        headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/apply-patch"));
    match *method {
        _ if subresource == Some("log") => Class::Logs,
        _ if subresource == Some("proxy") => Class::Service,
        Method::GET if asks_for("watch") => Class::Watch,
        Method::GET if is_named => Class::Get,
        Method::GET => Class::List,
        _ if asks_for("dryRun") => Class::DryRun,
        Method::PATCH if applies => Class::Apply,
        Method::POST if resource.starts_with("selfsubject") => Class::Review,
        Method::POST => Class::Create,
        Method::PUT => Class::Replace,
        Method::DELETE => Class::Delete,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use hyper::{Method, Uri};

    use super::{Class, Target};

    /// The class, and what it is about as `namespace/resource/name`.
    fn target(method: &Method, uri: &'static str) -> (Class, String) {
        let mut headers = HeaderMap::new();
        if *method == Method::PATCH {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/apply-patch+yaml"));
        }
        let target = Target::of(method, &Uri::from_static(uri), &headers);
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        (target.class, format!("{}/{}/{}", part(&target.namespace), target.resource, part(&target.name)))
    }

    #[test]
    fn requests_are_told_apart() {
        for (method, uri, class, what) in [
            (Method::GET, "/version", Class::Other, "//"),
            (Method::GET, "/api/v1/namespaces/ns", Class::Get, "/namespaces/ns"),
            (Method::GET, "/api/v1/persistentvolumes", Class::List, "/persistentvolumes/"),
            (Method::GET, "/api/v1/namespaces/ns/pods?watch=true&resourceVersion=7", Class::Watch, "ns/pods/"),
            (Method::GET, "/apis/apps/v1/namespaces/ns/deployments", Class::List, "ns/deployments/"),
            (Method::GET, "/apis/apps/v1/namespaces/ns/deployments/api", Class::Get, "ns/deployments/api"),
            (Method::GET, "/api/v1/namespaces/ns/pods/api-1/log?container=api", Class::Logs, "ns/pods/api-1"),
            (Method::GET, "/api/v1/namespaces/ns/services/api:5988/proxy/x/y", Class::Service, "ns/services/api:5988"),
            (Method::PATCH, "/api/v1/namespaces/ns?fieldManager=cht", Class::Apply, "/namespaces/ns"),
            (Method::PATCH, "/api/v1/namespaces/ns/secrets/s?force=true&dryRun=All", Class::DryRun, "ns/secrets/s"),
            (Method::POST, "/api/v1/namespaces/ns/configmaps", Class::Create, "ns/configmaps/"),
            (Method::POST, "/api/v1/namespaces/ns/configmaps?dryRun=All", Class::DryRun, "ns/configmaps/"),
            (Method::PUT, "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l", Class::Replace, "ns/leases/l"),
            (
                Method::POST,
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                Class::Review,
                "/selfsubjectaccessreviews/",
            ),
            (Method::DELETE, "/apis/batch/v1/namespaces/ns/jobs/j", Class::Delete, "ns/jobs/j"),
        ] {
            assert_eq!(target(&method, uri), (class, what.to_owned()), "{uri}");
        }
    }

    #[test]
    fn other_patches_are_not_applies() {
        let uri = Uri::from_static("/api/v1/namespaces/ns/pods/p");
        assert_eq!(Target::of(&Method::PATCH, &uri, &HeaderMap::new()).class, Class::Other);
    }
}
