//! What depends on the platform. Nothing outside this folder knows which platform an instance runs on.

mod eks;
mod gke;
mod ingress;
mod k3s;
mod limits;

pub(crate) use ingress::ingress;
pub(crate) use limits::{limit_ingress, limit_service, limits};
