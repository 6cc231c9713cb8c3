//! Generated secrets are in the file, and nowhere else.

use cht_model::{CredentialKey, Layer, Values};
use cht_tests::canary::Canaries;
use cht_tests::program::Cht;
use serde_json::Value;

const WITH_SECRETS: &str = "init --platform k3s --namespace clinic --generate-secrets";

/// The password, the secret and the uuid that a file holds.
fn credentials(text: &str) -> [String; 3] {
    let values: Value = serde_saphyr::from_str(text).expect("YAML");
    ["password", "secret", "uuid"].map(|key| values["couchdb"][key].as_str().expect("a text").to_owned())
}

#[test]
fn they_are_in_the_file_alone() {
    let cht = Cht::new();
    let ran = cht.run(WITH_SECRETS).expect(0);
    let secrets = credentials(&cht.read("values.yaml"));
    let canaries = Canaries::of(&secrets.each_ref().map(String::as_str));
    let _ = canaries.assert_unseen(ran);
    // Nor does what comes next show them.
    for command in ["init", "validate -f values.yaml", "deploy --sandbox -f values.yaml", WITH_SECRETS] {
        let _ = canaries.assert_unseen(cht.run(command));
    }
    let other = Cht::new();
    let ran = canaries.assert_unseen(other.run(&format!("{WITH_SECRETS} -")).expect(0));
    assert_eq!((ran.stderr.as_str(), other.files().len()), ("", 0));
    assert!(credentials(&ran.stdout).iter().all(|secret| !secrets.contains(secret)), "they are new each time");
}

#[test]
fn they_are_hard_to_guess_and_easy_for_every_image() {
    let cht = Cht::new();
    let _ = cht.run(WITH_SECRETS).expect(0);
    let [password, secret, uuid] = credentials(&cht.read("values.yaml"));
    assert!(password.len() >= 24 && password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    for uuid in [secret, uuid] {
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
    }
}

#[test]
fn there_are_none_unless_they_are_asked_for() {
    let cht = Cht::new();
    let _ = cht.run("init --platform k3s --namespace clinic").expect(0);
    let values = Values::load(&[Layer::new("values.yaml", cht.read("values.yaml"))]).expect("YAML");
    let instance = values.validate().expect("valid").value;
    assert!(instance.couchdb().credentials.missing().eq(CredentialKey::ALL));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let cht = Cht::new();
    let mode = |arguments: &str| {
        let _ = cht.run(arguments).expect(0);
        let file = cht.folder().join(arguments.rsplit(' ').next().unwrap_or_default());
        file.metadata().expect("the file is there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&format!("{WITH_SECRETS} secret.yaml")), 0o600);
    assert_ne!(
        mode("init --platform k3s --namespace clinic open.yaml"),
        0o600,
        "what is no secret is as other files are"
    );
}
