//! The colours of states, the same in every format. Each is beside the state's word, and never alone.

use super::model::Condition;

/// A condition's colours: one to write in, and one to write on.
pub(super) fn of(condition: Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Ready => ("#166534", "#dcfce7"),
        Condition::Progressing => ("#1d4ed8", "#dbeafe"),
        Condition::Degraded => ("#9a3412", "#ffedd5"),
        Condition::Failed => ("#b91c1c", "#fee2e2"),
        Condition::Unknown => ("#52525b", "#e4e4e7"),
    }
}
