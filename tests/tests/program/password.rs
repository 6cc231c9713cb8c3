//! `cht password` shows the administrator's password to whoever says so, and nobody else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{VALUES, clinic, credentials, deployed_clinic, snapshot};

#[test]
fn it_is_what_the_cluster_has() {
    let cht = deployed_clinic();
    let stored = &credentials(&cht, "clinic")["COUCHDB_PASSWORD"];
    for place in ["-f values.yaml", "-n clinic"] {
        let shown = cht.run(&format!("password --sandbox {place} --yes")).expect(0);
        assert_eq!(STANDARD.encode(shown.stdout.trim_end()), stored.as_str().expect("a text"), "{place}");
        assert_eq!(shown.stderr, "user: medic\n");
    }
}

#[test]
fn it_is_that_of_the_secret_that_the_values_name() {
    let cht = deployed_clinic();
    cht.write("values.yaml", format!("{VALUES}  existing_secret: of-the-ministry\n"));
    let missing = cht.run("password --sandbox -f values.yaml --yes").expect(4);
    assert!(missing.stderr.contains("Secret/of-the-ministry"), "{missing}");
    assert_eq!(missing.stdout, "");
}

#[test]
fn nobody_is_shown_it_without_saying_so() {
    let cht = deployed_clinic();
    snapshot("password_unasked", &cht.run("password --sandbox -n clinic").expect(2));
}

#[test]
fn before_a_deploy_there_is_none() {
    snapshot("password_missing", &clinic().run("password --sandbox -n clinic --yes").expect(4));
}

#[test]
fn it_takes_values_or_a_namespace() {
    let cht = clinic();
    for (which, arguments) in [("neither", ""), ("both", "-n clinic -f values.yaml")] {
        let ran = cht.run(&format!("password --sandbox {arguments}")).expect(2);
        assert!(ran.stderr.contains("--values") && ran.stderr.contains("--namespace"), "{which}: {ran}");
    }
}
