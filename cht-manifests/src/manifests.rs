//! The crate's one entry: from an instance to its objects.

use cht_model::{Instance, Profile, Release};

use crate::{Manifests, production, release};

/// The objects of an instance, in the order in which they are applied.
///
/// ```
/// use cht_manifests::{Stage, manifests};
/// use cht_model::{Layer, Values};
///
/// let text = "
///     project_name: county-a
///     namespace: county-a
///     chtversion: 5.3.0
///     cluster_type: k3s-k3d
///     environment: remote
///     couchdb: {couchdb_node_storage_size: 10Gi}
///     ingress: {host: cht.example.org}
/// ";
/// let instance = Values::load(&[Layer::new("values.yaml", text)])?.validate()?.value;
/// let manifests = manifests(&instance);
/// let services = manifests.stage(Stage::Services).map(|manifest| manifest.object.name());
/// assert_eq!(services.collect::<Vec<_>>(), ["couchdb", "nouveau", "haproxy", "healthcheck", "api"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn manifests(instance: &Instance) -> Manifests {
    let mut listed = match instance.release() {
        Release::V4(line) => release::v4::list(instance, line),
        Release::V5(line) => release::v5::list(instance, *line),
    };
    if instance.profile() == Profile::Production {
        production::add(instance, &mut listed);
    }
    Manifests::new(listed)
}
