//! Every combination of platform, release line, topology and choices: valid without a warning, as the schema says, and
//! healthy once deployed.

use std::sync::Arc;

use cht_k8s::sandbox::Sandbox;
use cht_k8s::{Event, Options, Success, deploy, plan};
use cht_model::{Layer, Topology, Values};
use cht_tests::program::Cht;
use futures::StreamExt as _;

use crate::values_schema::assert_conforms;

/// What is written for each of several ways to say something on the command line.
fn each<'a>(so_far: &[String], ways: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let ways: Vec<_> = ways.into_iter().collect();
    so_far.iter().flat_map(|start| ways.iter().map(move |way| format!("{start} {way}"))).collect()
}

/// Every command line for a platform and a version.
fn command_lines(platform: &str, version: &str) -> Vec<String> {
    let v4 = version.starts_with("4.");
    let start = format!("--namespace clinic --platform {platform} --cht-version {version}");
    let names_needed = v4 && platform == "k3s";
    let clusters: &[&str] =
        if names_needed { &["", "--nodes 3 --node-names one,two,three"] } else { &["", "--nodes 3"] };
    let hosts: &[&str] = match platform {
        "k3s" if v4 => &["--host clinic.example.org"],
        "k3s" => &["", "--host clinic.example.org"],
        "eks" => &["--host clinic.example.org"],
        _ => &["--host clinic.example.org", "--no-ingress"],
    };
    let places: &[&str] = if platform == "k3s" { &["", "--local"] } else { &[""] };
    let all = each(&[start], clusters.iter().copied());
    let all = each(&all, hosts.iter().copied());
    let all = each(&all, places.iter().copied());
    each(&all, ["", "--generate-secrets"])
}

/// What `cht init` writes, read and deployed; the number of CouchDB nodes.
async fn deployed(text: &str, name: &str) -> usize {
    let values = Values::load(&[Layer::new("values.yaml", text)]).expect("YAML");
    let checked = values.validate().unwrap_or_else(|invalid| panic!("{name}\n{invalid}\n{text}"));
    assert!(checked.warnings.is_empty(), "{name}\n{}\n{text}", checked.warnings);
    let nodes = match &checked.value.couchdb().topology {
        Topology::Single(_) => 1,
        Topology::Clustered(nodes) => nodes.as_slice().len(),
    };
    let sandbox = Arc::new(Sandbox::new());
    let plan = plan(&*sandbox, checked.value).await.expect("a plan");
    let events: Vec<_> = deploy(sandbox, plan, Options::default()).collect().await;
    let Some(Event::Finished(outcome)) = events.last() else { panic!("{name}: it does not end") };
    assert!(matches!(outcome.result, Ok(Success::Deployed { .. })), "{name}: {:?}\n{text}", outcome.result);
    nodes
}

async fn all_work(platform: &str, version: &str, count: usize) {
    let cht = Cht::new();
    let command_lines = command_lines(platform, version);
    assert_eq!(command_lines.len(), count, "{command_lines:#?}");
    for command_line in command_lines {
        let written = cht.run(&format!("init - {command_line}")).expect(0);
        assert_eq!(written.stderr, "", "{command_line}");
        let text = written.stdout;
        assert_conforms(&text, &command_line);
        let nodes = deployed(&text, &command_line).await;
        assert_eq!(nodes == 3, command_line.contains("--nodes 3"));
        assert_eq!(text.contains("  password: \""), command_line.contains("--generate-secrets"), "{text}");
        assert_eq!(text.contains("\nenvironment: local\n"), command_line.contains("--local"), "{text}");
    }
}

macro_rules! combinations {
    ($($name:ident: $platform:literal $version:literal $count:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            all_work($platform, $version, $count).await;
        }
    )*};
}

combinations! {
    k3s_4: "k3s" "4.22.0" 8;
    k3s_5_0: "k3s" "5.0.1" 16;
    k3s_5_1: "k3s" "5.1.0" 16;
    k3s_5_2: "k3s" "5.2.0" 16;
    k3s_5_3: "k3s" "5.3.0" 16;
    eks_4: "eks" "4.22.0" 4;
    eks_5_0: "eks" "5.0.1" 4;
    eks_5_1: "eks" "5.1.0" 4;
    eks_5_2: "eks" "5.2.0" 4;
    eks_5_3: "eks" "5.3.0" 4;
    gke_5_0: "gke" "5.0.1" 8;
    gke_5_1: "gke" "5.1.0" 8;
    gke_5_2: "gke" "5.2.0" 8;
    gke_5_3: "gke" "5.3.0" 8;
}

/// The program itself on a file that the program wrote, once for each platform.
#[test]
fn what_is_written_is_deployed() {
    for (command_line, ready) in [
        ("--platform k3s --namespace clinic", "clinic: CHT 5.3.0 is ready at https://localhost\n"),
        (
            "--platform k3s --namespace clinic --cht-version 4.22.0 --node-names one,two --host clinic.example.org",
            "clinic: CHT 4.22.0 is ready at https://clinic.example.org\n",
        ),
        (
            "--platform k3s --namespace clinic --node-names one,two,three",
            "clinic: CHT 5.3.0 is ready at https://localhost\n",
        ),
        (
            "--platform eks --namespace clinic --nodes 3 --host clinic.example.org",
            "clinic: CHT 5.3.0 is ready at https://clinic.example.org\n",
        ),
        (
            "--platform gke --namespace clinic --host clinic.example.org",
            "clinic: CHT 5.3.0 is ready at https://clinic.example.org\n",
        ),
    ] {
        let cht = Cht::new();
        let _ = cht.run(&format!("init {command_line}")).expect(0);
        let valid = cht.run("validate -f values.yaml").expect(0);
        assert_eq!((valid.stdout.lines().count(), valid.stderr.as_str()), (1, ""), "{command_line}: {valid}");
        let deployed = cht.run("deploy --quiet --sandbox -f values.yaml").expect(0);
        assert!(deployed.stdout.starts_with(ready), "{command_line}: {deployed}");
    }
}
