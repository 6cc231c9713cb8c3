//! A cluster that refuses writes once the lock they are made under may have passed to another run.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cht_manifests::{Kind, Object, ObjectKey};
use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::{
    Access, ApplyMode, Clock, Cluster, ClusterError, Connection, Listing, LiveObject, LogLines, LogOptions, LogRequest,
    Measure, Rules, ServerInfo, ServiceAnswer, ServiceRequest, Watch,
};

/// Until when a run may write, by two clocks: the cluster's, which goes on while a machine sleeps, and the process's own,
/// which nobody can set back.
#[derive(Debug)]
pub(super) struct Fence(Mutex<Until>);

#[derive(Debug, Clone, Copy)]
struct Until {
    time: Timestamp,
    instant: Instant,
}

impl Fence {
    /// Writes are allowed for `length` from a time and an instant that were taken together.
    pub(super) fn new(from: (Timestamp, Instant), length: Duration) -> Self {
        Self(Mutex::new(Until::after(from, length)))
    }

    /// Writes are allowed for `length` from then.
    pub(super) fn extend(&self, from: (Timestamp, Instant), length: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Until::after(from, length);
    }

    /// For how long writes are still allowed.
    pub(super) fn left(&self, clock: &dyn Clock) -> Duration {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_clock = Duration::try_from(until.time.duration_since(clock.now())).unwrap_or_default();
        by_clock.min(until.instant.saturating_duration_since(Instant::now()))
    }
}

impl Until {
    fn after((time, instant): (Timestamp, Instant), length: Duration) -> Self {
        Self { time: time.checked_add(length).unwrap_or(Timestamp::MAX), instant: instant + length }
    }
}

/// A cluster whose writes pass only while the fence is open. Whoever keeps the lock ends the run when it closes, and with it
/// what is under way.
pub(super) struct Fenced {
    pub(super) cluster: Arc<dyn Cluster>,
    pub(super) fence: Arc<Fence>,
}

impl Fenced {
    async fn write<T>(&self, request: impl Future<Output = Result<T, ClusterError>>) -> Result<T, ClusterError> {
        if self.fence.left(&*self.cluster.clock()).is_zero() {
            return Err(ClusterError::LockLost);
        }
        request.await
    }
}

#[async_trait]
impl Cluster for Fenced {
    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        self.cluster.server_info().await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        self.cluster.get(key).await
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        self.cluster.list(kind, namespace).await
    }

    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.write(self.cluster.apply(object, mode)).await
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.cluster.dry_run(object, mode).await
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.write(self.cluster.create(object)).await
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.write(self.cluster.replace(object)).await
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        self.write(self.cluster.delete(key, uid)).await
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        self.cluster.watch(kind, namespace, since).await
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        self.cluster.logs(pod, container, options).await
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        self.cluster.log_lines(pod, container, request).await
    }

    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError> {
        self.cluster.measure(measure).await
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        self.cluster.call(request).await
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        self.cluster.may(access).await
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        self.cluster.rules(namespace).await
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        self.cluster.connect(pod, port).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.cluster.clock()
    }

    fn requests(&self) -> u64 {
        self.cluster.requests()
    }
}
