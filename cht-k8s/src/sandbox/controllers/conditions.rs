//! Conditions in the status of objects.

use serde_json::{Value, json};

use crate::sandbox::json::{self, items, text};

/// A condition that holds, or does not for a reason.
pub(super) fn condition(name: &str, why_not: Option<(&str, &str)>, now: &str) -> Value {
    let mut condition = json!({
        "type": name,
        "status": if why_not.is_none() { "True" } else { "False" },
        "lastTransitionTime": now,
    });
    if let Some((reason, message)) = why_not {
        condition["reason"] = json!(reason);
        if !message.is_empty() {
            condition["message"] = json!(message);
        }
    }
    condition
}

/// Sets a condition of an object. The time of its transition stays where its status does.
pub(super) fn set(object: &mut Value, mut condition: Value) {
    let mut all = items(object, "/status/conditions").to_vec();
    match all.iter_mut().find(|known| known["type"] == condition["type"]) {
        Some(known) => {
            if known["status"] == condition["status"] {
                condition["lastTransitionTime"] = known["lastTransitionTime"].clone();
            }
            *known = condition;
        }
        None => all.push(condition),
    }
    json::set(object, &["status", "conditions"], Value::Array(all));
}

/// The condition with this name.
pub(super) fn find<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    items(object, "/status/conditions").iter().find(|condition| text(condition, "/type") == Some(name))
}

/// Whether the condition with this name holds.
pub(super) fn holds(object: &Value, name: &str) -> bool {
    find(object, name).is_some_and(|condition| text(condition, "/status") == Some("True"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_transition_is_that_of_the_status() {
        let mut pod = json!({});
        set(&mut pod, condition("Ready", Some(("Slow", "")), "t1"));
        set(&mut pod, condition("Ready", Some(("Slower", "much")), "t2"));
        assert_eq!(find(&pod, "Ready").unwrap()["lastTransitionTime"], "t1");
        assert!(!holds(&pod, "Ready"));
        set(&mut pod, condition("Ready", None, "t3"));
        assert_eq!(find(&pod, "Ready"), Some(&json!({"type": "Ready", "status": "True", "lastTransitionTime": "t3"})));
        assert!(holds(&pod, "Ready") && !holds(&pod, "Other"));
    }
}
