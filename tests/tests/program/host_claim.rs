//! Two instances that claim one host: exit code 6, before anything is written.

use serde_json::Value;

use cht_tests::program::Cht;

use crate::support::{deploy, deployed_clinic, objects, snapshot, version};

/// Values of a second instance, beside [`VALUES`](crate::support::VALUES), which has no host either.
const OTHER: &str = "\
namespace: hospital
chtversion: 5.3.0
cluster_type: k3s-k3d
couchdb:
  couchdb_node_storage_size: 10Gi
";

fn beside_a_clinic() -> Cht {
    let cht = deployed_clinic();
    cht.write("values.yaml", OTHER);
    cht
}

#[test]
fn a_host_that_another_instance_has_is_refused() {
    let cht = beside_a_clinic();
    let before = version(&cht);
    let ran = deploy(&cht, "").expect(6);
    assert_eq!(ran.stdout, "");
    let error = "error: Ingress/api-ingress: requests to hosts without an ingress go to Ingress/api-ingress in namespace clinic already; \
                 give this instance a host (ingress.host), or remove the other\n";
    assert!(ran.stderr.starts_with(error), "{ran}");
    let json = deploy(&cht, "-o json").expect(6).json();
    assert_eq!((&json["exit_code"], &json["outcome"]), (&6.into(), &"refused".into()));
    assert_eq!(version(&cht), before, "nothing was written");
    assert!(objects(&cht, "Namespace").iter().all(|namespace| namespace["metadata"]["name"] != "hospital"));
}

#[test]
fn a_diff_shows_it() {
    let cht = beside_a_clinic();
    let ran = cht.run("diff --sandbox -f values.yaml").expect(6);
    snapshot("host_claim_diff", &ran);
    let json = cht.run("diff --sandbox -o json -f values.yaml").expect(6).json();
    let steps = json["steps"].as_array().expect("a list").iter();
    let denied: Vec<_> = steps.filter(|step| step["class"] == "denied").map(|step| &step["object"]).collect();
    assert_eq!(denied, [&Value::from("Ingress/api-ingress")]);
}

#[test]
fn a_host_of_ones_own_is_none_of_the_others() {
    let cht = beside_a_clinic();
    let _ = deploy(&cht, "--set ingress.host=hospital.example.org").expect(0);
    let both = objects(&cht, "Ingress").len();
    assert_eq!(both, 2);
}
