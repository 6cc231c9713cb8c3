//! What the API server's refusals mean.

use std::error::Error as _;
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use kube::core::Status;

use crate::{ClusterError, FieldConflict};

/// What was asked, to say so when it fails.
pub(super) enum Subject<'a> {
    Server,
    Kind(Kind),
    Object(&'a ObjectKey),
}

impl Subject<'_> {
    fn name(&self) -> String {
        match self {
            Self::Server => "the API server".to_owned(),
            Self::Kind(kind) => kind.to_string(),
            Self::Object(key) => key.to_string(),
        }
    }
}

/// The meaning of an error of the client.
pub(super) fn meaning(error: &kube::Error, subject: &Subject<'_>) -> ClusterError {
    match error {
        kube::Error::Api(status) => refusal(status, subject),
        kube::Error::SerdeError(error) => ClusterError::Malformed { reason: error.to_string() },
        kube::Error::FromUtf8(error) => ClusterError::Malformed { reason: error.to_string() },
        kube::Error::Auth(error) => ClusterError::Unauthorized { message: error.to_string() },
        other => ClusterError::Unreachable { reason: innermost(other) },
    }
}

/// The last cause of an error: where a connection fails, the outer layers only say "error".
fn innermost(error: &kube::Error) -> String {
    let mut source = error.source();
    let mut text = error.to_string();
    while let Some(error) = source {
        text = error.to_string();
        source = error.source();
    }
    text
}

/// The meaning of a refusal. Kubernetes' own statuses are described in its API conventions.
pub(super) fn refusal(status: &Status, subject: &Subject<'_>) -> ClusterError {
    let message = status.message.clone();
    match (status.code, subject) {
        (401, _) => ClusterError::Unauthorized { message },
        (403, Subject::Object(key)) if has_cause(status, "NamespaceTerminating") => {
            ClusterError::NamespaceUnavailable { object: (*key).clone(), message }
        }
        (403, subject) => ClusterError::Forbidden { object: subject.name(), message },
        (404, Subject::Object(key)) if detail_kind(status) == "namespaces" && key.kind != Kind::Namespace => {
            ClusterError::NamespaceUnavailable { object: (*key).clone(), message }
        }
        (404, Subject::Object(key)) => ClusterError::NotServed { kind: key.kind },
        (404, Subject::Kind(kind)) => ClusterError::NotServed { kind: *kind },
        (409, Subject::Object(key)) if has_cause(status, "FieldManagerConflict") => {
            ClusterError::FieldConflict { object: (*key).clone(), fields: field_conflicts(status) }
        }
        (409, Subject::Object(key)) => ClusterError::Changed { object: (*key).clone(), message },
        (410, _) => ClusterError::Expired,
        (400 | 405 | 406 | 415 | 422, Subject::Object(key)) => {
            ClusterError::Invalid { object: (*key).clone(), message }
        }
        // What 1.20 answers to objects that lack what tells a list's items apart: asking again does not help.
        (500, Subject::Object(key)) if message.starts_with("failed to create typed patch object") => {
            ClusterError::Invalid { object: (*key).clone(), message }
        }
        (429 | 500.., _) => {
            ClusterError::Unavailable { status: status.code, message, retry_after: retry_after(status) }
        }
        _ => ClusterError::Malformed { reason: format!("{}: status {}: {message}", subject.name(), status.code) },
    }
}

fn has_cause(status: &Status, reason: &str) -> bool {
    status.details.iter().flat_map(|details| &details.causes).any(|cause| cause.reason == reason)
}

fn detail_kind(status: &Status) -> &str {
    status.details.as_ref().map_or("", |details| details.kind.as_str())
}

fn retry_after(status: &Status) -> Option<Duration> {
    let seconds = status.details.as_ref()?.retry_after_seconds;
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}

/// Whether a 404 means that the object is not there, and not its namespace or its kind.
pub(super) fn is_absent(status: &Status, key: &ObjectKey) -> bool {
    status.code == 404
        && status.details.as_ref().is_some_and(|details| {
            details.name == key.name || (details.kind == "namespaces" && Some(&details.name) == key.namespace.as_ref())
        })
}

/// The causes of a conflict read `conflict with "helm" using apps/v1`, some servers add a time.
fn field_conflicts(status: &Status) -> Vec<FieldConflict> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .map(|cause| FieldConflict {
            manager: cause.message.split('"').nth(1).unwrap_or("an unnamed manager").to_owned(),
            field: cause.field.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use kube::core::response::{StatusCause, StatusDetails};

    use super::*;

    fn status(code: u16, details: StatusDetails) -> Status {
        Status {
            code,
            message: "no".to_owned(),
            details: Some(details),
            status: None,
            metadata: None,
            reason: String::new(),
        }
    }

    fn details(kind: &str, name: &str, causes: Vec<StatusCause>) -> StatusDetails {
        StatusDetails {
            name: name.to_owned(),
            group: String::new(),
            kind: kind.to_owned(),
            uid: String::new(),
            causes,
            retry_after_seconds: 7,
        }
    }

    #[test]
    fn statuses_are_told_apart() {
        let key = ObjectKey::new(Kind::Service, "ns", "api");
        let subject = Subject::Object(&key);
        let conflict = StatusCause {
            reason: "FieldManagerConflict".to_owned(),
            message: r#"conflict with "helm" using v1"#.to_owned(),
            field: ".spec.type".to_owned(),
        };
        insta::assert_snapshot!(
            refusal(&status(409, details("services", "api", vec![conflict])), &subject),
            @"Service/api: .spec.type is owned by helm"
        );
        let refused = refusal(&status(404, details("namespaces", "ns", vec![])), &subject);
        assert!(matches!(refused, ClusterError::NamespaceUnavailable { .. }));
        let refused = refusal(&status(429, details("", "", vec![])), &subject);
        assert!(refused.is_transient());
        assert!(matches!(refused, ClusterError::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 7));
        assert!(matches!(refusal(&status(422, details("", "", vec![])), &subject), ClusterError::Invalid { .. }));
        assert!(matches!(refusal(&status(410, details("", "", vec![])), &subject), ClusterError::Expired));
    }

    #[test]
    fn an_absent_object_is_not_an_absent_kind() {
        let key = ObjectKey::new(Kind::Service, "ns", "api");
        assert!(is_absent(&status(404, details("services", "api", vec![])), &key));
        assert!(is_absent(&status(404, details("namespaces", "ns", vec![])), &key));
        assert!(!is_absent(&status(404, details("", "", vec![])), &key));
    }
}
