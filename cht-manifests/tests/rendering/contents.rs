//! Which objects an instance consists of, in the order in which they are applied.

use std::collections::BTreeMap;

use cht_manifests::{Manifests, Needed, Stage};

use crate::cases::{Case, Data, Nodes, On, Version};

/// `storage couchdb-1 PersistentVolume/couchdb-pv-county-a-prod-1`, a line for each object.
fn listed(manifests: &Manifests) -> Vec<String> {
    manifests
        .iter()
        .map(|manifest| {
            let until = match &manifest.needed {
                Needed::Always | Needed::Given => String::new(),
                Needed::UntilBound(claim) => format!(" until {claim} is bound"),
            };
            format!("{} {} {}{until}", manifest.stage, manifest.component, manifest.object.key())
        })
        .collect()
}

fn contents(version: Version, on: On) -> BTreeMap<String, Vec<String>> {
    [Nodes::One, Nodes::Three]
        .into_iter()
        .flat_map(|nodes| [Data::New, Data::Existing].map(|data| Case { version, on, nodes, data }))
        .map(|case| {
            let objects = listed(&case.render());
            match case.data {
                Data::New => (format!("{:?}", case.nodes), objects),
                // All but storage is the same, whatever the disks hold: a test below says so.
                Data::Existing => {
                    let storage = objects.into_iter().filter(|line| line.starts_with("storage ")).collect();
                    (format!("{:?}, data on existing disks: storage", case.nodes), storage)
                }
            }
        })
        .collect()
}

#[test]
fn contents_of_4_x_on_k3s() {
    insta::assert_yaml_snapshot!(contents(Version::V4, On::K3s));
}

#[test]
fn contents_of_4_x_on_eks() {
    insta::assert_yaml_snapshot!(contents(Version::V4, On::Eks));
}

#[test]
fn contents_of_5_2_on_k3s() {
    insta::assert_yaml_snapshot!(contents(Version::V52, On::K3s));
}

#[test]
fn contents_of_5_2_on_eks() {
    insta::assert_yaml_snapshot!(contents(Version::V52, On::Eks));
}

#[test]
fn contents_of_5_2_on_gke() {
    insta::assert_yaml_snapshot!(contents(Version::V52, On::Gke));
}

#[test]
fn contents_of_5_3_on_k3s() {
    insta::assert_yaml_snapshot!(contents(Version::V53, On::K3s));
}

#[test]
fn contents_of_5_3_on_eks() {
    insta::assert_yaml_snapshot!(contents(Version::V53, On::Eks));
}

#[test]
fn contents_of_5_3_on_gke() {
    insta::assert_yaml_snapshot!(contents(Version::V53, On::Gke));
}

#[test]
fn stages_come_in_order_and_start_with_the_namespace() {
    for case in Case::all() {
        let stages: Vec<_> = case.render().iter().map(|manifest| manifest.stage).collect();
        assert!(stages.is_sorted(), "{case}");
        assert_eq!(stages[0], Stage::Namespace, "{case}");
    }
}

#[test]
fn only_storage_depends_on_whether_disks_hold_data() {
    // A folder without a claim is mounted by the pod itself, which makes it only where it holds no data yet.
    let folder = Case { version: Version::V4, on: On::K3s, nodes: Nodes::One, data: Data::New };
    for case in Case::all().into_iter().filter(|case| *case != folder) {
        let other = Case { data: Data::Existing, ..case }.render();
        let other: Vec<_> = other.iter().filter(|manifest| manifest.stage != Stage::Storage).collect();
        let this = case.render();
        let this: Vec<_> = this.iter().filter(|manifest| manifest.stage != Stage::Storage).collect();
        assert_eq!(this, other, "{case}");
    }
}

#[test]
fn workloads_start_in_the_order_of_what_they_need() {
    for case in Case::all() {
        let workloads = case.render().workloads();
        for (index, component) in workloads.iter().enumerate() {
            for needed in component.depends_on(&workloads) {
                assert!(workloads[..index].contains(&needed), "{case}: {component} before {needed}");
            }
        }
    }
}
