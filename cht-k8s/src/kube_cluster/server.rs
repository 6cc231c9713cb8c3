//! [`Cluster`] over HTTP.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use cht_manifests::{Kind, Object, ObjectKey};
use futures::stream::{self, BoxStream, StreamExt};
use http::Request;
use k8s_openapi::api::core::v1::Pod;
use kube::client::Body;
use kube::core::WatchEvent as RawEvent;
use kube::{Api, Client};
use serde_json::{Value, json};

use super::answer::{Subject, is_absent, meaning, refusal};
use super::connect::{ConnectError, ConnectOptions};
use super::{about, log, path, proxy, review};
use crate::service::ANSWER_TIMEOUT;
use crate::{
    Access, ApplyMode, Clock, Cluster, ClusterError, Connection, FIELD_MANAGER, Listing, LiveObject, LogLines,
    LogOptions, LogRequest, Measure, Rules, ServerInfo, ServiceAnswer, ServiceRequest, SystemClock, Watch, WatchEvent,
};

/// How long one request may take, except for watches: slow links carry a large list in seconds.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the server keeps a watch open; below the idle limits of common load balancers.
const WATCH_SECONDS: u32 = 290;

/// How long a watch may be silent: bookmarks come about every minute. A connection that is dead without either side
/// having closed it would otherwise be silent for ever.
const WATCH_SILENCE: Duration = Duration::from_secs(90);

/// A real cluster, reached through its API server.
#[derive(Clone)]
pub struct KubeCluster {
    client: Client,
    server: String,
    requests: Arc<AtomicU64>,
}

impl KubeCluster {
    /// The cluster that the options choose. Makes no request.
    ///
    /// # Errors
    ///
    /// When there is no usable configuration.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let (client, server) = options.client().await?;
        Ok(Self::new(client, server))
    }

    /// The cluster that a client is connected to, and what to call it in front of a person.
    pub fn new(client: Client, server: impl Into<String>) -> Self {
        Self { client, server: server.into(), requests: Arc::new(AtomicU64::new(0)) }
    }

    /// The cluster's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    async fn request<T>(
        &self,
        subject: &Subject<'_>,
        answer: impl Future<Output = kube::Result<T>>,
    ) -> Result<kube::Result<T>, ClusterError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match tokio::time::timeout(REQUEST_TIMEOUT, answer).await {
            Ok(Err(error @ kube::Error::Api(_))) => Ok(Err(error)),
            Ok(answer) => answer.map(Ok).map_err(|error| meaning(&error, subject)),
            Err(_) => Err(ClusterError::Unreachable {
                reason: format!("no answer within {} seconds", REQUEST_TIMEOUT.as_secs()),
            }),
        }
    }

    async fn json(&self, subject: Subject<'_>, request: Request<Vec<u8>>) -> Result<Value, ClusterError> {
        self.request(&subject, self.client.request::<Value>(request)).await?.map_err(|error| meaning(&error, &subject))
    }

    /// Server-side apply.
    async fn patch(&self, object: &Object, mode: ApplyMode, flags: &str) -> Result<LiveObject, ClusterError> {
        let key = object.key();
        let force = match mode {
            ApplyMode::Respect => "",
            ApplyMode::Force => "&force=true",
        };
        let uri = format!("{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict{force}{flags}", path::object(&key));
        let body = serde_json::to_vec(object)
            .map_err(|error| ClusterError::Malformed { reason: format!("{key}: {error}") })?;
        // JSON is YAML: the type's name is only the API's name for server-side apply.
        let request = with_body("PATCH", &uri, Some("application/apply-patch+yaml"), body)?;
        Ok(LiveObject::new(key.kind, self.json(Subject::Object(&key), request).await?))
    }
}

fn get(uri: &str) -> Result<Request<Vec<u8>>, ClusterError> {
    with_body("GET", uri, None, Vec::new())
}

pub(super) fn with_body(
    method: &str,
    uri: &str,
    content_type: Option<&str>,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, ClusterError> {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(content_type) = content_type {
        request = request.header(http::header::CONTENT_TYPE, content_type);
    }
    request.body(body).map_err(|error| ClusterError::Malformed { reason: format!("{uri}: {error}") })
}

/// A request that carries a whole object.
fn whole(method: &str, uri: &str, object: &LiveObject) -> Result<Request<Vec<u8>>, ClusterError> {
    let mut value = object.value().clone();
    if let Some(fields) = value.as_object_mut() {
        // Objects of a list come without them.
        fields.insert("apiVersion".to_owned(), object.kind().api_version().into());
        fields.insert("kind".to_owned(), object.kind().as_str().into());
    }
    with_body(method, uri, Some("application/json"), value.to_string().into_bytes())
}

#[async_trait]
impl Cluster for KubeCluster {
    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        let request = get("/version")?.map(Body::from);
        let answer = async {
            let (head, body) = self.client.send(request).await?.into_parts();
            let body = body.collect_bytes().await?;
            if head.status.is_success() { Ok((head.headers, body)) } else { Err(about::refused(head.status, &body)) }
        };
        let answer = self.request(&Subject::Server, answer).await?;
        let (headers, body) = answer.map_err(|error| meaning(&error, &Subject::Server))?;
        Ok(ServerInfo { version: about::version(&body)?, time: about::time(&headers) })
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        review::allowed(&self.json(Subject::Server, review::of_access(access)?).await?)
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        review::rules(namespace, self.json(Subject::Server, review::of_rules(namespace)?).await?)
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        let subject = Subject::Object(key);
        match self.request(&subject, self.client.request::<Value>(get(&path::object(key))?)).await? {
            Ok(value) => Ok(Some(LiveObject::new(key.kind, value))),
            Err(kube::Error::Api(status)) if is_absent(&status, key) => Ok(None),
            Err(error) => Err(meaning(&error, &subject)),
        }
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        let mut answer = self.json(Subject::Kind(kind), get(&path::collection(kind, namespace))?).await?;
        let resource_version = answer
            .pointer("/metadata/resourceVersion")
            .and_then(Value::as_str)
            .ok_or_else(|| ClusterError::Malformed { reason: format!("the list of {kind} has no version") })?
            .to_owned();
        let items = match answer.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items.into_iter().map(|item| LiveObject::new(kind, item)).collect(),
            _ => Vec::new(),
        };
        Ok(Listing { items, resource_version })
    }

    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.patch(object, mode, "").await
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.patch(object, mode, "&dryRun=All").await
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        let key = object.key();
        let collection = path::collection(key.kind, key.namespace.as_deref());
        let request = whole("POST", &format!("{collection}?fieldManager={FIELD_MANAGER}"), object)?;
        Ok(LiveObject::new(key.kind, self.json(Subject::Object(&key), request).await?))
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        let key = object.key();
        let request = whole("PUT", &format!("{}?fieldManager={FIELD_MANAGER}", path::object(&key)), object)?;
        let subject = Subject::Object(&key);
        match self.request(&subject, self.client.request::<Value>(request)).await? {
            Ok(value) => Ok(LiveObject::new(key.kind, value)),
            Err(kube::Error::Api(status)) if is_absent(&status, &key) => {
                Err(ClusterError::Changed { message: status.message.clone(), object: key })
            }
            Err(error) => Err(meaning(&error, &subject)),
        }
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background", "preconditions": { "uid": uid },
        });
        let body = options.to_string().into_bytes();
        let request = with_body("DELETE", &path::object(key), Some("application/json"), body)?;
        let subject = Subject::Object(key);
        match self.request(&subject, self.client.request::<Value>(request)).await? {
            Ok(_) => Ok(true),
            Err(kube::Error::Api(status)) if is_absent(&status, key) => Ok(false),
            Err(error) => Err(meaning(&error, &subject)),
        }
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        let uri = format!(
            "{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={WATCH_SECONDS}&resourceVersion={since}",
            path::collection(kind, Some(namespace))
        );
        let subject = Subject::Kind(kind);
        let events = self
            .request(&subject, self.client.request_events::<Value>(get(&uri)?))
            .await?
            .map_err(|error| meaning(&error, &subject))?;
        // The server closes a watch with an error event; nothing follows it.
        let events = until_silent(events.boxed())
            .map(move |event| event_of(kind, event))
            .scan(false, |ended, event| {
                let earlier = std::mem::replace(ended, event.is_err());
                futures::future::ready((!earlier).then_some(event))
            })
            .filter_map(|event| futures::future::ready(event.transpose()));
        Ok(events.boxed())
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        let uri = format!(
            "{}/log?container={container}&previous={}&tailLines={}",
            path::object(pod),
            options.previous,
            options.tail
        );
        let subject = Subject::Object(pod);
        match self.request(&subject, self.client.request_text(get(&uri)?)).await? {
            Err(kube::Error::Api(status)) if is_absent(&status, pod) => {
                Err(ClusterError::Invalid { message: status.message.clone(), object: pod.clone() })
            }
            answer => answer.map_err(|error| meaning(&error, &subject)),
        }
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        let uri = log::path(pod, container, request);
        let subject = Subject::Object(pod);
        match self.request(&subject, self.client.request_stream(get(&uri)?)).await? {
            Err(kube::Error::Api(status)) if is_absent(&status, pod) => {
                Err(ClusterError::Invalid { message: status.message.clone(), object: pod.clone() })
            }
            Err(error) => Err(meaning(&error, &subject)),
            Ok(reader) => Ok(log::lines(reader, request.follow)),
        }
    }

    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError> {
        let subject = Subject::Server;
        match self.request(&subject, self.client.request::<Value>(get(&measure.path())?)).await? {
            Ok(value) => Ok(Some(value)),
            // Nobody serves it, or whoever does is not there.
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 502 | 503 | 504) => Ok(None),
            Err(error) => Err(meaning(&error, &subject)),
        }
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        let asked = proxy::request(request)?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = async { proxy::read(self.client.send(asked).await?).await };
        match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
            Ok(Ok(response)) => proxy::meaning(request, response),
            Ok(Err(error)) => Err(meaning(&error, &Subject::Object(&request.service))),
            Err(_) => Ok(ServiceAnswer::silent()),
        }
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        let subject = Subject::Object(pod);
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), pod.namespace.as_deref().unwrap_or_default());
        let mut forwarder = match self.request(&subject, pods.portforward(&pod.name, &[port])).await? {
            Ok(forwarder) => forwarder,
            Err(kube::Error::Api(status)) if is_absent(&status, pod) => {
                return Err(ClusterError::Invalid { message: status.message.clone(), object: pod.clone() });
            }
            Err(error) => return Err(meaning(&error, &subject)),
        };
        let lost =
            || ClusterError::Malformed { reason: format!("{pod}: the server has opened no stream for port {port}") };
        Ok(Box::new(forwarder.take_stream(port).ok_or_else(lost)?))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// What comes until nothing has come for too long: as far as anyone can tell, it has ended then.
fn until_silent<T: Send + 'static>(events: BoxStream<'static, T>) -> BoxStream<'static, T> {
    let next = |mut events: BoxStream<'static, T>| async move {
        let event = tokio::time::timeout(WATCH_SILENCE, events.next()).await.ok().flatten()?;
        Some((event, events))
    };
    stream::unfold(events, next).boxed()
}

/// One event of a watch; nothing for those without meaning here.
fn event_of(kind: Kind, event: kube::Result<RawEvent<Value>>) -> Result<Option<WatchEvent>, ClusterError> {
    match event {
        Ok(RawEvent::Added(value) | RawEvent::Modified(value)) => {
            Ok(Some(WatchEvent::Changed(LiveObject::new(kind, value))))
        }
        Ok(RawEvent::Deleted(value)) => Ok(Some(WatchEvent::Deleted(LiveObject::new(kind, value)))),
        Ok(RawEvent::Bookmark(bookmark)) => Ok(Some(WatchEvent::Bookmark(bookmark.metadata.resource_version))),
        Ok(RawEvent::Error(status)) => Err(refusal(&status, &Subject::Kind(kind))),
        Err(error) => Err(meaning(&error, &Subject::Kind(kind))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_watch_ends_when_it_has_been_silent_for_too_long() {
        let slow = stream::unfold(0, |count| async move {
            tokio::time::sleep(if count < 3 { WATCH_SILENCE / 2 } else { WATCH_SILENCE * 2 }).await;
            Some((count, count + 1))
        });
        let started = tokio::time::Instant::now();
        assert_eq!(until_silent(slow.boxed()).collect::<Vec<_>>().await, [0, 1, 2]);
        assert_eq!(started.elapsed(), WATCH_SILENCE * 5 / 2);
    }
}
