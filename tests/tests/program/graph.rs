//! `cht graph`: an instance as a picture.

use cht_k8s::sandbox::Fault;
use cht_tests::canary::{Canaries, header};
use cht_tests::program::{Cht, Ran, workspace};

use crate::examples::with_examples;
use crate::support::{SANDBOX, VALUES, clinic, deploy, deployed_clinic, let_fail, snapshot, version};

const FORMATS: [(&str, &str); 3] = [("svg", "<svg "), ("mermaid", "---\ntitle: "), ("dot", "digraph ")];

fn graph(cht: &Cht, more: &str) -> Ran {
    cht.run(&format!("graph -f values.yaml {more}"))
}

/// The word that a part's box has in a picture of the cluster.
#[track_caller]
fn state(picture: &str, part: &str) -> String {
    let (_, from) = picture.split_once(&format!(r#"<g data-part="{part}">"#)).expect("the part is there");
    let (group, _) = from.split_once("</g>").expect("its group ends");
    let (_, title) = group.split_once("<title>").expect("it has a title");
    let (title, _) = title.split_once("</title>").expect("its title ends");
    title.rsplit(", ").next().unwrap_or_default().to_owned()
}

#[test]
fn each_format_is_what_it_is_called() {
    let cht = with_examples();
    for (format, beginning) in FORMATS {
        let ran = cht.run(&format!("graph -f examples/cht-4x.yaml -o {format}")).expect(0);
        assert!(ran.stdout.starts_with(beginning), "{ran}");
        for part in ["county-b.example.org", "upgrade-service", "couchdb-3-claim0", "cht-sentinel:4.22.0"] {
            assert!(ran.stdout.contains(part), "{part} in {ran}");
        }
        assert_eq!(cht.run(&format!("graph -f examples/cht-4x.yaml -o {format}")).stdout, ran.stdout);
        assert_eq!(ran.stderr, "");
    }
    assert!(cht.run("graph -f examples/k3d.yaml").expect(0).stdout.starts_with("<svg "), "SVG without a flag");
}

#[test]
fn the_picture_in_the_documentation_is_drawn_by_this_command() {
    let drawn = with_examples().run("graph -f examples/eks.yaml").expect(0).stdout;
    let path = workspace().join("docs/images/eks.svg");
    let stored = std::fs::read_to_string(&path).expect("the picture");
    assert_eq!(stored, drawn, "draw it again: cht graph -f examples/eks.yaml > docs/images/eks.svg");
}

#[test]
fn values_can_be_set() {
    let ran = graph(&clinic(), "--set cht_image_tag=5.3.1").expect(0);
    assert!(ran.stdout.contains(">cht-api:5.3.1</text>"), "{ran}");
}

#[test]
fn a_file_is_written_once() {
    let cht = clinic();
    let ran = graph(&cht, "--out clinic.svg").expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(cht.read("clinic.svg"), graph(&cht, "").stdout);
    let again = graph(&cht, "-o dot --out clinic.svg").expect(2);
    assert!(again.stderr.contains("clinic.svg is there already, and is not written over"), "{again}");
    let values = graph(&cht, "--out values.yaml").expect(2);
    assert_eq!(cht.read("values.yaml"), VALUES, "{values}");
}

#[test]
fn wrong_values_are_explained() {
    let ran = graph(&clinic(), "--set namespace=My_NS").expect(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("namespace"), "{ran}");
}

#[test]
fn no_cluster_is_looked_at_unless_told() {
    let ran = graph(&clinic(), "--sandbox").expect(2);
    snapshot("graph_not_live", &ran.stderr);
}

#[test]
fn an_instance_that_is_ready_is_shown_so() {
    let cht = deployed_clinic();
    let before = version(&cht);
    let ran = graph(&cht, "--live --sandbox").expect(0);
    assert_eq!(ran.stderr, "");
    for part in ["couchdb", "haproxy", "haproxy-healthcheck", "api", "sentinel"] {
        assert_eq!(state(&ran.stdout, &format!("deployment/cht-{part}")), "ready", "{part}");
    }
    assert_eq!(state(&ran.stdout, "claim/couchdb-claim0"), "bound");
    assert!(ran.stdout.contains("as the cluster had it at 20"), "when is said: {ran}");
    assert_eq!(ran.stdout.matches(">ready</text>").count(), 5, "in words, too: {ran}");
    assert_eq!(version(&cht), before, "nothing is written");
}

#[test]
fn what_is_broken_is_shown_with_its_reason() {
    let cht = clinic();
    let log = "no route to haproxy".to_owned();
    let_fail(&cht, &[Fault::CrashLoop { container: "cht-api".to_owned(), exit_code: 1, log }]);
    let _ = deploy(&cht, "").expect(8);
    let ran = graph(&cht, "--live --sandbox").expect(0);
    assert_eq!(
        state(&ran.stdout, "deployment/cht-api"),
        "failed: cht-api ends again and again with exit code 1: 3 restarts"
    );
    assert_eq!(state(&ran.stdout, "deployment/cht-sentinel"), "progressing: waits for api");
    assert_eq!(state(&ran.stdout, "deployment/cht-haproxy"), "ready");
    for (format, wanted) in [("mermaid", "<br/>failed: cht-api ends"), ("dot", "\\nfailed: cht-api ends")] {
        let ran = graph(&cht, &format!("--live --sandbox -o {format}")).expect(0);
        assert!(ran.stdout.contains(wanted), "{ran}");
    }
}

#[test]
fn a_claim_without_a_volume_is_shown_so() {
    let cht = clinic();
    let_fail(&cht, &[Fault::ClaimPending { claim: "couchdb-claim0".to_owned() }]);
    let _ = deploy(&cht, "").expect(8);
    let picture = graph(&cht, "--live --sandbox").expect(0).stdout;
    assert!(state(&picture, "claim/couchdb-claim0").starts_with("failed: claim couchdb-claim0 cannot be bound"));
}

#[test]
fn an_instance_that_is_not_there_is_shown_so() {
    let cht = clinic();
    let picture = graph(&cht, "--live --sandbox").expect(0).stdout;
    assert_eq!(state(&picture, "deployment/cht-couchdb"), "progressing: it is not deployed");
    assert_eq!(state(&picture, "claim/couchdb-claim0"), "unknown: there is no such claim");
}

#[test]
fn a_cluster_that_cannot_be_looked_at_is_no_picture() {
    let cht = clinic();
    cht.write(SANDBOX, "no JSON");
    let ran = graph(&cht, "--live --sandbox").expect(2);
    assert_eq!(ran.stdout, "");
}

#[test]
fn no_format_holds_a_secret() {
    let cht = Cht::new();
    let (password, secret, uuid) = ("Canary%+&=_x~y", "Kanari+ =?:@.z", "canarino~_-.%7");
    cht.write(
        "values.yaml",
        format!("{VALUES}  user: warden\n  password: \"{password}\"\n  secret: \"{secret}\"\n  uuid: \"{uuid}\"\n"),
    );
    let canaries = Canaries::of(&[password, secret, uuid]).and(header("warden", password)).and("warden".to_owned());
    let message = format!("denied for {password}, {secret} and {uuid}");
    let_fail(&cht, &[Fault::ImagePull { image: "cht-couchdb:".to_owned(), message }]);
    let _ = deploy(&cht, "").expect(8);
    for (format, _) in FORMATS {
        for more in ["", "--live --sandbox"] {
            let ran = canaries.assert_unseen(graph(&cht, &format!("{more} -o {format}"))).expect(0);
            assert_eq!(ran.stdout.contains("denied for"), !more.is_empty(), "what the registry says is there: {ran}");
        }
    }
}
