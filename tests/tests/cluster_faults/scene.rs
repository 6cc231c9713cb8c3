//! Deploys in which each class of request occurs.

use std::time::Duration;

use cht_tests::cluster::TestCluster;
use cht_tests::player::Behaviour;
use cht_tests::program::Ran;
use cht_tests::proxy::Class;

use crate::site::{ONE_NODE, Site, on_a_site};

/// What breaks: it is ready when its probe says so, and all that it needs is ready by then.
const BREAKING: &str = "cht-api";

/// A deploy with requests of some class.
pub(crate) struct Scene {
    example: &'static str,
    /// What is deployed before, in peace.
    before: Option<&'static str>,
    /// What is then deployed.
    pub(crate) values: &'static str,
    /// How that behaves.
    behaviour: Option<Behaviour>,
}

impl Scene {
    pub(crate) fn with(class: Class) -> Self {
        let first = Self { example: ONE_NODE, before: None, values: "", behaviour: None };
        match class {
            // What is there and shall change is tried before.
            Class::DryRun => Self { before: Some(""), values: "--set cht_image_tag=5.3.1", ..first },
            // The Jobs that make the volumes' folders are removed when they are done.
            Class::Delete => Self { example: "cht-4x.yaml", ..first },
            // Deployments change from rolling updates to `Recreate`.
            Class::Replace => Self {
                example: "eks.yaml",
                before: Some("--set chtversion=4.22.0 --set upgrade_service.tag=0.32"),
                values: "--set chtversion=5.3.0",
                ..first
            },
            // What is broken is shown with its last lines.
            Class::Logs => {
                let message = "no route to haproxy".to_owned();
                Self { behaviour: Some(Behaviour::CrashLoop { exit_code: 1, message }), ..first }
            }
            _ => first,
        }
    }

    /// Prepares the scene on a site of its own, and runs a test there.
    pub(crate) async fn play(&self, cluster: &TestCluster, test: impl AsyncFnOnce(&Site)) {
        on_a_site(cluster, self.example, async |site| {
            if let Some(values) = self.before {
                let _ = site.deploy_directly(values).await.expect(0);
            }
            if let Some(behaviour) = &self.behaviour {
                site.player.script(|script| script.container(BREAKING, behaviour.clone()));
            }
            test(site).await;
        })
        .await;
    }

    /// Nothing is broken any more, and the deploy is run again without a proxy.
    pub(crate) async fn again(&self, site: &Site) -> Ran {
        site.player.script(|script| script.container(BREAKING, Behaviour::Ready { after: Duration::ZERO }));
        site.deploy_directly(self.values).await
    }
}
