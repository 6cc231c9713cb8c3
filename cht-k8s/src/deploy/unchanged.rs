//! A deploy of what is there already: a look at what the plan has seen, and one question to the API.

use std::sync::Arc;

use cht_manifests::Component;
use k8s_openapi::jiff::Timestamp;

use crate::Cluster;
use crate::events::{Event, Success};
use crate::health::{Asker, Demand, Expected, Services, View, assess};
use crate::plan::{Observed, Plan};
use crate::run::Reporter;

/// Whether every component is ready already. The API alone is asked whether it serves: it does so only with all others
/// behind it.
pub(super) async fn ready(cluster: &Arc<dyn Cluster>, plan: &Plan, reporter: &Reporter) -> Option<Success> {
    let now = cluster.clock().now();
    let expected = Expected::of(plan.namespace().as_str(), &plan.wanted.manifests);
    let mut view = view_of(&plan.observed, now);
    let ready = |view: &View| {
        let components = assess(view, &expected, now);
        components.iter().all(|component| component.health.is_ready()).then_some(components)
    };
    ready(&view).filter(|_| view.is_steady(now))?;

    view.answers.demand(Demand::Of(Component::Api));
    let services = Services::of(plan.version(), &plan.credentials(), &expected);
    Asker::brief(Arc::clone(cluster), services).ask_once(&mut view, &expected).await;
    let components = ready(&view)?;
    for unchecked in view.answers.unchecked() {
        reporter.report(Event::Note(plan.redactor.redact(&unchecked.to_string())));
    }
    Some(Success::Deployed { components, address: plan.address().to_owned() })
}

/// What the lists say that the plan was made from.
fn view_of(observed: &Observed, now: Timestamp) -> View {
    let mut view = View::default();
    for kind in View::KINDS {
        let items = observed.listing(kind).map(|listing| listing.items.clone());
        view.reset(kind, items.unwrap_or_default(), now);
    }
    view
}
