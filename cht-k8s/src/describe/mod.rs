//! All there is to know about the components of an instance, as a person would otherwise collect it by hand.

mod component;
mod happening;
mod look;
mod pod;
mod probes;
mod service;
#[cfg(test)]
mod tests;

pub use component::{ContainerTemplate, DescribedComponent, Replicas};
pub use happening::Happening;
pub use look::{Description, describe};
pub use pod::{Condition, DescribedContainer, DescribedPod, LastEnd};
pub use service::DescribedService;
