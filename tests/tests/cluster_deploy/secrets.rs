//! What a run tells never holds what the instance's Secret holds.

use cht_manifests::{Component, Kind};
use cht_tests::player::Behaviour;
use k8s_openapi::api::core::v1::Secret;

use crate::run::Run;
use crate::site::{Site, at_once, on_a_site};

/// The forms in which the generated credentials could show.
pub(crate) async fn canaries(site: &Site) -> Vec<String> {
    let live = site.live(Kind::Secret, "cht-couchdb-credentials").await;
    let base64 = live.value()["data"].clone();
    let secret: Secret = live.decode().expect("a Secret");
    let generated = ["COUCHDB_PASSWORD", "COUCHDB_SECRET", "COUCHDB_UUID"];
    let data = secret.data.expect("data");
    generated
        .into_iter()
        .flat_map(|key| {
            let text = String::from_utf8(data[key].0.clone()).expect("text");
            let bytes: Vec<_> = data[key].0.iter().map(ToString::to_string).collect();
            [text, base64[key].as_str().expect("text").to_owned(), bytes.join(", ")]
        })
        .collect()
}

pub(crate) fn holds_none(shown: &str, canaries: &[String]) {
    // The text is not part of the message: it would be in the test's log then.
    assert!(!canaries.iter().any(|canary| shown.contains(canary)), "a secret shows");
}

fn shown(run: &Run) -> String {
    let (events, outcome) = (&run.events, &run.outcome);
    format!("{events:?}\n{events:#?}\n{outcome:?}\n{outcome:#?}")
}

#[tokio::test]
async fn of_a_deploy_that_makes_them() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml");
        let run = site.deploy(&values).await.succeeded();
        let canaries = canaries(site).await;
        assert!(canaries.iter().all(|canary| canary.len() >= 24));
        holds_none(&shown(&run), &canaries);
        let plan = site.plan(&values).await;
        holds_none(&format!("{plan:?}\n{plan:#?}"), &canaries);
        holds_none(&shown(&site.uninstall(&values).await.succeeded()), &canaries);
    })
    .await;
}

/// Not even when containers and registries say them.
#[tokio::test]
async fn of_a_failure_that_quotes_them() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3d.yaml");
        site.deploy(&values).await.succeeded();
        let canaries = canaries(site).await;
        let denied = Behaviour::ImagePull { message: format!("denied for medic:{}", canaries[0]) };
        site.player.script(|script| script.image("cht-api:5.3.1", denied));
        let run = site.deploy(&values.set("chtversion", "5.3.1")).await;
        let broken = run.broken(cht_k8s::ProblemCode::ImagePull);
        assert!(broken.problem.message.contains("denied for medic:[secret]"));
        assert!(broken.evidence.warnings.iter().any(|warning| warning.contains("denied for medic:[secret]")));
        holds_none(&shown(&run), &canaries);

        let status = site.status(&values).await;
        assert!(!status.is_ready());
        assert!(status.components.iter().any(|one| one.component == Component::Api && !one.health.is_ready()));
        holds_none(&format!("{status:?}\n{status:#?}"), &canaries);
    })
    .await;
}
