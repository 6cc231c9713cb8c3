//! The requests of [`Cluster`], answered by the sandbox.

use std::sync::Arc;

use async_trait::async_trait;
use cht_manifests::{Kind, Object, ObjectKey};
use serde_json::Value;

use super::clock::SandboxClock;
use super::faults::Verb;
use super::write::Effect;
use super::{Sandbox, connection, logs, services, watch, write};
use crate::access::Rule;
use crate::service::ANSWER_TIMEOUT;
use crate::{
    Access, ApplyMode, Clock, Cluster, ClusterError, Connection, FIELD_MANAGER, Listing, LiveObject, LogLines,
    LogOptions, LogRequest, Measure, Rules, ServerInfo, ServerVersion, ServiceAnswer, ServiceRequest, Watch,
};

/// The version that the sandbox answers with: what it does is what a server of this version does.
const VERSION: ServerVersion = ServerVersion { major: 1, minor: 20 };

impl Sandbox {
    /// Counts a request, and lets it fail where it is meant to.
    fn begin(&self, verb: Verb, kind: Option<Kind>) -> Result<(), ClusterError> {
        self.shared.count_request();
        let failure =
            self.shared.write(|world| world.faults.request(verb, kind).or_else(|| world.faults.refusal(verb, kind?)));
        failure.map_or(Ok(()), Err)
    }

    /// Keeps what a request changed.
    fn saved<T>(&self, answer: T) -> Result<T, ClusterError> {
        self.shared.save().map_err(|error| ClusterError::Unavailable {
            status: 500,
            message: match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            },
            retry_after: None,
        })?;
        Ok(answer)
    }

    fn patch(&self, object: &Object, mode: ApplyMode, effect: Effect) -> Result<LiveObject, ClusterError> {
        let kind = object.kind();
        let wanted = serde_json::to_value(object)
            .map_err(|error| ClusterError::Invalid { object: object.key(), message: error.to_string() })?;
        let applied = self.shared.write(|world| write::apply(world, kind, wanted, FIELD_MANAGER, mode, effect))?;
        Ok(LiveObject::new(kind, applied))
    }
}

#[async_trait]
impl Cluster for Sandbox {
    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        self.begin(Verb::Version, None)?;
        let time = self.shared.read(|world| world.now + world.faults.clock_skew());
        Ok(ServerInfo { version: VERSION, time: Some(time) })
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        self.begin(Verb::Get, Some(key.kind))?;
        let found = self.shared.read(|world| world.store.get(key).cloned());
        Ok(found.map(|object| LiveObject::new(key.kind, object)))
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        self.begin(Verb::List, Some(kind))?;
        let namespace = namespace.filter(|_| kind.is_namespaced());
        Ok(self.shared.read(|world| Listing {
            items: world.store.list(kind, namespace).map(|(_, object)| LiveObject::new(kind, object.clone())).collect(),
            resource_version: world.store.version().to_string(),
        }))
    }

    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.begin(Verb::Apply, Some(object.kind()))?;
        self.saved(self.patch(object, mode, Effect::Written)?)
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.begin(Verb::DryRun, Some(object.kind()))?;
        self.patch(object, mode, Effect::Tried)
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        let key = object.key();
        self.begin(Verb::Create, Some(key.kind))?;
        let created = self.shared.write(|world| write::create(world, &key, FIELD_MANAGER, object.value()))?;
        self.saved(LiveObject::new(key.kind, created))
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        let key = object.key();
        self.begin(Verb::Replace, Some(key.kind))?;
        let replaced = self.shared.write(|world| write::replace(world, &key, FIELD_MANAGER, object.value()))?;
        self.saved(LiveObject::new(key.kind, replaced))
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        self.begin(Verb::Delete, Some(key.kind))?;
        let was_there = self.shared.write(|world| write::delete(world, key, uid))?;
        self.saved(was_there)
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        self.begin(Verb::Watch, Some(kind))?;
        let since: u64 = since.parse().map_err(|_| ClusterError::Expired)?;
        self.shared.read(|world| match world.store.next(kind, namespace, since) {
            Ok(_) if since <= world.store.version() => Ok(()),
            _ => Err(ClusterError::Expired),
        })?;
        Ok(watch::stream(Arc::clone(&self.shared), kind, namespace, since))
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        self.begin(Verb::Logs, Some(pod.kind))?;
        self.shared
            .read(|world| logs::of(world, pod, container, options))
            .map_err(|message| ClusterError::Invalid { object: pod.clone(), message })
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        self.begin(Verb::Logs, Some(pod.kind))?;
        logs::lines(&self.shared, pod, container, request)
            .map_err(|message| ClusterError::Invalid { object: pod.clone(), message })
    }

    async fn measure(&self, _: &Measure) -> Result<Option<Value>, ClusterError> {
        self.begin(Verb::Measure, None)?;
        Ok(None)
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        self.begin(Verb::Call, Some(request.service.kind))?;
        let answer = self.shared.read(|world| services::answer(world, request));
        if let ServiceAnswer::Silent { .. } = answer {
            self.clock().sleep(ANSWER_TIMEOUT).await;
        }
        Ok(answer)
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        self.begin(Verb::Review, None)?;
        Ok(self.shared.read(|world| world.faults.allows(access)))
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        self.begin(Verb::Review, None)?;
        // As a server whose authorizer cannot list its rules: what somebody may do is asked for one by one.
        let rules = if self.shared.read(|world| world.faults.allows(&Access::everything())) {
            vec![Rule::everything()]
        } else {
            Vec::new()
        };
        Ok(Rules::new(namespace, rules))
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        self.begin(Verb::Connect, Some(pod.kind))?;
        let service = self.shared.read(|world| {
            let live = world.store.get(pod)?;
            connection::service_of(live, pod.namespace.as_deref())
        });
        let missing = || ClusterError::Invalid { object: pod.clone(), message: format!("{pod} not found") };
        Ok(Box::new(connection::open(Arc::clone(&self.shared), service.ok_or_else(missing)?, port)))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SandboxClock(Arc::clone(&self.shared)))
    }

    fn requests(&self) -> u64 {
        self.shared.requests()
    }
}

impl Sandbox {
    /// Server-side apply as another field manager, respecting the fields of others.
    ///
    /// # Errors
    ///
    /// As [`Cluster::apply`]; [`ClusterError::Malformed`] where the value names no kind of this project.
    pub fn apply_as(&self, manager: &str, value: Value) -> Result<LiveObject, ClusterError> {
        let kind = kind_of(&value)?;
        let applied = self
            .shared
            .write(|world| write::apply(world, kind, value, manager, ApplyMode::Respect, Effect::Written))?;
        self.saved(LiveObject::new(kind, applied))
    }

    /// Changes an object as another field manager, in the way of `kubectl edit`.
    ///
    /// # Errors
    ///
    /// [`ClusterError::Invalid`] where there is no such object, or the server does not accept it after the change.
    pub fn update_as(
        &self,
        manager: &str,
        key: &ObjectKey,
        edit: impl FnOnce(&mut Value),
    ) -> Result<LiveObject, ClusterError> {
        let updated = self.shared.write(|world| write::update(world, key, manager, edit))?;
        self.saved(LiveObject::new(key.kind, updated))
    }
}

fn kind_of(value: &Value) -> Result<Kind, ClusterError> {
    let (version, kind) = (value["apiVersion"].as_str(), value["kind"].as_str());
    Kind::ALL
        .into_iter()
        .find(|known| Some(known.as_str()) == kind && Some(known.api_version().as_str()) == version)
        .ok_or_else(|| ClusterError::Malformed {
            reason: format!(
                "the sandbox knows no kind {} of {}",
                kind.unwrap_or("(none)"),
                version.unwrap_or("(none)")
            ),
        })
}
