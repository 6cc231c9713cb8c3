//! What a user may do: one thing, and the rules that a server lists.

use std::fmt;

use cht_manifests::Kind;
use serde::Deserialize;

/// Every verb, group or resource, as Kubernetes' rules write it.
const ANY: &str = "*";

/// Something that a user may do or not: a verb on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// `get`, `list`, `create`, …
    pub verb: &'static str,
    /// The API group, empty for the core group.
    pub group: &'static str,
    /// The resource in the plural, with a subresource after a slash: `pods/log`.
    pub resource: String,
    /// The namespace; none for the whole cluster.
    pub namespace: Option<String>,
}

impl Access {
    /// A verb on the objects of a kind, in a namespace where the kind has one.
    pub fn to(verb: &'static str, kind: Kind, namespace: &str) -> Self {
        let namespace = kind.is_namespaced().then(|| namespace.to_owned());
        Self { verb, group: kind.group(), resource: kind.plural().to_owned(), namespace }
    }

    /// A verb on a subresource of the objects of a kind.
    pub fn to_part(verb: &'static str, kind: Kind, part: &str, namespace: &str) -> Self {
        let whole = Self::to(verb, kind, namespace);
        Self { resource: format!("{}/{part}", kind.plural()), ..whole }
    }

    /// A verb on the objects of a kind in every namespace.
    pub fn everywhere(verb: &'static str, kind: Kind) -> Self {
        Self { namespace: None, ..Self::to(verb, kind, "") }
    }

    /// Everything, which only administrators of the cluster may do.
    pub fn everything() -> Self {
        Self { verb: ANY, group: ANY, resource: ANY.to_owned(), namespace: None }
    }
}

impl fmt::Display for Access {
    /// `create deployments.apps in county-a`, as `kubectl auth can-i` names resources.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.group.is_empty() && self.group != ANY {
            write!(f, ".{}", self.group)?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " in {namespace}"),
            None => Ok(()),
        }
    }
}

/// What a user may do in a namespace, as far as a server can list it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    namespace: String,
    rules: Vec<Rule>,
}

/// One rule, as a server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Rule {
    pub(crate) verbs: Vec<String>,
    pub(crate) api_groups: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) resource_names: Vec<String>,
}

impl Rules {
    pub(crate) fn new(namespace: &str, rules: Vec<Rule>) -> Self {
        Self { namespace: namespace.to_owned(), rules }
    }

    /// How many rules they are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether they show that the user may do it. What they do not show may be allowed all the same: ask the server.
    ///
    /// Rules of a namespace say nothing about the cluster, nor does a rule for single objects about all of them.
    pub fn show(&self, access: &Access) -> bool {
        access.namespace.as_ref() == Some(&self.namespace) && self.rules.iter().any(|rule| rule.covers(access))
    }
}

impl Rule {
    pub(crate) fn everything() -> Self {
        let any = || vec![ANY.to_owned()];
        Self { verbs: any(), api_groups: any(), resources: any(), resource_names: Vec::new() }
    }

    fn covers(&self, access: &Access) -> bool {
        let has = |all: &[String], one: &str| all.iter().any(|each| each == ANY || each == one);
        let part = access.resource.split_once('/').map(|(_, part)| format!("{ANY}/{part}"));
        let covers_resource =
            has(&self.resources, &access.resource) || part.is_some_and(|part| self.resources.contains(&part));
        self.resource_names.is_empty()
            && has(&self.verbs, access.verb)
            && has(&self.api_groups, access.group)
            && covers_resource
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(rule: serde_json::Value) -> Rules {
        Rules::new("ns", vec![serde_json::from_value(rule).expect("a rule")])
    }

    #[test]
    fn a_rule_shows_what_it_covers_and_nothing_else() {
        let deployments = json!({ "verbs": ["get", "patch"], "apiGroups": ["apps"], "resources": ["deployments"] });
        let everything = json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] });
        let one = json!({ "verbs": ["*"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["mine"] });
        let logs = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["*/log"] });
        for (rule, access, shown) in [
            (&deployments, Access::to("get", Kind::Deployment, "ns"), true),
            (&deployments, Access::to("get", Kind::Deployment, "other"), false),
            (&deployments, Access::to("delete", Kind::Deployment, "ns"), false),
            (&deployments, Access::to("get", Kind::Service, "ns"), false),
            (&everything, Access::to("get", Kind::Service, "ns"), true),
            // A RoleBinding to `cluster-admin` looks like this, and gives nothing outside of its namespace.
            (&everything, Access::to("get", Kind::Node, "ns"), false),
            (&everything, Access::everywhere("list", Kind::Ingress), false),
            (&one, Access::to("get", Kind::Secret, "ns"), false),
            (&logs, Access::to_part("get", Kind::Pod, "log", "ns"), true),
            (&logs, Access::to("get", Kind::Pod, "ns"), false),
        ] {
            assert_eq!(rules(rule.clone()).show(&access), shown, "{access}");
        }
    }

    #[test]
    fn an_access_is_named_as_kubectl_asks_for_it() {
        assert_eq!(Access::to("create", Kind::Deployment, "ns").to_string(), "create deployments.apps in ns");
        assert_eq!(Access::to_part("get", Kind::Pod, "log", "ns").to_string(), "get pods/log in ns");
        assert_eq!(Access::everywhere("list", Kind::Ingress).to_string(), "list ingresses.networking.k8s.io");
        assert_eq!(Access::everything().to_string(), "* *");
    }
}
