//! What a server says of itself, and when.

use http::header::DATE;
use http::{HeaderMap, StatusCode};
use k8s_openapi::jiff::Timestamp;
use k8s_openapi::jiff::fmt::rfc2822;
use kube::core::Status;
use serde_json::Value;

use crate::{ClusterError, ServerVersion};

/// The version in the answer to `/version`.
///
/// # Errors
///
/// When it is no answer of Kubernetes.
pub(super) fn version(answer: &[u8]) -> Result<ServerVersion, ClusterError> {
    let answer: Value = serde_json::from_slice(answer)
        .map_err(|error| ClusterError::Malformed { reason: format!("the version: {error}") })?;
    let number = |name: &str| {
        // Some distributions write the minor version as `27+`.
        let text = answer.get(name).and_then(Value::as_str).unwrap_or_default();
        text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<u32>().ok()
    };
    match (number("major"), number("minor")) {
        (Some(major), Some(minor)) => Ok(ServerVersion { major, minor }),
        _ => Err(ClusterError::Malformed { reason: "the version has no number".to_owned() }),
    }
}

/// When an answer was given.
pub(super) fn time(headers: &HeaderMap) -> Option<Timestamp> {
    // RFC 2822 names the zone that HTTP always has in another way.
    let date = headers.get(DATE)?.to_str().ok()?.replace("GMT", "+0000");
    rfc2822::parse(&date).ok().map(|time| time.timestamp())
}

/// An answer that is a refusal; proxies in between do not write it as Kubernetes does.
pub(super) fn refused(status: StatusCode, answer: &[u8]) -> kube::Error {
    let refusal = serde_json::from_slice(answer).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(answer);
        Status::failure(text.trim(), "Failed").with_code(status.as_u16())
    });
    kube::Error::Api(refusal.boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_its_time() {
        let mut headers = HeaderMap::new();
        assert_eq!(time(&headers), None);
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().expect("a value"));
        assert_eq!(time(&headers).map(|time| time.to_string()).as_deref(), Some("1994-11-06T08:49:37Z"));
    }

    #[test]
    fn what_is_no_version_is_not_taken_for_one() {
        for answer in ["", "<html>", "{}", r#"{"major": "1", "minor": "new"}"#] {
            assert!(matches!(version(answer.as_bytes()), Err(ClusterError::Malformed { .. })), "{answer}");
        }
    }

    #[test]
    fn a_refusal_keeps_its_status_whoever_wrote_it() {
        for answer in ["<html>bad gateway</html>", r#"{"kind": "Status", "message": "no", "code": 502}"#] {
            let error = refused(StatusCode::BAD_GATEWAY, answer.as_bytes());
            assert!(matches!(error, kube::Error::Api(status) if status.code == 502), "{answer}");
        }
    }
}
