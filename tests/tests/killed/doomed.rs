//! A cluster as a process sees it that is killed at one of its requests.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cht_k8s::sandbox::Sandbox;
use cht_k8s::{
    Access, ApplyMode, Clock, Cluster, ClusterError, Connection, Listing, LiveObject, LogLines, LogOptions, LogRequest,
    Measure, Rules, ServerInfo, ServiceAnswer, ServiceRequest, Watch,
};
use cht_manifests::{Kind, Object, ObjectKey};
use futures::future::{Either, pending, select};
use serde_json::Value;
use tokio::sync::Notify;

/// A cluster as a process sees it that is killed at its n-th request.
struct Doomed {
    sandbox: Sandbox,
    at: u64,
    count: AtomicU64,
    dead: Notify,
}

impl Doomed {
    async fn request<T>(&self, request: impl Future<Output = T>) -> T {
        let answer = request.await;
        if self.count.fetch_add(1, Ordering::Relaxed) + 1 < self.at {
            return answer;
        }
        self.dead.notify_one();
        pending().await
    }
}

#[async_trait]
impl Cluster for Doomed {
    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        self.request(self.sandbox.server_info()).await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        self.request(self.sandbox.get(key)).await
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        self.request(self.sandbox.list(kind, namespace)).await
    }

    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.request(self.sandbox.apply(object, mode)).await
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.request(self.sandbox.dry_run(object, mode)).await
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.request(self.sandbox.create(object)).await
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.request(self.sandbox.replace(object)).await
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        self.request(self.sandbox.delete(key, uid)).await
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        self.request(self.sandbox.watch(kind, namespace, since)).await
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        self.request(self.sandbox.logs(pod, container, options)).await
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        self.request(self.sandbox.log_lines(pod, container, request)).await
    }

    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError> {
        self.request(self.sandbox.measure(measure)).await
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        self.request(self.sandbox.call(request)).await
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        self.request(self.sandbox.may(access)).await
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        self.request(self.sandbox.rules(namespace)).await
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        self.request(self.sandbox.connect(pod, port)).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.sandbox.clock()
    }

    fn requests(&self) -> u64 {
        self.sandbox.requests()
    }
}

/// Lets a run go on until its n-th request, and tells whether there were so many.
pub(crate) async fn until<F>(sandbox: &Sandbox, at: u64, run: impl FnOnce(Arc<dyn Cluster>) -> F) -> bool
where
    F: Future<Output = ()>,
{
    let doomed = Arc::new(Doomed { sandbox: sandbox.clone(), at, count: AtomicU64::new(0), dead: Notify::new() });
    let cluster: Arc<dyn Cluster> = doomed.clone();
    match select(pin!(run(cluster)), pin!(doomed.dead.notified())).await {
        Either::Left(((), _)) => false,
        Either::Right(_) => true,
    }
}
