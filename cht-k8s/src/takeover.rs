//! Whose fields this project takes over, and whose it leaves.

use crate::{FIELD_MANAGER, FieldConflict};

/// Whether a field's owner is a tool whose instances this project takes over, or this project by way of a whole write.
/// Others have their reasons, and keep it.
pub(crate) fn is_taken_over(conflict: &FieldConflict) -> bool {
    const TAKEN_OVER: [&str; 4] = [FIELD_MANAGER, "helm", "k9s", "before-first-apply"];
    TAKEN_OVER.contains(&conflict.manager.as_str()) || conflict.manager.starts_with("kubectl")
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
