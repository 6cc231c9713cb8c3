//! The graph itself: parts, links between them, and the state of each part where a cluster was looked at.

use std::collections::BTreeMap;
use std::fmt;

use cht_model::Instance;

use super::objects;
use crate::{Component, Manifests};

/// What an instance consists of, and what leads where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// What it is a picture of.
    pub heading: Heading,
    /// The parts, in the order in which the objects are applied, after who comes from outside.
    pub parts: Vec<Part>,
    /// What leads where. Both ends of each are parts.
    pub links: Vec<Link>,
    /// When a cluster was looked at for the parts' states, in words; none when it was not.
    pub seen_at: Option<String>,
}

/// What a graph is a picture of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The project's name.
    pub project: String,
    /// The version of CHT.
    pub version: String,
    /// The namespace.
    pub namespace: String,
    /// The address that people open.
    pub address: String,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// Who uses the instance, from outside.
    Client,
    /// An Ingress.
    Ingress,
    /// A Service.
    Service,
    /// A Deployment, with its first container.
    Deployment,
    /// A further container of a Deployment.
    Container,
    /// A `PersistentVolumeClaim`.
    Claim,
    /// What keeps the data in the end.
    Volume,
}

impl PartKind {
    /// The kind's name, e.g. `deployment`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Ingress => "ingress",
            Self::Service => "service",
            Self::Deployment => "deployment",
            Self::Container => "container",
            Self::Claim => "claim",
            Self::Volume => "volume",
        }
    }
}

/// What tells a part from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId {
    /// What it is.
    pub kind: PartKind,
    /// Its name among those of its kind.
    pub name: String,
}

impl PartId {
    pub(super) fn new(kind: PartKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

impl fmt::Display for PartId {
    /// `deployment/cht-api`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.name)
    }
}

/// A part of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What tells it from others.
    pub id: PartId,
    /// What it belongs to.
    pub component: Component,
    /// What people call it.
    pub title: String,
    /// What else is to be known of it, a few words each.
    pub facts: Vec<Fact>,
    /// The part that it is inside of.
    pub within: Option<PartId>,
    /// How a cluster has it, where that was looked at.
    pub state: Option<State>,
}

/// A few words about a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// As it is shown.
    pub text: String,
    /// In full, where what is shown leaves something out.
    pub whole: Option<String>,
}

impl Fact {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), whole: None }
    }

    /// The words, in full.
    pub fn whole(&self) -> &str {
        self.whole.as_deref().unwrap_or(&self.text)
    }
}

/// How two parts belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The first sends requests to the second.
    Calls,
    /// The first is a Service, and the second what answers for it.
    Leads,
    /// The first is a CouchDB node that is told of the second, and from then on they talk to each other.
    Peers,
    /// The first keeps its data on the second.
    Keeps,
}

/// What leads from one part to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it starts.
    pub from: PartId,
    /// Where it ends.
    pub to: PartId,
    /// How they belong together.
    pub relation: Relation,
    /// What for, in a word or two; empty where that needs no words.
    pub purpose: &'static str,
}

/// How well a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// As it should be.
    Ready,
    /// On its way.
    Progressing,
    /// It was ready, and is not any more.
    Degraded,
    /// Waiting does not mend it.
    Failed,
    /// Nothing is known of it.
    Unknown,
}

impl Condition {
    /// All conditions, best first.
    pub const ALL: [Self; 5] = [Self::Ready, Self::Progressing, Self::Degraded, Self::Failed, Self::Unknown];

    /// The condition's name, e.g. `ready`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Progressing => "progressing",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// How a cluster has a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// How well that is.
    pub condition: Condition,
    /// In one word, e.g. `ready` or `bound`.
    pub word: &'static str,
    /// Why it is not ready.
    pub reason: Option<String>,
}

impl State {
    /// The state that has the condition's own name.
    pub fn of(condition: Condition, reason: Option<String>) -> Self {
        Self { condition, word: condition.as_str(), reason }
    }
}

/// What one look at a cluster has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When, in words.
    pub at: String,
    /// How each Deployment is, by name.
    pub deployments: BTreeMap<String, State>,
    /// How each claim is, by name.
    pub claims: BTreeMap<String, State>,
}

impl Graph {
    /// The graph of an instance, read from its objects. They are given, since an instance that runs may have other ones
    /// than its values make now.
    pub fn of(instance: &Instance, manifests: &Manifests) -> Self {
        let heading = Heading {
            project: instance.project().to_string(),
            version: instance.version().to_owned(),
            namespace: instance.namespace().to_string(),
            address: instance.address(),
        };
        let (parts, links) = objects::read(manifests, instance.namespace());
        Self { heading, parts, links, seen_at: None }
    }

    /// The same with how a cluster has each Deployment and each claim. Those that were not seen are unknown.
    #[must_use]
    pub fn seen(mut self, seen: &Seen) -> Self {
        for part in &mut self.parts {
            let states = match part.id.kind {
                PartKind::Deployment => &seen.deployments,
                PartKind::Claim => &seen.claims,
                _ => continue,
            };
            let unknown = || State::of(Condition::Unknown, None);
            part.state = Some(states.get(&part.id.name).cloned().unwrap_or_else(unknown));
        }
        self.seen_at = Some(seen.at.clone());
        self
    }

    pub(super) fn part(&self, id: &PartId) -> Option<&Part> {
        self.parts.iter().find(|part| part.id == *id)
    }

    /// The Services that a part answers for.
    pub(super) fn services_of<'a>(&'a self, id: &'a PartId) -> impl Iterator<Item = &'a Part> {
        let leads = self.links.iter().filter(move |link| link.relation == Relation::Leads && link.to == *id);
        leads.filter_map(|link| self.part(&link.from))
    }

    /// What answers in the end when a part is called: itself, or what its Service leads to.
    pub(super) fn answers<'a>(&'a self, id: &'a PartId) -> &'a PartId {
        let mut leads = self.links.iter().filter(|link| link.relation == Relation::Leads && link.from == *id);
        leads.next().map_or(id, |link| &link.to)
    }

    /// What the picture is called.
    pub(super) fn title(&self) -> String {
        format!("{}: CHT {}", self.heading.project, self.heading.version)
    }

    /// What the picture shows, and since when.
    pub(super) fn subtitle(&self) -> String {
        format!("namespace {}, {}", self.heading.namespace, self.basis())
    }

    /// What the picture goes by.
    pub(super) fn basis(&self) -> String {
        match &self.seen_at {
            Some(at) => format!("as the cluster had it at {at}"),
            None => "as the values describe it".to_owned(),
        }
    }
}

impl Part {
    /// Its kind and name, its facts and its state, a line each, for writers that leave the drawing to others.
    pub(super) fn lines(&self) -> Vec<String> {
        let name = match self.id.kind {
            PartKind::Ingress => format!("Ingress {}", self.title),
            PartKind::Service => format!("Service {}", self.title),
            PartKind::Deployment => format!("Deployment {}", self.id.name),
            PartKind::Container => format!("container {}", self.title),
            PartKind::Claim => format!("claim {}", self.title),
            PartKind::Client | PartKind::Volume => self.title.clone(),
        };
        let facts = self.facts.iter().map(|fact| fact.text.clone());
        [name].into_iter().chain(facts).chain(self.state.as_ref().map(State::in_words)).collect()
    }

    /// Its name and facts in full, and its state: what a reader without eyes is told.
    pub(super) fn in_words(&self) -> String {
        let mut words = vec![self.id.to_string()];
        words.extend(self.facts.iter().map(|fact| fact.whole().to_owned()));
        words.extend(self.state.as_ref().map(State::in_words));
        words.join(", ")
    }
}

impl State {
    /// `failed: its image cannot be pulled`
    pub(super) fn in_words(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.word),
            None => self.word.to_owned(),
        }
    }
}
