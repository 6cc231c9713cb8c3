//! What would lose data is refused with exit code 5, and done only when it is allowed by name: through every command that
//! could do it.

mod after_uninstall;
mod deletion;
mod interrupted;
mod pods;
mod rules;
mod through_plans;

use cht_tests::program::{Cht, Ran};
use serde_json::Value;

use crate::support::{VALUES, deploy, objects, state, status, version};

const GKE: &str = "\
namespace: clinic
chtversion: 5.3.0
cluster_type: gke
couchdb:
  couchdb_node_storage_size: 10Gi
  storage_class: standard-rwo
  persistent_disk:
    diskName: disk-1
    size: 10Gi
ingress:
  host: cht.example.org
";

const THREE_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=3";
const TWO_NODES: &str = "--set couchdb.clusteredCouchEnabled=true --set clusteredCouch.noOfCouchDBNodes=2";

/// The command, and these values deployed in the sandbox.
fn deployed(values: &str, more: &str) -> Cht {
    let cht = Cht::new();
    cht.write("values.yaml", values);
    let _ = deploy(&cht, more).expect(0);
    cht
}

/// The deploy is refused, and has changed nothing.
#[track_caller]
fn refused(cht: &Cht, more: &str) -> Ran {
    let before = (version(cht), state(cht)["objects"].clone());
    let ran = deploy(cht, more).expect(5);
    assert_eq!(ran.stdout, "");
    assert!((version(cht), state(cht)["objects"].clone()) == before, "nothing was changed");
    ran
}

/// The deploy is refused, until the rule is allowed; then it is done, and asks no more.
#[track_caller]
fn refused_until_allowed(cht: &Cht, more: &str, rule: &str) -> Ran {
    let ran = refused(cht, more);
    assert!(ran.stderr.contains(&format!("[{rule}]\n")), "{ran}");
    assert!(ran.stderr.ends_with(&format!("add --allow {rule}\n")), "{ran}");
    let rules = ["topology", "fewer-nodes", "data-path", "volume", "claim-size", "credentials", "major-version"];
    let others: Vec<_> = rules.into_iter().filter(|other| *other != rule).collect();
    let others_allowed = format!("{more} --allow {}", others.join(" --allow "));
    assert_eq!(refused(cht, &others_allowed), ran, "other rules lift nothing");
    let _ = deploy(cht, &format!("{more} --allow {rule}")).expect(0);
    let _ = status(cht, more).expect(0);
    ran
}

/// The deploy is refused, whatever is allowed.
#[track_caller]
fn refused_always(cht: &Cht, more: &str, rule: &str) -> Ran {
    let ran = refused(cht, more);
    assert!(ran.stderr.contains(&format!("[{rule}]\n")), "{ran}");
    assert!(!ran.stderr.contains("--allow"), "{ran}");
    assert_eq!(refused(cht, &format!("{more} --allow {rule}")), ran);
    ran
}

/// What holds data, or holds it together: the identity of each, and what is in the Secret.
fn data(cht: &Cht) -> Vec<(String, Value, Value)> {
    let kinds = ["Namespace", "PersistentVolume", "PersistentVolumeClaim", "Secret"];
    let objects = kinds.iter().flat_map(|kind| objects(cht, kind));
    let one = |object: Value| {
        let metadata = &object["metadata"];
        let name = format!("{} {}", object["kind"], metadata["name"]);
        (name, metadata["uid"].clone(), [&object["data"], &object["spec"]].into_iter().cloned().collect())
    };
    objects.map(one).collect()
}

/// A change of values that breaks a rule, and the values that it breaks it from.
struct Break {
    rule: &'static str,
    before: &'static str,
    after: &'static str,
}

const OTHER_PATH: &str = "--set couchdb_data.dataPathOnDiskForCouchDB=other";
const ON_DISK: &str = "--set environment=remote --set ingress.host=cht.example.org --set nodes.node-1=alpha \
    --set couchdb_data.preExistingDataAvailable=true --set couchdb_data.dataPathOnDiskForCouchDB=data \
    --set local_storage.preExistingDiskPath-1=/srv/couchdb1";

/// One of each, at least.
const BREAKS: [Break; 10] = [
    Break { rule: "topology", before: "", after: THREE_NODES },
    Break { rule: "topology", before: THREE_NODES, after: "" },
    Break { rule: "fewer-nodes", before: THREE_NODES, after: TWO_NODES },
    Break { rule: "data-path", before: "", after: OTHER_PATH },
    Break { rule: "volume", before: "", after: "--set couchdb.storage_class=another" },
    Break { rule: "volume", before: "", after: TO_GKE },
    Break { rule: "claim-size", before: "", after: "--set couchdb.couchdb_node_storage_size=5Gi" },
    Break { rule: "credentials", before: "", after: "--set couchdb.password=another-one" },
    Break { rule: "credentials", before: "", after: "--set couchdb.user=another" },
    Break { rule: "credentials", before: "", after: "--set couchdb.uuid=another" },
];

/// The same values on another platform.
const TO_GKE: &str =
    "--set cluster_type=gke --set couchdb.storage_class=standard-rwo --set ingress.host=cht.example.org";

impl Break {
    /// The instance, as it was before.
    fn deployed(&self) -> Cht {
        deployed(VALUES, self.before)
    }

    /// A refusal that names the rule, the object, what would happen, and the flag where there is one.
    #[track_caller]
    fn assert_named_in(&self, ran: &Ran) {
        let rule = self.rule;
        let line = ran.stderr.lines().find(|line| line.ends_with(&format!("[{rule}]")));
        let line = line.unwrap_or_else(|| panic!("{rule}, {}: {ran}", self.after));
        let text = line.strip_prefix("error: ").unwrap_or_else(|| panic!("{rule}: {ran}"));
        let (object, consequence) = text.split_once(": ").unwrap_or_else(|| panic!("{rule}: {ran}"));
        assert!(object.contains('/') && consequence.len() > 30, "{rule}: {ran}");
        let can_be_allowed = !matches!(rule, "volume" | "claim-size");
        assert_eq!(ran.stderr.contains(&format!("add --allow {rule}\n")), can_be_allowed, "{rule}: {ran}");
        assert!(ran.stderr.contains("nothing was changed"), "{ran}");
    }
}
