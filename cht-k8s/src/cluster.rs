//! One interface to a cluster, whether it is a real API server or the [sandbox](crate::sandbox).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use cht_manifests::{Kind, Object, ObjectKey};
use futures::stream::BoxStream;
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::{
    Access, Clock, ClusterError, Connection, LiveObject, LogLines, LogRequest, Measure, Rules, ServiceAnswer,
    ServiceRequest,
};

/// What this project asks of a cluster. One conformance suite runs against every implementation.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// What the server says of itself, in one request.
    ///
    /// # Errors
    ///
    /// When the server gives no answer.
    async fn server_info(&self) -> Result<ServerInfo, ClusterError>;

    /// The object, or nothing where there is none.
    ///
    /// # Errors
    ///
    /// When the server gives no answer or refuses.
    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError>;

    /// All objects of a kind, in one namespace or, without one, in the cluster. A namespace that does not exist is empty.
    ///
    /// # Errors
    ///
    /// When the server gives no answer, refuses, or does not serve the kind.
    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError>;

    /// Server-side apply as field manager [`FIELD_MANAGER`], with strict field validation where the server has it.
    /// Answers with the object as it is afterwards. An object that is as wanted already keeps its `resourceVersion`.
    ///
    /// # Errors
    ///
    /// [`ClusterError::FieldConflict`] without [`ApplyMode::Force`] where another manager owns a field with another
    /// value; [`ClusterError::Invalid`] where the server does not accept the object; and whatever hinders any request.
    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError>;

    /// What [`apply`](Self::apply) would do now, by the server's own rules, without doing it: admission and validation
    /// have their say. Answers with the object as it would be afterwards.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError>;

    /// Makes an object as it is given, provided that there is none of its name: of several who try, one succeeds.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Changed`] where there is one already; and whatever hinders an apply.
    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError>;

    /// Writes an object as it is given, provided that nobody has written it since its `resourceVersion`. For what an apply
    /// cannot say: that a field which nobody owns goes away.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Changed`] where the object has another `resourceVersion` or is gone; and whatever hinders an apply.
    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError>;

    /// Deletes an object, with what it owns following in the background; it must still be the one with this `uid`.
    /// Answers whether there was one. The object may be there for a while longer, terminating.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Changed`] where an object of another `uid` has the name; and whatever hinders any request.
    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError>;

    /// Everything that happens to objects of a kind in a namespace after `since`, the `resourceVersion` of a
    /// [`Listing`]. The stream ends when the server ends it, and then goes on from the last version seen.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Expired`], also within the stream, where `since` is too old; and whatever hinders any request.
    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError>;

    /// The last lines that a container wrote.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Invalid`] where there is no such container, or it has not run (or not before, for the previous
    /// one); and whatever hinders any request.
    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError>;

    /// The lines that a container writes, as they come.
    ///
    /// The stream ends when the server ends it: at the last line that there is, or for one that is followed with the
    /// container's run, and when nothing has come for minutes.
    ///
    /// # Errors
    ///
    /// As [`logs`](Self::logs), also within the stream, which ends with it.
    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError>;

    /// What was measured, as whoever measures it gives it; nothing where nobody does.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Forbidden`] where the user may not see it; and whatever hinders any request.
    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError>;

    /// Makes one request to a Service, as anyone in the cluster could, and waits for its answer for at most 5 seconds.
    /// The server passes it on without its `Authorization`, which is the server's own.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Forbidden`] where the user may not use the proxy of Services (`services/proxy`); and whatever
    /// hinders any request. A service that cannot be reached is no error, but an answer.
    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError>;

    /// Whether the user may do something, as the server decides it (`SelfSubjectAccessReview`).
    ///
    /// # Errors
    ///
    /// When the server gives no answer or refuses to say.
    async fn may(&self, access: &Access) -> Result<bool, ClusterError>;

    /// What the user may do in a namespace, as far as the server can list it (`SelfSubjectRulesReview`).
    ///
    /// # Errors
    ///
    /// When the server gives no answer or refuses to say.
    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError>;

    /// A connection to a port of a pod, through the API server. It goes on for as long as both sides hold it.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Invalid`] where there is no such pod; [`ClusterError::Forbidden`] where the user may not forward ports
    /// (`pods/portforward`); and whatever hinders any request. That nobody listens at the port shows in the connection alone.
    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError>;

    /// The cluster's time.
    fn clock(&self) -> Arc<dyn Clock>;

    /// How many requests were made so far: one for each call above, and one more for each try again.
    fn requests(&self) -> u64;
}

/// The name under which this project owns fields.
pub const FIELD_MANAGER: &str = "cht";

/// What an apply does about fields that others own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyMode {
    /// Leave fields to the managers that own them.
    Respect,
    /// Take fields over from other managers.
    Force,
}

/// A list with the version it was taken at.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The objects, in no particular order.
    pub items: Vec<LiveObject>,
    /// Where a watch goes on from.
    pub resource_version: String,
}

/// What happens in a namespace.
pub type Watch = BoxStream<'static, Result<WatchEvent, ClusterError>>;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchEvent {
    /// An object is new or has changed.
    Changed(LiveObject),
    /// An object is gone; this is its last state.
    Deleted(LiveObject),
    /// Nothing happened up to this version.
    Bookmark(String),
}

/// Which lines of which run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOptions {
    /// Those of the run before the current one.
    pub previous: bool,
    /// At most this many, from the end.
    pub tail: u32,
}

/// What a server says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerInfo {
    /// Its version.
    pub version: ServerVersion,
    /// Its time when it answered, cut to the second; nothing where its answer bore none.
    pub time: Option<Timestamp>,
}

impl fmt::Display for ServerInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)?;
        self.time.map_or(Ok(()), |time| write!(f, ", {time}"))
    }
}

/// A server's version, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// 1.
    pub major: u32,
    /// 20 or more.
    pub minor: u32,
}

impl ServerVersion {
    /// The oldest version that everything here works with: the first with a usable server-side apply.
    pub const OLDEST: Self = Self { major: 1, minor: 20 };
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
