//! The namespace that all of the instance lives in.

use cht_model::NamespaceName;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// The Namespace: nothing but its name, so that one that is there already can be taken as it is.
pub(crate) fn namespace(name: &NamespaceName) -> Namespace {
    Namespace { metadata: ObjectMeta { name: Some(name.to_string()), ..Default::default() }, ..Default::default() }
}
