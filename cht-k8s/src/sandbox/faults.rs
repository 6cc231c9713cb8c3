//! What a sandbox is told to do wrong.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Access, ClusterError};

/// Something that goes wrong in the sandbox, from when it is told until it is [healed](super::Sandbox::heal).
///
/// Faults are kept in the state file under `faults`, each as a map with its name:
/// `{"CrashLoop": {"container": "cht-api", "exit_code": 1, "log": "no route to haproxy"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Images cannot be pulled: at first `ErrImagePull`, then `ImagePullBackOff`.
    ImagePull {
        /// A part of the image's name.
        image: String,
        /// What the registry says, e.g. `not found`.
        message: String,
    },
    /// A container ends again and again, each time as soon as it is started.
    CrashLoop {
        /// The container's name.
        container: String,
        /// With what it ends.
        exit_code: i32,
        /// What it writes before.
        log: String,
    },
    /// A container runs and is never ready, as if its readiness probe failed. Without this fault, a container without
    /// a probe is ready as soon as it runs.
    NeverReady {
        /// The container's name.
        container: String,
    },
    /// A container cannot be made from its configuration: `CreateContainerConfigError`. (Where something that it refers to
    /// is missing, this happens without being told.)
    ConfigError {
        /// The container's name.
        container: String,
        /// What the kubelet says, e.g. `secret "x" not found`.
        message: String,
    },
    /// The pods of a Deployment find no node.
    Unschedulable {
        /// The Deployment's name.
        deployment: String,
        /// What the scheduler says, e.g. `0/3 nodes are available: 3 Insufficient memory.`
        message: String,
    },
    /// A claim gets no volume.
    ClaimPending {
        /// The claim's name.
        claim: String,
    },
    /// The API answers that it is not ready for so long after its pod is, as when it migrates and indexes.
    Indexing {
        /// For how long.
        seconds: u64,
    },
    /// The nodes of CouchDB take so long to join, one after the other, once all of them run.
    SlowJoin {
        /// How long each takes.
        seconds: u64,
    },
    /// The pods of a Service do not listen, although they are ready.
    NotListening {
        /// The Service's name.
        service: String,
    },
    /// The pods of a Service take requests and do not answer them.
    NoAnswer {
        /// The Service's name.
        service: String,
    },
    /// The API server does not get to the pods, so that no service can be asked.
    NoProxy {
        /// Why, as the server says it after `error trying to reach service:`, e.g.
        /// `dial tcp 10.0.0.7:5984: connect: no route to host`.
        message: String,
    },
    /// The user may not do something, as where a Role lacks it. Such requests are refused, and the server says so before when
    /// it is asked.
    Denied {
        /// As Kubernetes calls it: `get`, `list`, `watch`, `create`, `patch`, `update`, `delete`.
        verb: String,
        /// The resource in the plural, with a subresource after a slash: `pods/log`.
        resource: String,
    },
    /// The server's clock is ahead of everyone else's by so many seconds, or behind, when they are negative.
    ClockSkew {
        /// How many.
        seconds: i64,
    },
    /// Requests fail.
    Api {
        /// Which sort of request.
        verb: Verb,
        /// For objects of this kind; of any, when not given.
        kind: Option<Kind>,
        /// How often; after that, requests succeed.
        times: u32,
        /// How.
        error: ClusterError,
    },
}

/// A sort of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the variants are the names of the requests")]
pub enum Verb {
    Version,
    Get,
    List,
    Apply,
    DryRun,
    Create,
    Replace,
    Delete,
    Watch,
    Logs,
    Measure,
    Call,
    Connect,
    Review,
}

impl Verb {
    /// What Kubernetes calls it, and the part of the object that it is about; nothing for what everyone may do.
    fn access(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Get => ("get", ""),
            Self::List => ("list", ""),
            Self::Apply | Self::DryRun => ("patch", ""),
            Self::Create => ("create", ""),
            Self::Replace => ("update", ""),
            Self::Delete => ("delete", ""),
            Self::Watch => ("watch", ""),
            Self::Logs => ("get", "/log"),
            Self::Call => ("get", "/proxy"),
            Self::Connect => ("get", "/portforward"),
            // In a sandbox nobody measures anything.
            Self::Version | Self::Measure | Self::Review => return None,
        })
    }
}

/// The faults that a sandbox was told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What a registry says instead of giving the image.
    pub(crate) fn pull(&self, wanted: &str) -> Option<String> {
        self.0.iter().find_map(|fault| match fault {
            Fault::ImagePull { image, message } if wanted.contains(image.as_str()) => Some(message.clone()),
            _ => None,
        })
    }

    /// With what a container ends, and what it writes before.
    pub(crate) fn crash(&self, wanted: &str) -> Option<(i32, String)> {
        self.0.iter().find_map(|fault| match fault {
            Fault::CrashLoop { container, exit_code, log } if container == wanted => Some((*exit_code, log.clone())),
            _ => None,
        })
    }

    pub(crate) fn never_ready(&self, wanted: &str) -> bool {
        self.0.iter().any(|fault| matches!(fault, Fault::NeverReady { container } if container == wanted))
    }

    pub(crate) fn config_error(&self, wanted: &str) -> Option<String> {
        self.0.iter().find_map(|fault| match fault {
            Fault::ConfigError { container, message } if container == wanted => Some(message.clone()),
            _ => None,
        })
    }

    /// What the scheduler says about the pods of a Deployment.
    pub(crate) fn unschedulable(&self, wanted: &str) -> Option<String> {
        self.0.iter().find_map(|fault| match fault {
            Fault::Unschedulable { deployment, message } if deployment == wanted => Some(message.clone()),
            _ => None,
        })
    }

    /// For how many seconds the API indexes.
    pub(crate) fn indexing(&self) -> Option<u64> {
        self.0.iter().find_map(|fault| match fault {
            Fault::Indexing { seconds } => Some(*seconds),
            _ => None,
        })
    }

    /// How many seconds each node takes to join.
    pub(crate) fn slow_join(&self) -> Option<u64> {
        self.0.iter().find_map(|fault| match fault {
            Fault::SlowJoin { seconds } => Some(*seconds),
            _ => None,
        })
    }

    pub(crate) fn not_listening(&self, wanted: &str) -> bool {
        self.0.iter().any(|fault| matches!(fault, Fault::NotListening { service } if service == wanted))
    }

    pub(crate) fn no_answer(&self, wanted: &str) -> bool {
        self.0.iter().any(|fault| matches!(fault, Fault::NoAnswer { service } if service == wanted))
    }

    /// What the server says of every pod that it shall reach.
    pub(crate) fn no_proxy(&self) -> Option<String> {
        self.0.iter().find_map(|fault| match fault {
            Fault::NoProxy { message } => Some(message.clone()),
            _ => None,
        })
    }

    pub(crate) fn claim_pending(&self, wanted: &ObjectKey) -> bool {
        self.0.iter().any(|fault| matches!(fault, Fault::ClaimPending { claim } if *claim == wanted.name))
    }

    /// How far the server's clock is ahead.
    pub(crate) fn clock_skew(&self) -> SignedDuration {
        let told = self.0.iter().find_map(|fault| match fault {
            Fault::ClockSkew { seconds } => Some(*seconds),
            _ => None,
        });
        SignedDuration::from_secs(told.unwrap_or_default())
    }

    /// Whether the user may do something; everything, where nothing is denied.
    pub(crate) fn allows(&self, access: &Access) -> bool {
        let everything = *access == Access::everything();
        !self.denied().any(|(verb, resource)| everything || (verb == access.verb && resource == access.resource))
    }

    fn denied(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|fault| match fault {
            Fault::Denied { verb, resource } => Some((verb.as_str(), resource.as_str())),
            _ => None,
        })
    }

    /// Why a request is refused that the user may not make.
    pub(crate) fn refusal(&self, wanted: Verb, kind: Kind) -> Option<ClusterError> {
        let (verb, part) = wanted.access()?;
        let resource = format!("{}{part}", kind.plural());
        let is_denied = self.denied().any(|denied| denied == (verb, &resource));
        is_denied.then(|| ClusterError::Forbidden {
            object: kind.to_string(),
            message: format!("{resource} is forbidden: this user may not {verb} it"),
        })
    }

    /// How the next request of this sort fails; it counts as one of its times.
    pub(crate) fn request(&mut self, wanted: Verb, of_kind: Option<Kind>) -> Option<ClusterError> {
        self.0.iter_mut().find_map(|fault| match fault {
            Fault::Api { verb, kind, times, error }
                if *verb == wanted && *times > 0 && (kind.is_none() || *kind == of_kind) =>
            {
                *times -= 1;
                Some(error.clone())
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_fails_as_often_as_told() {
        let error = ClusterError::Unreachable { reason: "connection reset".to_owned() };
        let mut faults = Faults::default();
        faults.add(Fault::Api { verb: Verb::List, kind: Some(Kind::Pod), times: 2, error: error.clone() });
        assert_eq!(faults.request(Verb::List, Some(Kind::Secret)), None);
        assert_eq!(faults.request(Verb::Get, Some(Kind::Pod)), None);
        assert_eq!(faults.request(Verb::List, Some(Kind::Pod)), Some(error.clone()));
        assert_eq!(faults.request(Verb::List, Some(Kind::Pod)), Some(error));
        assert_eq!(faults.request(Verb::List, Some(Kind::Pod)), None);
    }

    #[test]
    fn faults_are_read_as_documented() {
        let faults: Faults = serde_json::from_str(
            r#"[{"CrashLoop": {"container": "cht-api", "exit_code": 1, "log": "no route"}},
                {"Api": {"verb": "Apply", "kind": null, "times": 1, "error": {"Unreachable": {"reason": "reset"}}}}]"#,
        )
        .unwrap();
        assert_eq!(faults.crash("cht-api"), Some((1, "no route".to_owned())));
        assert_eq!(faults.crash("cht-sentinel"), None);
    }
}
