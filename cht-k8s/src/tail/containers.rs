//! The containers whose lines are wanted, and the runs that they have had.

use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod};

use super::options::TailOptions;
use crate::{ComponentName, LookError};

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) component: ComponentName,
    pub(super) pod: ObjectKey,
    pub(super) uid: String,
    pub(super) container: String,
}

/// What there is to read of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Runs {
    /// How often it has restarted, where it has run at all: the number of its newest run.
    pub(super) newest: Option<i32>,
    /// Whether the newest run goes on.
    pub(super) is_running: bool,
    /// Whether the run before is there, too.
    pub(super) has_previous: bool,
}

/// Which containers are wanted.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    components: Vec<ComponentName>,
    container: Option<String>,
}

impl Selection {
    /// What the options want of a namespace that has these components.
    pub(super) fn of(options: &TailOptions, there: &[ComponentName]) -> Result<Self, LookError> {
        for name in &options.components {
            name.among(there)?;
        }
        Ok(Self { components: options.components.clone(), container: options.container.clone() })
    }

    /// The containers of a pod that are wanted, in the order in which they start, and what there is to read of each.
    pub(super) fn of_pod(&self, pod: &Pod) -> Vec<(Source, Runs)> {
        let Some(component) = ComponentName::of_pod(pod) else { return Vec::new() };
        let wanted = names(pod).filter(|container| self.wants(&component, container));
        wanted
            .map(|container| {
                let source = Source {
                    component: component.clone(),
                    pod: ObjectKey::new(
                        Kind::Pod,
                        pod.metadata.namespace.as_deref().unwrap_or_default(),
                        pod.metadata.name.as_deref().unwrap_or_default(),
                    ),
                    uid: pod.metadata.uid.clone().unwrap_or_default(),
                    container: container.to_owned(),
                };
                (source, Runs::of(pod, container))
            })
            .collect()
    }

    fn wants(&self, component: &ComponentName, container: &str) -> bool {
        let is_meant = |name: &ComponentName| {
            if name.is_sidecar() && name != component {
                name.is_container(component, container)
            } else {
                name == component || name.among(std::slice::from_ref(component)).is_ok()
            }
        };
        (self.components.is_empty() || self.components.iter().any(is_meant))
            && self.container.as_deref().is_none_or(|wanted| is_called(container, wanted))
    }
}

fn is_called(container: &str, wanted: &str) -> bool {
    container == wanted || container.strip_prefix("cht-") == Some(wanted)
}

/// The names of a pod's containers, in the order in which they start.
pub(super) fn names(pod: &Pod) -> impl Iterator<Item = &str> {
    let spec = pod.spec.as_ref();
    let init = spec.into_iter().flat_map(|spec| spec.init_containers.iter().flatten());
    let containers = spec.into_iter().flat_map(|spec| &spec.containers);
    init.chain(containers).map(|container| container.name.as_str())
}

impl Runs {
    fn of(pod: &Pod, container: &str) -> Self {
        let status = pod.status.as_ref();
        let lists = [
            status.and_then(|status| status.init_container_statuses.as_ref()),
            status.and_then(|status| status.container_statuses.as_ref()),
        ];
        let found = lists.into_iter().flatten().flatten().find(|status| status.name == container);
        found.map_or(Self { newest: None, is_running: false, has_previous: false }, Self::of_status)
    }

    fn of_status(status: &ContainerStatus) -> Self {
        let is = |state: &Option<ContainerState>, has: fn(&ContainerState) -> bool| state.as_ref().is_some_and(has);
        let is_running = is(&status.state, |state| state.running.is_some());
        let has_ended = is(&status.state, |state| state.terminated.is_some());
        let has_previous = is(&status.last_state, |state| state.terminated.is_some());
        let has_run = is_running || has_ended || has_previous;
        Self { newest: has_run.then_some(status.restart_count), is_running, has_previous }
    }
}
