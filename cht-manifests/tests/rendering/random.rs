//! Instances at random: any case, with any of what else values may say.

use cht_model::Profile;
use proptest::prelude::*;

use crate::cases::Case;

/// Those of a case, with what they say otherwise.
pub(crate) fn instances() -> impl Strategy<Value = (Case, Vec<String>)> {
    (prop::sample::select(Case::all()), nodes(), anything_else()).prop_map(|(case, nodes, others)| {
        let mut assignments = nodes;
        assignments.extend(others);
        (case, assignments)
    })
}

/// So many nodes of CouchDB, each with all that any platform asks of it.
fn nodes() -> impl Strategy<Value = Vec<String>> {
    (1_usize..12).prop_map(|count| {
        let of_each = |number: usize| {
            [
                format!("nodes.node-{number}=machine-{number}"),
                format!("local_storage.preExistingDiskPath-{number}=/srv/disk {number}"),
                format!("ebs.preExistingEBSVolumeID-{number}=vol-0a0a0a0a0a0a0a{number:03}"),
                format!("couchdb.persistent_disk.diskName-{number}=disk-{number}"),
            ]
        };
        let count_of_them = format!("clusteredCouch.noOfCouchDBNodes={count}");
        (1..=count.max(3)).flat_map(of_each).chain([count_of_them]).collect()
    })
}

fn anything_else() -> impl Strategy<Value = Vec<String>> {
    let key = |key: &'static str, value: BoxedStrategy<String>| value.prop_map(move |value| format!("{key}={value}"));
    let text = |pattern: &'static str| pattern.prop_map(String::from).boxed();
    let one_of = |values: &'static [&'static str]| prop::sample::select(values).prop_map(str::to_owned).boxed();
    let profiles = prop::sample::select(&Profile::ALL[..]).prop_map(|profile| profile.to_string()).boxed();
    let port = || (1_u16..).prop_map(|port| port.to_string()).boxed();
    let keys = vec![
        key("namespace", text("[a-z]([a-z0-9-]{0,40}[a-z0-9])?")).boxed(),
        key("project_name", text("[a-z]([a-z0-9-]{0,40}[a-z0-9])?")).boxed(),
        key("profile", profiles).boxed(),
        key("size", one_of(&["small", "medium", "large"])).boxed(),
        key("api.port", port()).boxed(),
        key("haproxy.port", port()).boxed(),
        key("api.service.type", one_of(&["ClusterIP", "NodePort", "LoadBalancer"])).boxed(),
        key("network_policy.enabled", one_of(&["true", "false"])).boxed(),
        key("network_policy.api_from", one_of(&["any", "ingress"])).boxed(),
        key("couchdb.user", text("[a-z][a-z0-9]{0,10}")).boxed(),
        key("couchdb.db_name", text("[a-z][a-z0-9_]{0,10}")).boxed(),
        key("couchdb.storage_class", text("[a-z]([a-z0-9-]{0,20}[a-z0-9])?")).boxed(),
        key("couchdb_data.dataPathOnDiskForCouchDB", one_of(&["", "data", "storage/medic-core/couchdb/data", "n%d"]))
            .boxed(),
        key("cht_image_tag", text("[a-z0-9]([a-z0-9._-]{0,100})")).boxed(),
        key("upstream_servers.docker_registry", one_of(&["registry.example.org:5000/cht", "example.org"])).boxed(),
        key("ingress.host", text("[a-z]([a-z0-9-]{0,20}[a-z0-9])?\\.example\\.org")).boxed(),
        key("priority_class", text("[a-z]([a-z0-9-]{0,20}[a-z0-9])?")).boxed(),
        key("image_pull_secret", text("[a-z]([a-z0-9-]{0,20}[a-z0-9])?")).boxed(),
    ];
    let count = keys.len();
    let chosen = prop::collection::vec(any::<bool>(), count);
    (keys, chosen).prop_map(|(keys, chosen)| {
        keys.into_iter().zip(chosen).filter_map(|(key, chosen)| chosen.then_some(key)).collect()
    })
}
