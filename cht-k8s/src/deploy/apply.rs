//! Applies one object, taking fields over from the tools that this project takes over from.

use cht_manifests::Object;

use super::strategy::drop_rolling_update;
use crate::events::{Applied, Event};
use crate::retry::retrying;
use crate::run::Reporter;
use crate::{ApplyMode, Cluster, ClusterError, FIELD_MANAGER, FieldConflict, LiveObject};

/// Applies an object. Answers with it and with what that did.
pub(super) async fn apply(
    cluster: &dyn Cluster,
    object: &Object,
    before: Option<&LiveObject>,
    reporter: &Reporter,
) -> Result<(LiveObject, Applied), ClusterError> {
    let clock = cluster.clock();
    drop_rolling_update(cluster, object, before).await?;
    let live = match retrying(&*clock, || cluster.apply(object, ApplyMode::Respect)).await {
        Err(ClusterError::FieldConflict { object: key, fields }) if fields.iter().all(is_taken_over) => {
            reporter.report(Event::Note(taken_over(&key.to_string(), &fields)));
            retrying(&*clock, || cluster.apply(object, ApplyMode::Force)).await?
        }
        answer => answer?,
    };
    let change = match before {
        None => Applied::Created,
        Some(before) if before.resource_version() == live.resource_version() => Applied::Unchanged,
        Some(_) => Applied::Changed,
    };
    reporter.report(Event::Applied { object: object.key(), change });
    Ok((live, change))
}

/// Whether a field's owner is a tool whose instances this project takes over, or this project by way of a whole write.
/// Others have their reasons, and keep it.
fn is_taken_over(conflict: &FieldConflict) -> bool {
    const TAKEN_OVER: [&str; 4] = [FIELD_MANAGER, "helm", "k9s", "before-first-apply"];
    TAKEN_OVER.contains(&conflict.manager.as_str()) || conflict.manager.starts_with("kubectl")
}

fn taken_over(object: &str, fields: &[FieldConflict]) -> String {
    let each: Vec<_> = fields.iter().map(|conflict| format!("{} from {}", conflict.field, conflict.manager)).collect();
    format!("{object}: taken over: {}", each.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_tools_are_taken_over_from() {
        let owned_by = |manager: &str| FieldConflict { manager: manager.to_owned(), field: ".spec".to_owned() };
        for tool in ["cht", "helm", "kubectl", "kubectl-client-side-apply", "kubectl-edit", "k9s", "before-first-apply"]
        {
            assert!(is_taken_over(&owned_by(tool)), "{tool}");
        }
        for other in ["argocd-controller", "vpa-updater", "my-helm", "flux"] {
            assert!(!is_taken_over(&owned_by(other)), "{other}");
        }
    }
}
