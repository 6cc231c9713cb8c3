//! The example of how a program deploys works, and stays short.

use cht_tests::program::{Ran, deploy_example, workspace};

use crate::examples::with_examples;

#[test]
fn a_program_deploys_in_forty_lines() {
    let source = std::fs::read_to_string(workspace().join("cht-k8s/examples/deploy.rs")).expect("the example");
    assert!(source.lines().count() <= 40, "{} lines", source.lines().count());

    let place = with_examples();
    let ran = Ran::of(place.program(&deploy_example(), ["examples/k3d.yaml"])).expect(0);
    assert_eq!(ran.stdout.lines().last(), Some("ready at https://localhost"), "{ran}");
    for component in ["couchdb", "healthcheck", "haproxy", "api", "sentinel"] {
        assert!(ran.stdout.contains(&format!("{component}: Ready\n")), "{component} in {ran}");
    }
}

#[test]
fn the_example_says_what_it_lacks() {
    let place = with_examples();
    let ran = Ran::of(place.program(&deploy_example(), [] as [&str; 0])).expect(1);
    assert!(ran.stderr.contains("name a file of values"), "{ran}");
}
