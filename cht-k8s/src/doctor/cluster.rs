//! The API server: whether it is new enough, serves what is needed, and knows what time it is.

use cht_manifests::{Kind, Manifests};
use futures::future::join_all;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use crate::retry::reaching;
use crate::{Cluster, ClusterError, ServerInfo, ServerVersion};

/// A difference of clocks that may be trouble: locks and logs are compared across machines.
const ODD: SignedDuration = SignedDuration::from_secs(30);
/// One that is: certificates and tokens seem not to hold.
const TOO_MUCH: SignedDuration = SignedDuration::from_mins(5);

/// Whether the server is new enough.
pub(super) fn version(server: &Answer<ServerInfo>) -> Finding {
    let check = Check::ServerVersion;
    match server.as_ref().map(|server| server.version) {
        Err(error) => Finding::unanswered(check, error),
        Ok(version) if version < ServerVersion::OLDEST => Finding::fatal(
            check,
            format!("the server is Kubernetes {version}, and {} is the oldest that works", ServerVersion::OLDEST),
            "upgrade the cluster",
        ),
        Ok(version) => Finding::ok(check, format!("the server is Kubernetes {version}")),
    }
}

/// That the server is gone, which had answered before. Without this, nothing but unknown things would look like no trouble.
pub(super) fn lost(server: &Answer<ServerInfo>) -> Option<Finding> {
    let error = server.as_ref().err().filter(|error| error.is_transient())?;
    let message = format!("the connection was lost in between: {error}");
    Some(Finding::fatal(Check::ClientServer, message, "run this command again when the server answers"))
}

/// Whether the server and this machine agree what time it is. An answer's time is cut to the second.
pub(super) fn clock(server: &Answer<ServerInfo>, here: Timestamp) -> Finding {
    let check = Check::ClockSkew;
    let time = match server {
        Ok(ServerInfo { time: Some(time), .. }) => *time,
        Ok(ServerInfo { time: None, .. }) => return Finding::unknown(check, "the server's answers bear no time"),
        Err(error) => return Finding::unanswered(check, error),
    };
    let ahead = time.duration_since(here);
    let words =
        |which: &str| format!("the server's clock is {} s {which} this machine's", ahead.as_secs().unsigned_abs());
    let message = if ahead.is_negative() { words("behind") } else { words("ahead of") };
    let hint = "set both clocks by NTP (`timedatectl set-ntp true`)";
    match ahead.abs() {
        off if off > TOO_MUCH => Finding::fatal(check, message, hint),
        off if off > ODD => Finding::warning(check, message, hint),
        _ => Finding::ok(check, "the server and this machine agree what time it is"),
    }
}

/// Looks whether each kind that the objects are of is served.
pub(super) async fn look_for_kinds(
    cluster: &dyn Cluster,
    manifests: &Manifests,
    namespace: &str,
) -> Vec<(Kind, Answer<()>)> {
    let mut kinds: Vec<_> = manifests.iter().map(|manifest| manifest.object.kind()).chain([Kind::Lease]).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let asked = kinds.into_iter().map(|kind| async move {
        let answer = reaching(&*cluster.clock(), || cluster.list(kind, Some(namespace))).await;
        (kind, answer.map(drop))
    });
    join_all(asked).await
}

/// Whether what is needed is served. Whoever is refused is told so of a kind that is.
pub(super) fn kinds(looked: &[(Kind, Answer<()>)]) -> Finding {
    let check = Check::ApiKinds;
    let not_served = |kind: &Kind| format!("{kind} ({})", kind.api_version());
    let lacking = || looked.iter().filter(|(_, answer)| matches!(answer, Err(ClusterError::NotServed { .. })));
    let required: Vec<_> = lacking().map(|(kind, _)| kind).filter(|kind| !kind.is_optional()).map(not_served).collect();
    let optional: Vec<_> = lacking().map(|(kind, _)| kind).filter(|kind| kind.is_optional()).map(not_served).collect();
    let unknown = looked.iter().find_map(|(_, answer)| match answer {
        Err(error) if !matches!(error, ClusterError::NotServed { .. } | ClusterError::Forbidden { .. }) => Some(error),
        _ => None,
    });
    if !required.is_empty() {
        let message = format!("the server does not serve {}", required.join(", "));
        return Finding::fatal(check, message, "upgrade the cluster, or turn the API on that it was started without");
    }
    match unknown {
        Some(error) => Finding::unanswered(check, error),
        None if optional.is_empty() => Finding::ok(check, format!("the server serves all {} kinds", looked.len())),
        None => {
            Finding::ok(check, format!("the server serves all that is needed; {} is left out", optional.join(", ")))
        }
    }
}

/// Whether the namespace can be deployed to.
pub(super) fn namespace(name: &str, namespace: &Answer<Option<Namespace>>) -> Finding {
    let check = Check::Namespace;
    match namespace {
        Err(error) => Finding::unanswered(check, error),
        Ok(None) => Finding::ok(check, format!("namespace {name} is not there, and is made by the deploy")),
        Ok(Some(namespace)) if namespace.metadata.deletion_timestamp.is_some() => Finding::fatal(
            check,
            format!("namespace {name} is being deleted: what is applied to it would go with it"),
            "wait until it is gone; `kubectl describe namespace` says what holds it up",
        ),
        Ok(Some(_)) => Finding::ok(check, format!("namespace {name} is there")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Verdict;
    use crate::doctor::testing::decode;

    #[test]
    fn old_servers_will_not_do() {
        for (minor, verdict) in [(19, Verdict::Fatal), (20, Verdict::Ok), (33, Verdict::Ok)] {
            let server = ServerInfo { version: ServerVersion { major: 1, minor }, time: None };
            assert_eq!(version(&Ok(server)).verdict, verdict, "{minor}");
        }
        assert_eq!(version(&Err(ClusterError::Expired)).verdict, Verdict::Unknown);
    }

    #[test]
    fn a_server_that_was_lost_is_trouble() {
        let lost_by = |error| lost(&Err(error)).map(|finding| (finding.check, finding.verdict));
        let gone = ClusterError::Unreachable { reason: "reset".to_owned() };
        assert_eq!(lost_by(gone), Some((Check::ClientServer, Verdict::Fatal)));
        assert_eq!(lost_by(ClusterError::Unauthorized { message: "who?".to_owned() }), None);
    }

    #[test]
    fn clocks_may_differ_a_little() {
        let here = Timestamp::UNIX_EPOCH;
        for (seconds, verdict, says) in [
            (0, Verdict::Ok, "agree"),
            (-30, Verdict::Ok, "agree"),
            (31, Verdict::Warning, "31 s ahead of"),
            (-300, Verdict::Warning, "300 s behind"),
            (301, Verdict::Fatal, "301 s ahead of"),
            (-4000, Verdict::Fatal, "4000 s behind"),
        ] {
            let time = Some(here + SignedDuration::from_secs(seconds));
            let found = clock(&Ok(ServerInfo { version: ServerVersion::OLDEST, time }), here);
            assert_eq!(found.verdict, verdict, "{found:?}");
            assert!(found.message.contains(says), "{found:?}");
        }
    }

    #[test]
    fn what_is_needed_has_to_be_served() {
        let not_served = |kind| (kind, Err(ClusterError::NotServed { kind }));
        let refused =
            (Kind::Secret, Err(ClusterError::Forbidden { object: "Secret".to_owned(), message: "no".to_owned() }));
        let lost = (Kind::Pod, Err(ClusterError::Unreachable { reason: "reset".to_owned() }));
        for (looked, verdict) in [
            (vec![(Kind::Service, Ok(())), refused.clone()], Verdict::Ok),
            (vec![not_served(Kind::PodDisruptionBudget)], Verdict::Ok),
            (vec![not_served(Kind::Ingress), lost.clone()], Verdict::Fatal),
            (vec![lost, (Kind::Service, Ok(()))], Verdict::Unknown),
        ] {
            assert_eq!(kinds(&looked).verdict, verdict, "{looked:?}");
        }
    }

    #[test]
    fn a_namespace_on_its_way_out_will_not_do() {
        let there = || decode::<Namespace>(json!({ "metadata": { "name": "ns" } }));
        let going = json!({ "metadata": { "name": "ns", "deletionTimestamp": "2026-01-01T00:00:00Z" } });
        let refused = ClusterError::Forbidden { object: "ns".to_owned(), message: "no".to_owned() };
        for (answer, verdict) in [
            (Ok(None), Verdict::Ok),
            (Ok(Some(there())), Verdict::Ok),
            (Ok(Some(decode(going))), Verdict::Fatal),
            (Err(refused), Verdict::Unknown),
        ] {
            assert_eq!(namespace("ns", &answer).verdict, verdict, "{answer:?}");
        }
    }
}
