//! A deploy that is killed at any of its requests, which the server got and whose answer never came back, is completed by the
//! next one: the same objects, the same claims and credentials, and nothing left over.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use cht_k8s::sandbox::Sandbox;
use cht_k8s::{
    ApplyMode, Clock, Cluster, ClusterError, Event, Listing, LiveObject, LogOptions, Options, ServerVersion,
    ServiceAnswer, ServiceRequest, Success, Watch, deploy, plan,
};
use cht_manifests::{Kind, Object, ObjectKey};
use cht_model::{Instance, Layer, Values};
use futures::StreamExt;
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
    async fn version(&self) -> Result<ServerVersion, ClusterError> {
        self.request(self.sandbox.version()).await
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

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        self.request(self.sandbox.call(request)).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.sandbox.clock()
    }

    fn requests(&self) -> u64 {
        self.sandbox.requests()
    }
}

fn instance(example: &str, tag: &str) -> Instance {
    let path = format!("{}/../examples/{example}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the example is there");
    let layers = [Layer::new(example, text), Layer::set(format!("cht_image_tag={tag}"))];
    Values::load(&layers).expect("the example is YAML").validate().expect("the example is valid").value
}

/// Deploys, and tells whether it came to its end; it does not when the process is killed.
async fn run(cluster: Arc<dyn Cluster>, instance: Instance) -> bool {
    let plan = plan(&*cluster, instance).await.expect("a plan");
    let mut events = deploy(cluster, plan, Options::default());
    while let Some(event) = events.next().await {
        if let Event::Finished(outcome) = event {
            assert!(matches!(outcome.result, Ok(Success::Deployed { .. })), "{:?}", outcome.result);
        }
    }
    true
}

/// Deploys until the n-th request, and tells whether there were so many.
async fn run_until(sandbox: &Sandbox, instance: Instance, at: u64) -> bool {
    let doomed = Arc::new(Doomed { sandbox: sandbox.clone(), at, count: AtomicU64::new(0), dead: Notify::new() });
    let cluster: Arc<dyn Cluster> = doomed.clone();
    match select(pin!(run(cluster, instance)), pin!(doomed.dead.notified())).await {
        Either::Left(_) => false,
        Either::Right(_) => true,
    }
}

/// What a deploy leaves, without what differs between any two: identities, versions, times.
async fn left(sandbox: &Sandbox, namespace: &str) -> BTreeMap<ObjectKey, Value> {
    let kinds = Kind::ALL.into_iter().filter(|kind| {
        !matches!(
            kind,
            Kind::Pod
                | Kind::ReplicaSet
                | Kind::Event
                | Kind::Node
                | Kind::StorageClass
                | Kind::PersistentVolume
                | Kind::Lease
        )
    });
    let mut objects = BTreeMap::new();
    for kind in kinds {
        for object in sandbox.list(kind, Some(namespace)).await.expect("a list").items {
            // The records of two histories differ.
            if kind == Kind::ConfigMap && object.name().starts_with("cht.") {
                continue;
            }
            let mut wanted = object.value().clone();
            // Generated credentials differ, and so do the checksums of them.
            for part in ["/metadata", "/status", "/data", "/spec/volumeName", "/spec/clusterIP", "/spec/clusterIPs"] {
                if let Some(value) = wanted.pointer_mut(part) {
                    *value = Value::Null;
                }
            }
            if let Some(annotations) = wanted.pointer_mut("/spec/template/metadata/annotations") {
                *annotations = Value::Null;
            }
            objects.insert(object.key(), wanted);
        }
    }
    objects
}

/// The identities of what must survive everything.
async fn identities(sandbox: &Sandbox, namespace: &str) -> BTreeMap<ObjectKey, String> {
    let mut identities = BTreeMap::new();
    for kind in [Kind::PersistentVolumeClaim, Kind::PersistentVolume, Kind::Secret] {
        for object in sandbox.list(kind, Some(namespace)).await.expect("a list").items {
            identities.insert(object.key(), object.uid().to_owned());
        }
    }
    identities
}

async fn every_kill_is_survived(example: &str, upgrade: bool) {
    let first = |tag: &str| instance(example, tag);
    let (before, after) = ("5.3.0", if upgrade { "5.3.1" } else { "5.3.0" });
    let namespace = first(before).namespace().as_str().to_owned();
    let whole = Sandbox::new();
    assert!(run(Arc::new(whole.clone()), first(after)).await);
    let wanted = left(&whole, &namespace).await;

    for at in 1.. {
        let sandbox = Sandbox::new();
        if upgrade {
            run(Arc::new(sandbox.clone()), first(before)).await;
        }
        if !run_until(&sandbox, first(after), at).await {
            // A deploy that makes no requests would be survived trivially.
            assert!(at > 10, "only {at} requests");
            break;
        }
        let survivors = identities(&sandbox, &namespace).await;
        run(Arc::new(sandbox.clone()), first(after)).await;

        assert_eq!(left(&sandbox, &namespace).await, wanted, "request {at}");
        let now = identities(&sandbox, &namespace).await;
        for (object, uid) in survivors {
            assert_eq!(now.get(&object), Some(&uid), "{object}: request {at}");
        }
    }
}

#[tokio::test]
async fn at_any_request_of_a_first_deploy_of_a_cluster() {
    every_kill_is_survived("k3s-cluster.yaml", false).await;
}

#[tokio::test]
async fn at_any_request_of_an_upgrade_of_a_cluster() {
    every_kill_is_survived("k3s-cluster.yaml", true).await;
}

#[tokio::test]
async fn at_any_request_of_a_first_deploy_with_directory_jobs() {
    every_kill_is_survived("cht-4x.yaml", false).await;
}
