//! Goes on with a container.

use super::container::Container;
use super::{create, image, mount, process};
use crate::sandbox::agenda::{PodId, Step};
use crate::sandbox::world::World;

/// Takes the next step with one container, if its pod is still meant to run.
pub(crate) fn container(world: &mut World, id: &PodId, name: &str, step: Step) {
    let Some(container) = Container::find(world, id, name) else { return };
    match step {
        Step::Mount => mount::mount(world, &container),
        Step::Pull { attempt } => image::pull(world, &container, attempt),
        Step::PullBackOff { attempt } => image::back_off(world, &container, attempt),
        Step::Pulled => image::pulled(world, &container),
        Step::Create => create::create(world, &container),
        Step::Start => process::start(world, &container),
        Step::Probe => process::probe(world, &container),
        Step::Exit => process::exit(world, &container),
        Step::CrashBackOff => process::back_off(world, &container),
    }
}
