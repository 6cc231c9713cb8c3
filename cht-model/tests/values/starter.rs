//! First files for new instances: what does not go together is refused, and credentials are not shown.

use std::num::NonZeroU8;

use cht_model::starter::{GkeIngress, Site, Spread, Starter, StarterCredentials, Storage};
use cht_model::{Environment, Layer, Values};
use secrecy::ExposeSecret;

fn clinic() -> Starter {
    Starter {
        schema: None,
        project: "clinic".parse().expect("a name"),
        namespace: "clinic".parse().expect("a name"),
        version: "5.3.0".parse().expect("a version"),
        site: Site::K3s { environment: Environment::Remote, host: None },
        spread: Spread::Single,
        storage: claims(),
        credentials: None,
    }
}

fn claims() -> Storage {
    Storage::Claims { size: "10Gi".parse().expect("a size"), class: None }
}

fn refused(starter: &Starter) -> String {
    let invalid = starter.values().expect_err("they do not go together");
    invalid.problems.errors().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_does_not_go_together_is_refused() {
    let v4 = || "4.22.0".parse().expect("a version");
    let gke = || {
        let ingress = GkeIngress {
            host: "a.org".parse().expect("a host"),
            static_ip: Some("a\u{7}b".to_owned()),
            managed_certificate: None,
        };
        Site::Gke(Some(ingress))
    };
    let three = Spread::Anywhere(NonZeroU8::new(3).expect("three"));
    let folder = Storage::Folder("/srv/clinic".parse().expect("a path"));
    let all = [
        refused(&Starter { version: v4(), ..clinic() }),
        refused(&Starter { version: v4(), site: Site::Gke(None), ..clinic() }),
        refused(&Starter { version: v4(), spread: three, ..clinic() }),
        refused(&Starter { storage: folder, ..clinic() }),
        refused(&Starter { site: gke(), ..clinic() }),
    ];
    insta::assert_snapshot!(all.join("\n--\n"));
}

#[test]
fn credentials_are_written_as_they_are_and_not_shown() {
    let credentials =
        StarterCredentials { password: "Canary\"\\#: 1".into(), secret: "Canary2".into(), uuid: "0123".into() };
    let starter = Starter { credentials: Some(credentials), ..clinic() };
    assert!(!format!("{starter:?}").contains("Canary"));
    let text = starter.values().expect("values");
    assert!(!format!("{text:?}").contains("Canary"));
    let values = Values::load(&[Layer::new("values.yaml", text.expose_secret())]).expect("YAML");
    let instance = values.validate().expect("valid").value;
    let written = cht_model::CredentialKey::ALL.map(|key| instance.couchdb().credentials.get(key).cloned());
    let written = written.map(|secret| secret.expect("it is there").expose_secret().to_owned());
    assert_eq!(written, ["Canary\"\\#: 1", "Canary2", "0123"]);
}
