//! The names by which people call the parts of an instance, and what a namespace has by that name.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use cht_manifests::Component;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;

/// The label by which every deployer of CHT names a component.
const SERVICE: &str = "cht.service";
/// The search sidecar of CouchDB, which has a name of its own and no Deployment.
const NOUVEAU: &str = "nouveau";
/// How alike a name must be to be meant.
const LIKENESS: f64 = 0.7;

/// The name of a component, as `cht.service` has it: `api`, `couchdb-2`, `healthcheck`, `nouveau`.
///
/// Read from what people write: names of Deployments and containers are understood, too.
///
/// ```
/// use cht_k8s::ComponentName;
///
/// let name: ComponentName = "cht-haproxy-healthcheck".parse().unwrap();
/// assert_eq!(name.as_str(), "healthcheck");
/// assert!("couch db".parse::<ComponentName>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ComponentName(String);

impl ComponentName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a Deployment runs; nothing for one that is no part of CHT.
    pub fn of_deployment(deployment: &Deployment) -> Option<Self> {
        let pod = deployment.spec.as_ref().and_then(|spec| spec.template.metadata.as_ref());
        Self::of_metadata(&deployment.metadata).or_else(|| Self::of_metadata(pod?))
    }

    /// What a pod is of; nothing for one that is no part of CHT.
    pub fn of_pod(pod: &Pod) -> Option<Self> {
        Self::of_metadata(&pod.metadata)
    }

    pub(crate) fn of_metadata(metadata: &ObjectMeta) -> Option<Self> {
        metadata.labels.as_ref()?.get(SERVICE)?.parse().ok()
    }

    /// Whether the name is of a sidecar, which runs in another component's pods.
    pub fn is_sidecar(&self) -> bool {
        self.0 == NOUVEAU || self.number_after(NOUVEAU).is_some()
    }

    /// Whether this name stands for a container of another component: Nouveau's in the pods of CouchDB.
    pub fn is_container(&self, component: &Self, container: &str) -> bool {
        let of_node = self.number_after(NOUVEAU);
        self.is_sidecar()
            && container.ends_with(NOUVEAU)
            && (of_node.is_none() || component.number_after("couchdb") == of_node)
    }

    /// Those of a namespace that are meant: the one of this name, every node for `couchdb`, and for a sidecar those that
    /// it runs in.
    ///
    /// # Errors
    ///
    /// [`ComponentNotThere`] where there is none, with the name that may be meant.
    pub fn among(&self, there: &[Self]) -> Result<Vec<Self>, ComponentNotThere> {
        let exactly = there.iter().find(|other| *other == self);
        let nodes = |other: &&Self| other.0 == "couchdb" || other.number_after("couchdb").is_some();
        let found: Vec<_> = match exactly {
            Some(exactly) => vec![exactly.clone()],
            None if self.0 == "couchdb" || self.0 == NOUVEAU => there.iter().filter(nodes).cloned().collect(),
            None => {
                let node = self.number_after(NOUVEAU);
                let is_node = |other: &&Self| node.is_some() && other.number_after("couchdb") == node;
                there.iter().filter(is_node).cloned().collect()
            }
        };
        if found.is_empty() { Err(ComponentNotThere::new(self, there)) } else { Ok(found) }
    }

    fn number_after(&self, name: &str) -> Option<u8> {
        self.0.strip_prefix(name)?.strip_prefix('-')?.parse().ok()
    }

    /// The place in the order in which components start.
    fn rank(&self) -> (usize, u8) {
        const ORDER: [&str; 7] = ["couchdb", NOUVEAU, "healthcheck", "haproxy", "api", "sentinel", "upgrade-service"];
        let numbered = |name: &&str| self.number_after(name).is_some();
        let place = ORDER.iter().position(|name| self.0 == **name || numbered(name)).unwrap_or(ORDER.len());
        let number = ORDER.iter().find_map(|name| self.number_after(name)).unwrap_or_default();
        (place, number)
    }
}

impl From<Component> for ComponentName {
    fn from(component: Component) -> Self {
        Self(component.to_string())
    }
}

impl Ord for ComponentName {
    /// As they start.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.rank(), &self.0).cmp(&(other.rank(), &other.0))
    }
}

impl PartialOrd for ComponentName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What no component can be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a component: write for example api, couchdb-2 or healthcheck")]
pub struct InvalidComponentName(String);

impl FromStr for ComponentName {
    type Err = InvalidComponentName;

    fn from_str(text: &str) -> Result<Self, InvalidComponentName> {
        let refused = || InvalidComponentName(text.to_owned());
        let name = text.to_ascii_lowercase();
        let name = name.rsplit_once('/').map_or(name.as_str(), |(_kind, name)| name);
        let name = name.strip_prefix("cht-").unwrap_or(name);
        let name = match name {
            "haproxy-healthcheck" => "healthcheck",
            name if name.starts_with("couchdb-nouveau") => name.strip_prefix("couchdb-").unwrap_or(name),
            name => name,
        };
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' || byte == b'_';
        let is_name = !name.is_empty() && name.len() <= 63 && name.bytes().all(is_letter);
        if is_name { Ok(Self(name.to_owned())) } else { Err(refused()) }
    }
}

/// A namespace has no component of a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no component {name}{}; there {}", suggestion(.nearest.as_ref()), enumeration(.there))]
pub struct ComponentNotThere {
    /// The name.
    pub name: ComponentName,
    /// The one that may be meant.
    pub nearest: Option<ComponentName>,
    /// All that the namespace has.
    pub there: Vec<ComponentName>,
}

impl ComponentNotThere {
    fn new(name: &ComponentName, there: &[ComponentName]) -> Self {
        let alike = |other: &ComponentName| strsim::jaro_winkler(other.as_str(), name.as_str());
        let mut there = there.to_vec();
        there.sort();
        // Of several that are as much alike, the first.
        let nearest = there.iter().rev().max_by(|one, other| alike(one).total_cmp(&alike(other)));
        let nearest = nearest.filter(|nearest| alike(nearest) > LIKENESS).cloned();
        Self { name: name.clone(), nearest, there }
    }
}

fn suggestion(name: Option<&ComponentName>) -> String {
    name.map_or_else(String::new, |name| format!(", did you mean {name}?"))
}

fn enumeration(there: &[ComponentName]) -> String {
    let names: Vec<_> = there.iter().map(ComponentName::as_str).collect();
    match names.as_slice() {
        [] => "are none".to_owned(),
        [one] => format!("is {one}"),
        names => format!("are {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ComponentName {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    fn names(all: &[&str]) -> Vec<ComponentName> {
        all.iter().map(|one| name(one)).collect()
    }

    #[test]
    fn people_have_several_names_for_a_component() {
        for (written, meant) in [
            ("api", "api"),
            ("cht-api", "api"),
            ("deployment/cht-api", "api"),
            ("CouchDB-2", "couchdb-2"),
            ("cht-couchdb-2", "couchdb-2"),
            ("haproxy-healthcheck", "healthcheck"),
            ("cht-haproxy-healthcheck", "healthcheck"),
            ("cht-couchdb-nouveau", "nouveau"),
            ("nouveau-3", "nouveau-3"),
            ("upgrade-service", "upgrade-service"),
        ] {
            assert_eq!(name(written).as_str(), meant, "{written}");
        }
        for bad in ["", "cht-", "couch db", "api;", "ä", &"x".repeat(64)] {
            assert!(bad.parse::<ComponentName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_means_what_the_namespace_has() {
        let cluster = names(&["api", "couchdb-1", "couchdb-2", "haproxy"]);
        assert_eq!(name("couchdb-2").among(&cluster), Ok(names(&["couchdb-2"])));
        assert_eq!(name("couchdb").among(&cluster), Ok(names(&["couchdb-1", "couchdb-2"])));
        assert_eq!(name("nouveau").among(&cluster), Ok(names(&["couchdb-1", "couchdb-2"])));
        assert_eq!(name("nouveau-2").among(&cluster), Ok(names(&["couchdb-2"])));
        let single = names(&["couchdb", "nouveau"]);
        assert_eq!(name("couchdb").among(&single), Ok(names(&["couchdb"])));
        assert_eq!(name("nouveau").among(&single), Ok(names(&["nouveau"])));
        assert_eq!(name("nouveau").among(&names(&["couchdb"])), Ok(names(&["couchdb"])));
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        let refused = |text: &str, there: &[&str]| name(text).among(&names(there)).expect_err("none").to_string();
        let cluster = ["sentinel", "couchdb-1", "couchdb-2", "api"];
        insta::assert_snapshot!(
            [
                refused("sentinal", &cluster),
                refused("couchdb-9", &cluster),
                refused("nginx", &cluster),
                refused("couchdb-1", &["couchdb"]),
                refused("api", &[]),
            ]
            .join("\n"),
            @r"
        there is no component sentinal, did you mean sentinel?; there are couchdb-1, couchdb-2, api, sentinel
        there is no component couchdb-9, did you mean couchdb-1?; there are couchdb-1, couchdb-2, api, sentinel
        there is no component nginx; there are couchdb-1, couchdb-2, api, sentinel
        there is no component couchdb-1, did you mean couchdb?; there is couchdb
        there is no component api; there are none
        "
        );
    }

    #[test]
    fn a_sidecar_is_a_container_of_its_node() {
        let is =
            |sidecar: &str, component: &str, container: &str| name(sidecar).is_container(&name(component), container);
        assert!(is("nouveau", "couchdb", "cht-couchdb-nouveau"));
        assert!(is("nouveau-2", "couchdb-2", "cht-couchdb-nouveau"));
        assert!(!is("nouveau-2", "couchdb-1", "cht-couchdb-nouveau"));
        assert!(!is("nouveau", "couchdb", "cht-couchdb"));
        assert!(!is("couchdb", "couchdb", "cht-couchdb"));
    }

    #[test]
    fn they_are_ordered_as_they_start() {
        let mut all = names(&["upgrade-service", "other", "api", "couchdb-10", "couchdb-2", "sentinel", "haproxy"]);
        all.sort();
        let sorted: Vec<_> = all.iter().map(ComponentName::as_str).collect();
        assert_eq!(sorted, ["couchdb-2", "couchdb-10", "haproxy", "api", "sentinel", "upgrade-service", "other"]);
    }
}
