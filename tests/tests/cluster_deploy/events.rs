//! What a deploy and an uninstall write as events on a real API server: each line as the schema says, and no secret in any.

use cht_manifests::Kind;
use cht_tests::event_lines::EventLines;
use cht_tests::program::{Cht, Ran};
use serde_json::json;

use crate::secrets::{canaries, holds_none};
use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// Runs the program while the nodes go on playing.
async fn run(site: &Site, command: &str, values: &Values) -> Ran {
    let cht = Cht::new();
    let kubeconfig = site.backdoor.kubeconfig().display().to_string();
    let words = command.split_whitespace().map(str::to_owned).chain(values.arguments());
    let command = cht.command(words.chain(["--kubeconfig".to_owned(), kubeconfig]));
    tokio::task::spawn_blocking(|| Ran::of(command)).await.expect("the program runs")
}

#[tokio::test]
async fn of_a_deploy_and_an_uninstall() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        let ran = run(site, "deploy --quiet -o ndjson", &values).await.expect(0);
        let lines = EventLines::of_program(&ran);
        let canaries = canaries(site).await;
        holds_none(&ran.stdout, &canaries);
        assert_eq!(ran.stderr, "");
        assert_eq!((&lines.last()["outcome"], &lines.last()["rev"]), (&json!("ready"), &json!(1)));
        let planned = lines.only("plan.made")["objects"].as_array().expect("objects").len();
        assert_eq!(lines.all("object.applied").len(), planned);

        let history = run(site, "history -o json", &values).await.expect(0).json();
        assert_eq!(history["revisions"][0]["run"], lines.last()["run"]);
        for line in lines.all("object.applied") {
            let obj = &line["obj"];
            if obj["gvk"]["kind"] == "Deployment" {
                let live = site.live(Kind::Deployment, obj["name"].as_str().expect("a name")).await;
                assert_eq!(obj["uid"], live.uid(), "{line}");
            }
        }

        let again = EventLines::of_program(&run(site, "deploy --quiet -o ndjson", &values).await.expect(0));
        assert_eq!(again.types().last(), Some(&"run.finished"));
        assert!(again.all("object.applied").is_empty(), "{again:?}");

        let ran = run(site, "uninstall --yes --quiet -o ndjson", &values).await.expect(0);
        let gone = EventLines::of_program(&ran);
        holds_none(&ran.stdout, &canaries);
        assert_eq!(gone.last()["counts"]["removed"], gone.all("object.removed").len());
    })
    .await;
}
