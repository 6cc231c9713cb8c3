//! The examples at the root of the project are complete: no problem, no warning.

use std::path::Path;

use cht_model::{Layer, Platform, Release, Topology, Values};

fn example(name: &str) -> cht_model::Instance {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    let text = std::fs::read_to_string(&path).expect("the examples are part of the project");
    let checked = Values::load(&[Layer::new(name, text)]).expect("YAML").validate().expect("valid values");
    assert!(checked.warnings.is_empty(), "{}", checked.warnings);
    checked.value
}

#[test]
fn each_example_is_what_its_name_says() {
    let nodes = |name| example(name).couchdb().topology.nodes().len();
    assert!(matches!(example("k3d.yaml").couchdb().topology, Topology::Single(_)));
    assert!(matches!(example("k3d.yaml").platform(), Platform::K3s(_)));
    assert_eq!(example("k3d.yaml").couchdb().credentials.missing().count(), 3);
    assert_eq!(nodes("k3s-cluster.yaml"), 3);
    assert!(matches!(example("eks.yaml").platform(), Platform::Eks(_)));
    assert!(matches!(example("gke.yaml").platform(), Platform::Gke(Some(_))));
    assert!(matches!(example("cht-4x.yaml").release(), Release::V4(_)));
    assert_eq!(nodes("cht-4x.yaml"), 3);
}

#[test]
fn no_example_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    names.sort();
    assert_eq!(names, ["cht-4x.yaml", "eks.yaml", "gke.yaml", "k3d.yaml", "k3s-cluster.yaml"]);
    for name in names {
        example(&name);
    }
}
