//! What is written, as people find it.

use cht_tests::program::Cht;

use crate::support::snapshot;

#[test]
fn a_few_of_them() {
    let cht = Cht::new();
    for (name, command_line) in [
        ("k3d", "--platform k3d --namespace clinic --local --schema docs/schemas/values-v1.json"),
        ("k3s_cluster", "--platform k3s --namespace clinic --node-names one,two,three --host clinic.example.org"),
        ("k3s_4", "--platform k3s --namespace clinic --cht-version 4.22.0 --host clinic.example.org"),
        (
            "k3s_4_cluster",
            "--platform k3s --namespace clinic --cht-version 4.22.0 --node-names one,two --host clinic.example.org",
        ),
        (
            "eks",
            "--platform eks --namespace clinic --project ministry --nodes 3 --host *.example.org --group shared \
             --certificate arn:aws:acm:eu-west-2:1:certificate/2 --storage-class gp3 --storage-size 1.5Ti",
        ),
        ("gke", "--platform gke --namespace clinic --host clinic.example.org --static-ip address"),
        ("gke_no_ingress", "--platform gke --namespace 123 --project off --no-ingress"),
    ] {
        snapshot(&format!("init_{name}"), &cht.run(&format!("init - {command_line}")).expect(0).stdout);
    }
}

#[test]
fn it_says_what_comes_next() {
    let cht = Cht::new();
    snapshot("init_written", &cht.run("init --platform k3s --namespace clinic").expect(0));
    assert_eq!(cht.files(), ["values.yaml"]);
    let other = cht.run("init --platform k3s --namespace clinic --yes county.yaml").expect(0);
    assert!(other.stderr.contains("cht deploy -f county.yaml\n"), "{other}");
    assert_eq!(cht.read("county.yaml"), cht.read("values.yaml"));
}
