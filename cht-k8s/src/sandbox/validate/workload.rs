//! Deployments, Jobs, and what guards their pods.

use serde_json::Value;

use super::{Problems, names, pod};
use crate::sandbox::json::{text, texts};

pub(super) fn deployment(object: &Value, problems: &mut Problems) {
    problems.require(object, "/spec/selector", "spec.selector");
    let has =
        |name: &str, value: &str| texts(object, "/spec/template/metadata/labels").any(|label| label == (name, value));
    let wanted: Vec<_> = texts(object, "/spec/selector/matchLabels").collect();
    if wanted.iter().any(|(name, value)| !has(name, value)) {
        problems.add("spec.template.metadata.labels", "Invalid value: `selector` does not match template `labels`");
    }
    names::labels(object, "/spec/template/metadata/labels", "spec.template.labels", problems);
    if text(object, "/spec/strategy/type") == Some("Recreate")
        && object.pointer("/spec/strategy/rollingUpdate").is_some()
    {
        problems
            .add("spec.strategy.rollingUpdate", "Forbidden: may not be specified when strategy `type` is 'Recreate'");
    }
    let zero = |field: &str| {
        object
            .pointer("/spec/strategy/rollingUpdate")
            .and_then(|update| update.get(field))
            .is_some_and(|value| value.as_i64() == Some(0) || value.as_str() == Some("0%"))
    };
    if zero("maxSurge") && zero("maxUnavailable") {
        problems
            .add("spec.strategy.rollingUpdate.maxUnavailable", "Invalid value: 0: may not be 0 when `maxSurge` is 0");
    }
    problems.must_be_one_of(object, "/spec/strategy/type", "spec.strategy", &["Recreate", "RollingUpdate"]);
    template(object, &["Always"], problems);
}

pub(super) fn job(object: &Value, problems: &mut Problems) {
    template(object, &["OnFailure", "Never"], problems);
}

pub(super) fn budget(object: &Value, problems: &mut Problems) {
    let has = |name: &str| object.pointer("/spec").is_some_and(|spec| spec.get(name).is_some());
    if has("minAvailable") && has("maxUnavailable") {
        problems.add("spec", "Invalid value: minAvailable and maxUnavailable cannot be both set");
    }
}

fn template(object: &Value, policies: &[&str], problems: &mut Problems) {
    let field = "spec.template.spec";
    problems.must_be_one_of(object, "/spec/template/spec/restartPolicy", &format!("{field}.restartPolicy"), policies);
    pod::spec(object.pointer("/spec/template/spec"), field, problems);
}
