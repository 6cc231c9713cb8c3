//! Asks the server what applying an object would come to.

use cht_manifests::Object;

use super::step::Change;
use crate::redact::Redactor;
use crate::retry::{retrying, unless_changed};
use crate::strategy::{gives_up_rolling, owners, with_recreate, without_strategy};
use crate::{ApplyMode, Cluster, ClusterError, FieldConflict, LiveObject};

/// What came of trying.
pub(super) enum Trial {
    /// The object as it would be, and whose fields would be taken over.
    Accepted { result: Box<LiveObject>, owners: Vec<FieldConflict> },
    /// The object cannot become as wanted, or cannot be tried.
    Refused(Change),
}

/// Whether a field may be taken over from its owner.
pub(super) type TakesOver = fn(&FieldConflict) -> bool;

/// How often the object may be written by someone else while it is tried.
const TRIES: usize = 5;

/// Tries to apply an object where `seen` was there, or nothing, and to take the fields over that `takes_over` says. Answers
/// also with what was there when it was tried: a trial says nothing about any other version.
///
/// # Errors
///
/// When there is no answer, or none about this object.
pub(super) async fn try_out(
    cluster: &dyn Cluster,
    wanted: &Object,
    seen: Option<&LiveObject>,
    takes_over: TakesOver,
) -> Result<(Option<LiveObject>, Trial), ClusterError> {
    let version = |live: Option<&LiveObject>| live.map(LiveObject::resource_version).unwrap_or_default().to_owned();
    let (key, clock) = (wanted.key(), cluster.clock());
    let mut live = seen.cloned();
    let mut trial = try_on(cluster, wanted, live.as_ref(), takes_over).await?;
    for _ in 1..TRIES {
        let Trial::Accepted { result, .. } = &trial else { break };
        if version(live.as_ref()) == result.resource_version() {
            break;
        }
        live = retrying(&*clock, || cluster.get(&key)).await?;
        if version(live.as_ref()) != result.resource_version() {
            trial = try_on(cluster, wanted, live.as_ref(), takes_over).await?;
        }
    }
    Ok((live, trial))
}

async fn try_on(
    cluster: &dyn Cluster,
    wanted: &Object,
    live: Option<&LiveObject>,
    takes_over: TakesOver,
) -> Result<Trial, ClusterError> {
    let Some(rolling) = live.filter(|live| gives_up_rolling(wanted, live)) else {
        return try_as_it_is(cluster, wanted, live, Vec::new(), takes_over).await;
    };
    // The server refuses the new strategy beside the parameters of the old one, which a deploy takes out before.
    let trial = try_as_it_is(cluster, &without_strategy(wanted), live, owners(rolling), takes_over).await?;
    Ok(match trial {
        Trial::Accepted { result, owners } => Trial::Accepted { result: Box::new(with_recreate(&result)), owners },
        refused @ Trial::Refused(_) => refused,
    })
}

async fn try_as_it_is(
    cluster: &dyn Cluster,
    wanted: &Object,
    live: Option<&LiveObject>,
    mut owners: Vec<FieldConflict>,
    takes_over: TakesOver,
) -> Result<Trial, ClusterError> {
    let clock = cluster.clock();
    let ask = async |mode| unless_changed(|| retrying(&*clock, || cluster.dry_run(wanted, mode))).await;
    let mut answer = ask(ApplyMode::Respect).await;
    if let Err(ClusterError::FieldConflict { fields, .. }) = &answer {
        owners.extend(fields.iter().cloned());
    }
    let kept: Vec<_> = owners.iter().filter(|conflict| !takes_over(conflict)).cloned().collect();
    if !kept.is_empty() {
        return Ok(Trial::Refused(Change::Conflict { fields: kept }));
    }
    if matches!(answer, Err(ClusterError::FieldConflict { .. })) {
        answer = ask(ApplyMode::Force).await;
    }
    match answer {
        Ok(result) => Ok(Trial::Accepted { result: Box::new(result), owners }),
        Err(error) => refusal(error, live.is_some()).map(Trial::Refused),
    }
}

/// What a refusal means for the object; the error, where it says nothing about the object.
fn refusal(error: ClusterError, is_there: bool) -> Result<Change, ClusterError> {
    match error {
        // Webhooks of servers before 1.22 may be unable to look without being heard.
        ClusterError::Invalid { message, .. } if message.contains("does not support dry run") => {
            Ok(if is_there { Change::Untried { message } } else { Change::Create })
        }
        ClusterError::Invalid { message, .. } if is_there && is_about_a_fixed_field(&message) => {
            Ok(Change::Immutable { message })
        }
        ClusterError::Invalid { .. }
        | ClusterError::Forbidden { .. }
        | ClusterError::NotServed { .. }
        | ClusterError::HostTaken { .. }
        | ClusterError::NamespaceUnavailable { .. } => Ok(Change::Denied { error }),
        ClusterError::FieldConflict { fields, .. } => Ok(Change::Conflict { fields }),
        ClusterError::Unreachable { .. }
        | ClusterError::Unavailable { .. }
        | ClusterError::Unauthorized { .. }
        | ClusterError::Changed { .. }
        | ClusterError::Expired
        | ClusterError::LockLost
        | ClusterError::Malformed { .. } => Err(error),
    }
}

/// The API has one code for all that it does not accept: what cannot change shows in its words alone.
fn is_about_a_fixed_field(message: &str) -> bool {
    ["immutable", "may not change", "cannot change", "can not be less than"].iter().any(|words| message.contains(words))
}

impl Change {
    /// Without secrets: a server may repeat what it was sent.
    pub(super) fn redacted(self, redactor: &Redactor) -> Self {
        match self {
            Self::Immutable { message } => Self::Immutable { message: redactor.redact(&message) },
            Self::Untried { message } => Self::Untried { message: redactor.redact(&message) },
            Self::Denied { error } => Self::Denied { error: redactor.redact_error(error) },
            other => other,
        }
    }
}
