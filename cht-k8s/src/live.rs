//! An object as a cluster holds it.

use std::fmt;

use cht_manifests::{Kind, ObjectKey};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An object as a cluster holds it: every field, also those that this project does not know.
#[derive(Clone, PartialEq)]
pub struct LiveObject {
    kind: Kind,
    value: Value,
}

impl LiveObject {
    /// An object of `kind` from its JSON; `apiVersion` and `kind` may be missing, as they are in lists.
    pub fn new(kind: Kind, value: Value) -> Self {
        Self { kind, value }
    }

    /// The object's kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What identifies the object.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind, self.text("/metadata/namespace").unwrap_or_default(), self.name())
    }

    /// The object's name.
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// What tells this object from an earlier one of the same name.
    pub fn uid(&self) -> &str {
        self.text("/metadata/uid").unwrap_or_default()
    }

    /// What changes with every write.
    pub fn resource_version(&self) -> &str {
        self.text("/metadata/resourceVersion").unwrap_or_default()
    }

    /// Whether the object is on its way out.
    pub fn is_terminating(&self) -> bool {
        self.text("/metadata/deletionTimestamp").is_some()
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.value.get("metadata")?.get("labels")?.get(name)?.as_str()
    }

    /// A text by JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.value.pointer(pointer)?.as_str()
    }

    /// The object as a type of `k8s-openapi`.
    ///
    /// # Errors
    ///
    /// When the server's answer does not have the type's shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.value)
    }
}

impl fmt::Debug for LiveObject {
    /// The key only: the object may be a Secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveObject({})", self.key())
    }
}
