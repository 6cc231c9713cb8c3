//! Labels: the one that selectors use, and those that say whose an object is.

use std::collections::BTreeMap;

use cht_model::Instance;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::{Component, Kind, ObjectKey, apply_set};

/// The label that every selector uses, alone. Selectors of Deployments are immutable, and existing instances have this.
pub(crate) const SERVICE: &str = "cht.service";

/// `cht.service` with this value, for selectors and for what they select.
pub(crate) fn service(value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(SERVICE.to_owned(), value.to_owned())])
}

/// Selects what has `cht.service` with one of these values.
pub(crate) fn any_of(services: impl IntoIterator<Item = String>) -> LabelSelector {
    selecting(SERVICE, services)
}

/// Selects what has a label with one of these values.
pub(crate) fn selecting(label: &str, values: impl IntoIterator<Item = String>) -> LabelSelector {
    let requirement = LabelSelectorRequirement {
        key: label.to_owned(),
        operator: "In".to_owned(),
        values: Some(values.into_iter().collect()),
    };
    LabelSelector { match_expressions: Some(vec![requirement]), ..Default::default() }
}

/// The labels that say which instance an object belongs to. They are never part of a selector.
pub(crate) struct Labels {
    project: String,
    version: Option<String>,
    apply_set: String,
}

impl Labels {
    pub(crate) fn of(instance: &Instance) -> Self {
        let parent =
            ObjectKey::new(Kind::ConfigMap, instance.namespace().as_str(), &format!("cht.{}", instance.project()));
        Self {
            project: instance.project().to_string(),
            version: label_value(instance.version()),
            apply_set: apply_set::id(&parent),
        }
    }

    /// For the namespace: it may hold more than the instance, so it names no component and no version.
    pub(crate) fn on_namespace(&self) -> BTreeMap<String, String> {
        recommended([("name", "cht"), ("instance", &self.project), ("managed-by", "cht")])
    }

    /// For pods: without the version, since a label that changes on a pod template restarts its pods.
    pub(crate) fn on_pod(&self, component: Component) -> BTreeMap<String, String> {
        let mut labels = self.on_namespace();
        labels.extend(recommended([("component", component.to_string().as_str())]));
        labels
    }

    /// For every other object.
    pub(crate) fn on_object(&self, kind: Kind, component: Component) -> BTreeMap<String, String> {
        let mut labels = self.on_pod(component);
        labels.extend(recommended(self.version.as_deref().map(|version| ("version", version))));
        if apply_set::is_member(kind) {
            labels.insert(apply_set::PART_OF.to_owned(), self.apply_set.clone());
        }
        labels
    }
}

fn recommended<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    labels.into_iter().map(|(key, value)| (format!("app.kubernetes.io/{key}"), value.to_owned())).collect()
}

/// The text as near as a label's value can have it, or nothing when no part of it can stand in one: a version may be
/// a branch's name, with slashes.
fn label_value(text: &str) -> Option<String> {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let value: String = text.chars().map(allowed).take(63).collect();
    let value = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_label_values() {
        assert_eq!(label_value("4.22.0").as_deref(), Some("4.22.0"));
        assert_eq!(label_value("feature/10481_new login").as_deref(), Some("feature-10481_new-login"));
        assert_eq!(label_value("_x_").as_deref(), Some("x"));
        assert_eq!(label_value(&"é".repeat(9)), None);
        assert_eq!(label_value(""), None);
    }

    #[test]
    fn long_versions_are_cut_at_a_letter_or_digit() {
        let value = label_value(&format!("{}-{}", "a".repeat(62), "b".repeat(9)));
        assert_eq!(value.as_deref(), Some("a".repeat(62).as_str()));
    }
}
