//! Sentinel: what happens in the background when documents change.

use cht_model::Instance;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Container;

use crate::workload::{self, Rollout};
use crate::{api, container, credentials, dns};

const NAME: &str = "cht-sentinel";
const SERVICE: &str = "sentinel";

/// The Deployment. Nothing talks to Sentinel, so it has no port and no Service.
pub(crate) fn deployment(instance: &Instance, rollout: Rollout) -> Deployment {
    let env = container::logging(instance.sentinel().logging.as_ref())
        .into_iter()
        .chain([
            container::env("API_HOST", dns::host(api::SERVICE, instance.namespace())),
            credentials::couch_url(instance),
            container::env("API_PORT", instance.api().port.get().to_string()),
        ])
        .collect();
    let container = Container { env: Some(env), ..container::of_cht(NAME, instance.images(), "sentinel") };
    workload::deployment(NAME, SERVICE, rollout, workload::pod(vec![container]))
}
