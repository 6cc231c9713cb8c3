//! Google's own kinds, by which GKE's load balancers are told what an Ingress and a Service cannot say.
//!
//! Only the fields that this project uses. GKE's documentation of Ingress configuration describes them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::Kind;

/// An object of a kind that Kubernetes itself does not have.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CustomObject<S> {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: S,
}

/// What says how a load balancer reaches a Service.
pub type BackendConfig = CustomObject<BackendConfigSpec>;

/// What says how a load balancer is reached.
pub type FrontendConfig = CustomObject<FrontendConfigSpec>;

/// How a load balancer reaches a Service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendConfigSpec {
    /// How long an answer may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_sec: Option<i64>,
    /// How the load balancer tells that the Service is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
}

/// How a load balancer tells that a Service is well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    /// `HTTP`, `HTTPS` or `HTTP2`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The path that must answer 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_path: Option<String>,
    /// The pods' port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
}

/// How a load balancer is reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrontendConfigSpec {
    /// Whether plain HTTP is sent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_to_https: Option<RedirectToHttps>,
}

/// Whether plain HTTP is sent on to HTTPS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RedirectToHttps {
    /// It is.
    pub enabled: bool,
}

/// What is said by an object of one of these kinds.
trait Spec: Serialize {
    const KIND: Kind;
}

impl Spec for BackendConfigSpec {
    const KIND: Kind = Kind::BackendConfig;
}

impl Spec for FrontendConfigSpec {
    const KIND: Kind = Kind::FrontendConfig;
}

impl<S: Spec> Serialize for CustomObject<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let mut object = serializer.serialize_struct(S::KIND.as_str(), 4)?;
        object.serialize_field("apiVersion", &S::KIND.api_version())?;
        object.serialize_field("kind", S::KIND.as_str())?;
        object.serialize_field("metadata", &self.metadata)?;
        object.serialize_field("spec", &self.spec)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Object;

    #[test]
    fn objects_are_written_as_gke_reads_them_and_read_back() {
        let metadata = || ObjectMeta { name: Some("api".to_owned()), ..Default::default() };
        let backend = Object::from(BackendConfig {
            metadata: metadata(),
            spec: BackendConfigSpec {
                timeout_sec: Some(3600),
                health_check: Some(HealthCheck {
                    type_: Some("HTTP".to_owned()),
                    request_path: Some("/setup/poll".to_owned()),
                    port: Some(5988),
                }),
            },
        });
        let frontend = Object::from(FrontendConfig {
            metadata: metadata(),
            spec: FrontendConfigSpec { redirect_to_https: Some(RedirectToHttps { enabled: true }) },
        });
        assert_eq!(
            backend.to_value(),
            json!({
                "apiVersion": "cloud.google.com/v1", "kind": "BackendConfig", "metadata": { "name": "api" },
                "spec": {
                    "timeoutSec": 3600, "healthCheck": { "type": "HTTP", "requestPath": "/setup/poll", "port": 5988 },
                },
            })
        );
        assert_eq!(
            frontend.to_value(),
            json!({
                "apiVersion": "networking.gke.io/v1beta1", "kind": "FrontendConfig", "metadata": { "name": "api" },
                "spec": { "redirectToHttps": { "enabled": true } },
            })
        );
        for object in [backend, frontend] {
            let read: Object = serde_json::from_value(object.to_value()).expect("an object");
            assert_eq!(read, object);
        }
    }
}
