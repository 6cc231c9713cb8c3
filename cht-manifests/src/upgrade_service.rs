//! The upgrade service: what lets an administrator of CHT change the images of the instance's Deployments.

use cht_model::{ImageTag, Instance};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{
    Container, EnvVar, EnvVarSource, ObjectFieldSelector, PodSpec, Service, ServiceAccount,
};
use k8s_openapi::api::rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::workload::{self, Rollout};
use crate::{container, dns, service};

/// Name of the Service, the Deployment and the container alike.
const NAME: &str = "upgrade-service";
pub(crate) const PORT: u16 = 5008;
const IMAGE: &str = "medicmobile/upgrade-service";

const SERVICE_ACCOUNT: &str = "cht-upgrade-service-user";
const ROLE: &str = "deployment-manager";
const ROLE_BINDING: &str = "deployment-manager-cht";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Where the API finds the upgrade service.
pub(crate) fn url(instance: &Instance) -> String {
    format!("http://{}:{PORT}", dns::host(NAME, instance.namespace()))
}

/// The Deployment.
pub(crate) fn deployment(instance: &Instance, rollout: Rollout, tag: &ImageTag) -> Deployment {
    let env = vec![
        env_from_field("CHT_NAMESPACE", "metadata.namespace"),
        env_from_field("CHT_DEPLOYMENT_NAME", "metadata.labels['cht.service']"),
        container::env("UPGRADE_SERVICE_PORT", PORT.to_string()),
    ];
    let container = Container {
        env: Some(env),
        ports: Some(vec![container::port(PORT)]),
        ..container::of_image(NAME, instance.images(), format!("{IMAGE}:{tag}"))
    };
    let pod = PodSpec { service_account_name: Some(SERVICE_ACCOUNT.to_owned()), ..workload::pod(vec![container]) };
    workload::deployment(NAME, NAME, rollout, pod)
}

/// The Service.
pub(crate) fn service() -> Service {
    let mut service = service::service(NAME, NAME, vec![service::named_port(NAME, PORT)]);
    service.spec.get_or_insert_default().type_ = Some("ClusterIP".to_owned());
    service
}

/// The account that it runs under.
pub(crate) fn service_account() -> ServiceAccount {
    ServiceAccount { metadata: named(SERVICE_ACCOUNT), ..Default::default() }
}

/// What it may do: read and change the Deployments and pods of its namespace.
pub(crate) fn role() -> Role {
    let rule = |group: &str, resource: &str| PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        verbs: ["get", "update", "watch", "patch", "list"].map(str::to_owned).to_vec(),
        ..Default::default()
    };
    Role { metadata: named(ROLE), rules: Some(vec![rule("apps", "deployments"), rule("", "pods")]) }
}

/// What gives its account that role.
pub(crate) fn role_binding() -> RoleBinding {
    RoleBinding {
        metadata: named(ROLE_BINDING),
        role_ref: RoleRef { api_group: RBAC.to_owned(), kind: "Role".to_owned(), name: ROLE.to_owned() },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: SERVICE_ACCOUNT.to_owned(),
            ..Default::default()
        }]),
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta { name: Some(name.to_owned()), ..Default::default() }
}

fn env_from_field(name: &str, path: &str) -> EnvVar {
    // The version is the API server's default; left out, the reference as a whole would look changed by the server.
    let field = ObjectFieldSelector { api_version: Some("v1".to_owned()), field_path: path.to_owned() };
    EnvVar {
        name: name.to_owned(),
        value_from: Some(EnvVarSource { field_ref: Some(field), ..Default::default() }),
        ..Default::default()
    }
}
