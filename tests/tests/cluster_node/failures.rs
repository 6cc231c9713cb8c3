//! Deploys of what does not run.

use serde_json::Value;

use crate::site::{component, on_a_site};

/// The one problem that a run has reported.
fn problem(report: &Value) -> &Value {
    match report["problems"].as_array().map(Vec::as_slice) {
        Some([problem]) => problem,
        _ => panic!("not one problem: {report:#}"),
    }
}

/// A version that ends again and again is reported with the words that it ends with; the next deploy puts it right.
#[tokio::test]
async fn an_api_that_crashes() {
    on_a_site("k3d.yaml", &[], async |site| {
        let report = site.deploy(&["cht_image_tag=5.3.0-api.crash.3"], 8).await.json();
        let problem = problem(&report);
        assert_eq!(
            (&problem["code"], &problem["component"], &problem["exit_code"]),
            (&"crash-loop".into(), &"api".into(), &3.into()),
            "{report:#}"
        );
        let logs = problem["logs"].as_array().expect("logs");
        let last = |log: &Value| log["lines"].as_array().and_then(|lines| lines.last().cloned());
        let said = Value::from("api crashes with exit code 3, as it was told");
        assert!(logs.iter().any(|log| last(log).as_ref() == Some(&said)), "{report:#}");
        site.deploy(&[], 0).await;
    })
    .await;
}

/// An image that the registry does not have.
#[tokio::test]
async fn an_image_that_is_not_there() {
    on_a_site("k3d.yaml", &[], async |site| {
        let report = site.deploy(&["cht_image_tag=5.3.0-api.missing.true"], 8).await.json();
        let problem = problem(&report);
        assert_eq!((&problem["code"], &problem["component"]), (&"image-pull".into(), &"api".into()), "{report:#}");
        let message = problem["message"].as_str().unwrap_or_default();
        assert!(message.contains("not found"), "{report:#}");

        let status = site.run("status", &["cht_image_tag=5.3.0-api.missing.true"]).await.expect(8);
        let sentinel = component(&status.json(), "sentinel");
        assert_eq!(sentinel["blocked_by"], "api", "{sentinel:#}");
        let reason = sentinel["reason"].as_str().unwrap_or_default();
        assert!(reason.starts_with("waits for api: ") && reason.contains("not found"), "{sentinel:#}");
    })
    .await;
}
