//! A rendering as JSON, to look things up in.

use std::collections::BTreeMap;

use cht_manifests::Manifests;
use serde_json::Value;

use crate::cases::Case;

/// A rendering as JSON, by kind and name.
pub(crate) struct Rendered(pub(crate) BTreeMap<(String, String), Value>);

impl Rendered {
    pub(crate) fn of(manifests: &Manifests) -> Self {
        let key = |object: &Value| (text(&object["kind"]), text(&object["metadata"]["name"]));
        Self(manifests.iter().map(|manifest| manifest.object.to_value()).map(|object| (key(&object), object)).collect())
    }

    pub(crate) fn get(&self, kind: &str, name: &Value) -> &Value {
        let key = (kind.to_owned(), text(name));
        self.0.get(&key).unwrap_or_else(|| panic!("{kind} {name} is referred to and not rendered"))
    }

    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|((of, _), _)| of == kind).map(|(_, object)| object).collect()
    }

    /// The pod templates, with the name of their owner.
    pub(crate) fn templates(&self) -> Vec<(&str, &Value)> {
        let owners = self.all("Deployment").into_iter().chain(self.all("Job"));
        owners.map(|owner| (owner["metadata"]["name"].as_str().expect("a name"), &owner["spec"]["template"])).collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(crate) fn containers(template: &Value) -> &[Value] {
    items(&template["spec"]["containers"])
}

pub(crate) fn variables(template: &Value) -> Vec<&Value> {
    containers(template).iter().flat_map(|container| items(&container["env"])).collect()
}

/// Runs a check on what every case renders, and says which case it failed on.
#[expect(clippy::print_stdout, reason = "a failing test shows which case it failed on")]
pub(crate) fn in_every_case(check: impl Fn(&Rendered)) {
    for case in Case::all() {
        println!("{case}");
        check(&Rendered::of(&case.render()));
    }
}
