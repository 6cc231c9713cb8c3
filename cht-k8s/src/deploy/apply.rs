//! Applies one object, taking fields over from the tools that this project takes over from.

use cht_manifests::Object;

use crate::events::{Applied, Event};
use crate::retry::{retrying, unless_changed};
use crate::run::Reporter;
use crate::strategy::drop_rolling_update;
use crate::takeover::is_taken_over;
use crate::{ApplyMode, Cluster, ClusterError, FieldConflict, LiveObject};

/// Applies an object. Answers with it and with what that did.
pub(crate) async fn apply(
    cluster: &dyn Cluster,
    object: &Object,
    before: Option<&LiveObject>,
    reporter: &Reporter,
) -> Result<(LiveObject, Applied), ClusterError> {
    drop_rolling_update(cluster, object, before).await?;
    let live = match applying(cluster, object, ApplyMode::Respect).await {
        Err(ClusterError::FieldConflict { object: key, fields }) if fields.iter().all(is_taken_over) => {
            reporter.report(Event::Note(taken_over(&key.to_string(), &fields)));
            applying(cluster, object, ApplyMode::Force).await?
        }
        answer => answer?,
    };
    let change = match before {
        None => Applied::Created,
        Some(before) if before.resource_version() == live.resource_version() => Applied::Unchanged,
        Some(_) => Applied::Changed,
    };
    reporter.report(Event::Applied { object: object.key(), uid: live.uid().to_owned(), change });
    Ok((live, change))
}

async fn applying(cluster: &dyn Cluster, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
    let clock = cluster.clock();
    unless_changed(|| retrying(&*clock, || cluster.apply(object, mode))).await
}

fn taken_over(object: &str, fields: &[FieldConflict]) -> String {
    let each: Vec<_> = fields.iter().map(|conflict| format!("{} from {}", conflict.field, conflict.manager)).collect();
    format!("{object}: taken over: {}", each.join(", "))
}
