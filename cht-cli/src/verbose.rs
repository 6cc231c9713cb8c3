//! Says each request to the cluster on standard error: what was asked, what came of it in a word, and how long it took.
//!
//! Never a text of the server's: it may repeat what it was sent, secrets included.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use cht_k8s::{
    Access, ApplyMode, Clock, Cluster, ClusterError, Connection, Listing, LiveObject, LogLines, LogOptions, LogRequest,
    Measure, Rules, ServerInfo, ServiceAnswer, ServiceRequest, Watch,
};
use cht_manifests::{Kind, Object, ObjectKey};
use serde_json::Value;

use crate::output::explain;

/// A cluster whose requests are said.
pub(crate) struct Verbose(pub(crate) Arc<dyn Cluster>);

impl Verbose {
    async fn say<T>(
        &self,
        request: impl fmt::Display + Send,
        answer: impl Future<Output = Result<T, ClusterError>> + Send,
        found: impl FnOnce(&T) -> String + Send,
    ) -> Result<T, ClusterError> {
        let begun = Instant::now();
        let answer = answer.await;
        let came = match &answer {
            Ok(answer) => found(answer),
            Err(error) => word(error).to_owned(),
        };
        let now = self.0.clock().now().strftime("%H:%M:%S%.3fZ");
        explain(&format!("{now} {request}: {came}, {} ms", begun.elapsed().as_millis()));
        answer
    }
}

/// What hindered a request, in a word.
fn word(error: &ClusterError) -> &'static str {
    match error {
        ClusterError::Unreachable { .. } => "unreachable",
        ClusterError::Unavailable { .. } => "unavailable",
        ClusterError::Unauthorized { .. } => "unauthorized",
        ClusterError::Forbidden { .. } => "forbidden",
        ClusterError::NotServed { .. } => "not served",
        ClusterError::NamespaceUnavailable { .. } => "namespace unavailable",
        ClusterError::FieldConflict { .. } => "field conflict",
        ClusterError::HostTaken { .. } => "host taken",
        ClusterError::Changed { .. } => "changed by another",
        ClusterError::Invalid { .. } => "invalid",
        ClusterError::Expired => "expired",
        ClusterError::LockLost => "not sent, for the lock is lost",
        ClusterError::Malformed { .. } => "malformed",
    }
}

fn version_of(object: &LiveObject) -> String {
    format!("version {}", object.resource_version())
}

fn place(kind: Kind, namespace: Option<&str>) -> String {
    namespace.map_or_else(|| kind.to_string(), |namespace| format!("{kind} in {namespace}"))
}

#[async_trait]
impl Cluster for Verbose {
    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        self.say("server", self.0.server_info(), ToString::to_string).await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        let found = |found: &Option<LiveObject>| found.as_ref().map_or_else(|| "not there".to_owned(), version_of);
        self.say(format!("get {key}"), self.0.get(key), found).await
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        let count = |listing: &Listing| format!("{} at version {}", listing.items.len(), listing.resource_version);
        self.say(format!("list {}", place(kind, namespace)), self.0.list(kind, namespace), count).await
    }

    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.say(format!("apply {}", object.key()), self.0.apply(object, mode), version_of).await
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        let accepted = |_: &LiveObject| "accepted".to_owned();
        self.say(format!("try {}", object.key()), self.0.dry_run(object, mode), accepted).await
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.say(format!("create {}", object.key()), self.0.create(object), version_of).await
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.say(format!("replace {}", object.key()), self.0.replace(object), version_of).await
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        let was_there = |was_there: &bool| if *was_there { "deleted" } else { "not there" }.to_owned();
        self.say(format!("delete {key}"), self.0.delete(key, uid), was_there).await
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        let request = format!("watch {} since {since}", place(kind, Some(namespace)));
        self.say(request, self.0.watch(kind, namespace, since), |_| "open".to_owned()).await
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        let lines = |text: &String| format!("{} lines", text.lines().count());
        let run = if options.previous { "previous run" } else { "current run" };
        let request = format!("logs of {container} in {pod}, {run}");
        self.say(request, self.0.logs(pod, container, options), lines).await
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        let asked = format!("logs of {container} in {pod}, {request}");
        self.say(asked, self.0.log_lines(pod, container, request), |_| "open".to_owned()).await
    }

    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError> {
        let came = |answer: &Option<Value>| if answer.is_some() { "measured" } else { "not measured" }.to_owned();
        self.say(measure, self.0.measure(measure), came).await
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        let came = |answer: &ServiceAnswer| match answer {
            ServiceAnswer::Answered(response) => format!("status {}", response.status),
            ServiceAnswer::NotListening { .. } => "not listening".to_owned(),
            ServiceAnswer::NoEndpoints => "no endpoints".to_owned(),
            ServiceAnswer::NoRoute { .. } => "no route".to_owned(),
            ServiceAnswer::Silent { .. } => "silent".to_owned(),
            ServiceAnswer::Gateway { .. } => "lost at a gateway".to_owned(),
        };
        self.say(request, self.0.call(request), came).await
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        let word = |may: &bool| if *may { "yes" } else { "no" }.to_owned();
        self.say(format!("may this user {access}"), self.0.may(access), word).await
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        let count = |rules: &Rules| format!("{} rules", rules.len());
        self.say(format!("what may this user do in {namespace}"), self.0.rules(namespace), count).await
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        self.say(format!("connect to port {port} of {pod}"), self.0.connect(pod, port), |_| "open".to_owned()).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.0.clock()
    }

    fn requests(&self) -> u64 {
        self.0.requests()
    }
}
