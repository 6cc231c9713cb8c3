//! One object of any kind that this crate makes.

use std::fmt;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::gke::{BackendConfig, FrontendConfig};
use crate::{Kind, ObjectKey};

macro_rules! objects {
    ($($kind:ident),* $(,)?) => {
        /// One object of any kind that this crate makes. Its serialized form is the object's own, with `apiVersion` and
        /// `kind`.
        #[derive(Clone, PartialEq)]
        #[expect(missing_docs, reason = "the variants are Kubernetes' own names")]
        pub enum Object {
            $($kind(Box<$kind>),)*
        }

        impl Object {
            /// The kinds that objects of this crate are of.
            pub const KINDS: [Kind; 16] = [$(Kind::$kind,)*];

            /// The object's kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)*
                }
            }

            /// The object's metadata.
            pub fn metadata(&self) -> &ObjectMeta {
                match self {
                    $(Self::$kind(object) => &object.metadata,)*
                }
            }

            pub(crate) fn metadata_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $(Self::$kind(object) => &mut object.metadata,)*
                }
            }
        }

        impl Serialize for Object {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$kind(object) => object.serialize(serializer),)*
                }
            }
        }

        impl<'de> Deserialize<'de> for Object {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                match value.get("kind").and_then(Value::as_str) {
                    $(Some(stringify!($kind)) => {
                        $kind::deserialize(value).map(|object| Self::$kind(Box::new(object))).map_err(D::Error::custom)
                    })*
                    kind => Err(D::Error::custom(format!("no object of this crate is of kind {kind:?}"))),
                }
            }
        }

        $(impl From<$kind> for Object {
            fn from(object: $kind) -> Self {
                Self::$kind(Box::new(object))
            }
        })*
    };
}

objects!(
    Namespace,
    Secret,
    ConfigMap,
    ServiceAccount,
    Role,
    RoleBinding,
    PersistentVolume,
    PersistentVolumeClaim,
    Job,
    Service,
    Deployment,
    Ingress,
    NetworkPolicy,
    PodDisruptionBudget,
    BackendConfig,
    FrontendConfig,
);

impl Object {
    /// The object's name.
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// What identifies the object in a cluster.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(self.kind(), self.metadata().namespace.as_deref().unwrap_or_default(), self.name())
    }

    /// The object as JSON, with `apiVersion` and `kind`, without empty or null fields.
    ///
    /// # Panics
    ///
    /// Never: every object of this crate has a JSON form.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("the objects hold only text, numbers, lists and maps with text as keys")
    }
}

impl fmt::Debug for Object {
    /// The key alone: a Secret's data must not be in a log by way of `{:?}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.key())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use k8s_openapi::ByteString;

    use super::*;
    use crate::{Component, Manifest, Needed, Stage};

    #[test]
    fn debug_shows_the_key_and_no_data() {
        let data = BTreeMap::from([("COUCHDB_PASSWORD".to_owned(), ByteString(b"canary".to_vec()))]);
        let metadata = ObjectMeta { name: Some("credentials".to_owned()), ..Default::default() };
        let object = Object::from(Secret { metadata, data: Some(data), ..Default::default() });
        let manifest = Manifest {
            stage: Stage::Configuration,
            component: Component::Instance,
            needed: Needed::Always,
            object: object.clone(),
        };
        assert_eq!(format!("{object:?}"), "Object(Secret/credentials)");
        let shown = format!("{manifest:#?}");
        // The bytes of `canary`, as a list of numbers and as base64.
        for leak in ["canary", "99", "Y2FuYXJ5"] {
            assert!(!shown.contains(leak), "{shown}");
        }
    }
}
