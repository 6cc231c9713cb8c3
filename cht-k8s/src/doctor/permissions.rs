//! What the user may do.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt, TryStreamExt};

use super::accesses::Accesses;
use super::check::Check;
use super::finding::Finding;
use crate::retry::reaching;
use crate::{Access, Cluster, ClusterError, Rules};

/// How many single questions are asked at the same time.
const IN_PARALLEL: usize = 8;
/// How many permissions are named in one line.
const MOST_NAMED: usize = 6;

/// Those of some accesses that the user has not. Administrators are known by one request; for others the rules of the
/// namespace are looked at, and the server is asked only for what these do not show.
///
/// # Errors
///
/// When the cluster does not answer.
pub(super) async fn rights(
    cluster: &dyn Cluster,
    namespace: &str,
    wanted: &BTreeSet<Access>,
) -> Result<BTreeSet<Access>, ClusterError> {
    let clock = cluster.clock();
    let everything = Access::everything();
    if reaching(&*clock, || cluster.may(&everything)).await? {
        return Ok(BTreeSet::new());
    }
    let rules = match reaching(&*clock, || cluster.rules(namespace)).await {
        Ok(rules) => rules,
        // Then each is asked for.
        Err(ClusterError::Forbidden { .. }) => Rules::default(),
        Err(error) => return Err(error),
    };
    let unshown = wanted.iter().filter(|access| !rules.show(access)).cloned();
    let asked = unshown.map(|access| async {
        let may = reaching(&*cluster.clock(), || cluster.may(&access)).await?;
        Ok::<_, ClusterError>((!may).then_some(access))
    });
    let asked: Vec<_> = asked.collect();
    stream::iter(asked)
        .buffer_unordered(IN_PARALLEL)
        .try_filter_map(|lacking| async move { Ok(lacking) })
        .try_collect()
        .await
}

/// What the missing permissions mean, each command with those that it lacks.
pub(super) fn judge(accesses: &Accesses, lacking: &Result<BTreeSet<Access>, ClusterError>) -> Vec<Finding> {
    let judged = accesses.groups().into_iter().map(|(check, needed)| match lacking {
        Ok(lacking) => group(check, needed, lacking),
        Err(error) => Finding::unanswered(check, error),
    });
    judged.collect()
}

/// What the missing permissions mean for one command.
pub(super) fn group(check: Check, needed: &BTreeSet<Access>, lacking: &BTreeSet<Access>) -> Finding {
    let missing: Vec<_> = needed.intersection(lacking).map(ToString::to_string).collect();
    let what = match check {
        Check::PermissionStatus => "show the status",
        Check::PermissionUninstall => "uninstall",
        Check::PermissionComfort => "check and protect everything",
        _ => "deploy",
    };
    if missing.is_empty() {
        return Finding::ok(
            check,
            format!("this user may do all that it takes to {what} ({} permissions)", needed.len()),
        );
    }
    let named = missing.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = match missing.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message = format!("to {what}, this user may not: {named}{more}");
    let hint =
        "ask whoever runs the cluster for a Role, or a ClusterRole for what is in no namespace, with these permissions";
    match check {
        Check::PermissionDeploy => Finding::fatal(check, message, hint),
        _ => Finding::warning(check, message, hint),
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::{Kind, manifests};
    use futures::executor::block_on;

    use super::*;
    use crate::doctor::Verdict;
    use crate::health::testing::{K3D, instance};
    use crate::sandbox::{Fault, Sandbox, Verb};

    fn accesses() -> Accesses {
        Accesses::of(&manifests(&instance(K3D, &[])), "county-a", false)
    }

    fn denying(denied: &[(&str, &str)]) -> Sandbox {
        let sandbox = Sandbox::new();
        for (verb, resource) in denied {
            sandbox.fail(Fault::Denied { verb: (*verb).to_owned(), resource: (*resource).to_owned() });
        }
        sandbox
    }

    #[test]
    fn an_administrator_is_known_by_one_request() {
        let sandbox = denying(&[]);
        let before = sandbox.requests();
        assert_eq!(block_on(rights(&sandbox, "county-a", &accesses().deploy)), Ok(BTreeSet::new()));
        assert_eq!(sandbox.requests() - before, 1);
    }

    #[test]
    fn what_is_missing_is_found_and_weighed() {
        for (denied, check, verdict) in [
            (("patch", "deployments"), Check::PermissionDeploy, Verdict::Fatal),
            (("create", "leases"), Check::PermissionDeploy, Verdict::Fatal),
            (("watch", "pods"), Check::PermissionDeploy, Verdict::Fatal),
            (("delete", "ingresses"), Check::PermissionUninstall, Verdict::Warning),
            (("get", "pods/log"), Check::PermissionComfort, Verdict::Warning),
            (("update", "persistentvolumes"), Check::PermissionComfort, Verdict::Warning),
        ] {
            let accesses = accesses();
            let all: BTreeSet<_> = accesses.groups().into_iter().flat_map(|(_, group)| group.clone()).collect();
            let lacking = block_on(rights(&denying(&[denied]), "county-a", &all));
            let findings = judge(&accesses, &lacking);
            let found = findings.iter().find(|finding| finding.check == check).expect("a finding");
            assert_eq!(found.verdict, verdict, "{denied:?}: {found:?}");
            assert!(found.message.contains(denied.1), "{found:?}");
            let others = findings.iter().filter(|finding| finding.verdict != Verdict::Ok && finding.check != check);
            assert!(others.clone().count() <= 1, "{:?}", others.collect::<Vec<_>>());
        }
    }

    #[test]
    fn many_are_cut_short() {
        let lacking = accesses().deploy;
        let found = group(Check::PermissionDeploy, &lacking, &lacking);
        assert!(found.message.ends_with(&format!(", and {} more", lacking.len() - MOST_NAMED)), "{}", found.message);
    }

    #[test]
    fn a_server_that_does_not_say_leaves_it_open() {
        let sandbox = Sandbox::new();
        let error = ClusterError::Unauthorized { message: "who?".to_owned() };
        sandbox.fail(Fault::Api { verb: Verb::Review, kind: None, times: 1, error });
        let lacking =
            block_on(rights(&sandbox, "county-a", &BTreeSet::from([Access::to("get", Kind::Pod, "county-a")])));
        assert!(judge(&accesses(), &lacking).iter().all(|finding| finding.verdict == Verdict::Unknown));
    }
}
