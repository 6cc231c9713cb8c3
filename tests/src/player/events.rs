//! Events as a kubelet writes them: one object for each thing it says about a container, counted up when it says so
//! again.

use std::collections::HashMap;

use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::json;

use super::status::ContainerRemark;

/// Something that a kubelet says about a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Remark {
    kind: &'static str,
    reason: &'static str,
    message: String,
}

impl Remark {
    pub(super) fn normal(reason: &'static str, message: String) -> Self {
        Self { kind: "Normal", reason, message }
    }

    pub(super) fn warning(reason: &'static str, message: String) -> Self {
        Self { kind: "Warning", reason, message }
    }
}

/// Writes a pod's events.
pub(super) struct Recorder {
    events: Api<Event>,
    about: ObjectReference,
    node: String,
    written: HashMap<(String, Remark), Written>,
}

struct Written {
    name: String,
    count: i32,
}

impl Recorder {
    pub(super) fn new(client: Client, namespace: &str, pod: &Pod) -> Self {
        Self {
            events: Api::namespaced(client, namespace),
            about: ObjectReference {
                api_version: Some("v1".to_owned()),
                kind: Some("Pod".to_owned()),
                name: pod.metadata.name.clone(),
                namespace: pod.metadata.namespace.clone(),
                uid: pod.metadata.uid.clone(),
                resource_version: pod.resource_version(),
                field_path: None,
            },
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).unwrap_or_default(),
            written: HashMap::new(),
        }
    }

    /// Writes each remark down, or counts it up. What cannot be written is lost, as with a kubelet: a namespace that is
    /// being deleted takes no events.
    pub(super) async fn record(&mut self, remarks: Vec<ContainerRemark>) {
        for ContainerRemark { field, remark } in remarks {
            let next = self.written.len();
            let key = (field, remark);
            if let Some(written) = self.written.get_mut(&key) {
                written.count += 1;
                let change = json!({"count": written.count, "lastTimestamp": Time(Timestamp::now())});
                drop(self.events.patch(&written.name, &PatchParams::default(), &Patch::Merge(change)).await);
            } else {
                let name = self.name(next);
                let event = self.event(&name, &key.0, &key.1);
                if self.events.create(&PostParams::default(), &event).await.is_ok() {
                    self.written.insert(key, Written { name, count: 1 });
                }
            }
        }
    }

    /// Differs between pods of one name, too: the next pod of a `StatefulSet` finds the last one's events still there.
    fn name(&self, number: usize) -> String {
        let pod = self.about.name.as_deref().unwrap_or_default();
        let uid = self.about.uid.as_deref().unwrap_or_default();
        format!("{pod}.{}{number:02x}", uid.split('-').next().unwrap_or_default())
    }

    fn event(&self, name: &str, field: &str, remark: &Remark) -> Event {
        let now = Some(Time(Timestamp::now()));
        Event {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: self.about.namespace.clone(),
                ..ObjectMeta::default()
            },
            involved_object: ObjectReference { field_path: Some(field.to_owned()), ..self.about.clone() },
            type_: Some(remark.kind.to_owned()),
            reason: Some(remark.reason.to_owned()),
            message: Some(remark.message.clone()),
            source: Some(EventSource { component: Some("kubelet".to_owned()), host: Some(self.node.clone()) }),
            first_timestamp: now.clone(),
            last_timestamp: now,
            count: Some(1),
            ..Event::default()
        }
    }
}
