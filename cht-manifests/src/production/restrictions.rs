//! What pods may do: no more than their images' programs do.

use cht_model::{Instance, Release};
use k8s_openapi::api::core::v1::{Capabilities, Container, PodSpec, SeccompProfile, SecurityContext};

use crate::Component;

/// The API's user from 5.0 on.
const API_USER: i64 = 1000;

/// What a runtime lets root do by default and none of the images needs that start as root. They do change the owner of
/// files, change to another user, and end processes of his.
const NEEDED_BY_NONE: [&str; 5] = ["MKNOD", "NET_RAW", "SETFCAP", "SETPCAP", "SYS_CHROOT"];

/// Takes from a pod what it does not need.
pub(super) fn set(component: Component, instance: &Instance, pod: &mut PodSpec) {
    // A Service named `api` would otherwise set API_PORT to `tcp://…`, which the images read as a port.
    pod.enable_service_links = Some(false);
    // The upgrade service alone talks to the API server.
    if component != Component::UpgradeService {
        pod.automount_service_account_token = Some(false);
    }
    let context = pod.security_context.get_or_insert_default();
    context.seccomp_profile = Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..Default::default() });
    for container in &mut pod.containers {
        restrict(user(component, instance), container);
    }
}

/// Who a component's programs run as.
#[derive(Debug, Clone, Copy)]
enum User {
    /// Root, to begin with.
    Root,
    /// Another, by name: Kubernetes cannot tell by that that it is not root.
    Other,
    /// Another, by number.
    Number(i64),
}

fn user(component: Component, instance: &Instance) -> User {
    match (component, instance.release()) {
        (Component::Api, Release::V5(_)) => User::Number(API_USER),
        (Component::HealthCheck, _) => User::Other,
        _ => User::Root,
    }
}

fn restrict(user: User, container: &mut Container) {
    let drop: &[&str] = match user {
        User::Root => &NEEDED_BY_NONE,
        User::Other | User::Number(_) => &["ALL"],
    };
    let number = match user {
        User::Number(number) => Some(number),
        User::Root | User::Other => None,
    };
    let context = container.security_context.get_or_insert_default();
    *context = SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            drop: Some(drop.iter().map(|&capability| capability.to_owned()).collect()),
            ..Default::default()
        }),
        run_as_non_root: number.map(|_| true),
        run_as_user: number.or(context.run_as_user),
        ..std::mem::take(context)
    };
}
