//! `cht values show`: every value with its origin, and no secret.

use cht_tests::canary::Canaries;
use cht_tests::program::{Cht, Ran};

use crate::examples::with_examples;
use crate::support::{VALUES, clinic, snapshot};

const MORE: &str = "\
couchdb:
  password: Canary%+=9_x~y
  uuid: canarino~_-.7
api: {log_level: debug}
";

fn shown(cht: &Cht, more: &str) -> Ran {
    Canaries::of(&["Canary%+=9_x~y", "canarino~_-.7", "Kanari/+"])
        .assert_unseen(cht.run(&format!("values show -f values.yaml -f more.yaml {more}")))
}

fn two_layers() -> Cht {
    let cht = clinic();
    cht.write("more.yaml", MORE);
    cht
}

#[test]
fn each_value_has_its_origin() {
    let set = "--set couchdb.secret=Kanari/+ --set api.port=8080 --set haproxy.port=8081";
    let ran = shown(&two_layers(), set).expect(0);
    assert_eq!(ran.stderr, "");
    snapshot("values_show", &ran.stdout);
}

#[test]
fn programs_get_each_value_with_its_place() {
    let ran = shown(&two_layers(), "--set couchdb.secret=Kanari/+ -o json").expect(0);
    assert_eq!(ran.stderr, "");
    snapshot("json_values_show", &ran.stdout);
}

#[test]
fn warnings_come_along_and_problems_are_refused() {
    let ran = shown(&two_layers(), "--set pasword=Kanari/+").expect(0);
    assert!(ran.stderr.contains("pasword is not a key that CHT has"), "{ran}");
    let cht = two_layers();
    let refused = shown(&cht, "--set api.port=0 --set haproxy.port=x").expect(2);
    let validated = cht.run("validate -f values.yaml -f more.yaml --set api.port=0 --set haproxy.port=x").expect(2);
    assert_eq!(refused, validated, "in the same words");
    snapshot("values_show_refused", &refused.stderr);
}

#[test]
fn what_is_shown_of_examples_is_yaml_that_says_the_same() {
    let cht = with_examples();
    for example in ["k3d", "k3s-cluster", "eks", "gke", "cht-4x"] {
        let shown = cht.run(&format!("values show -f examples/{example}.yaml")).expect(0);
        assert_eq!(shown.stderr, "");
        let lines = shown.stdout.split_inclusive('\n');
        let kept: String = lines.filter(|line| !line.contains("<made at the first deploy>")).collect();
        cht.write("shown.yaml", kept);
        let render = |file: &str| cht.run(&format!("render -o json -f {file}")).expect(0).json();
        assert_eq!(render("shown.yaml"), render(&format!("examples/{example}.yaml")), "{example}");
    }
}

#[test]
fn standard_input_is_a_layer() {
    let ran = Cht::new().run_with_input("values show -f -", VALUES).expect(0);
    assert!(ran.stdout.contains("# standard input:1\n"), "{ran}");
}
