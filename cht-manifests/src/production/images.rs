//! Images that are not CHT's.

use cht_model::Instance;
use k8s_openapi::api::core::v1::Container;

use crate::container;

/// Lets a Job run in CouchDB's image, which has a shell, too: it has a version, which `busybox` alone has not, and the machine
/// needs it anyway.
pub(super) fn set_of_job(instance: &Instance, container: &mut Container) {
    let couchdb = container::of_cht(&container.name, instance.images(), "couchdb");
    container.image = couchdb.image;
    container.image_pull_policy = couchdb.image_pull_policy;
}
