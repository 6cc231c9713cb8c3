//! One deploy or uninstall from its start to its outcome.

use std::sync::Arc;
use std::time::Instant;

use cht_k8s::{
    Broken, Cluster, DataFate, Event, Failure, Options, Outcome, Plan, ProblemCode, Status, Stop, Success,
    UninstallOptions,
};
use futures::StreamExt as _;
use futures::stream::BoxStream;

use crate::site::Site;
use crate::values::Values;

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Run {
    /// What it told, but for its outcome.
    pub(crate) events: Vec<Event>,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// When it ended.
    pub(crate) ended: Instant,
}

impl Site {
    fn shared(&self) -> Arc<dyn Cluster> {
        Arc::<cht_k8s::KubeCluster>::clone(&self.cluster)
    }

    pub(crate) async fn plan(&self, values: &Values) -> Plan {
        cht_k8s::plan(&*self.cluster, values.instance()).await.expect("a plan")
    }

    pub(crate) async fn deploy(&self, values: &Values) -> Run {
        self.deploy_with(values, Options::default()).await
    }

    pub(crate) async fn deploy_with(&self, values: &Values, options: Options) -> Run {
        let plan = self.plan(values).await;
        finish(cht_k8s::deploy(self.shared(), plan, options)).await
    }

    pub(crate) async fn rollback(&self, values: &Values, number: Option<u32>) -> Run {
        let plan = cht_k8s::plan_rollback(&*self.cluster, &values.instance(), number).await.expect("a plan");
        finish(cht_k8s::deploy(self.shared(), plan, Options::default())).await
    }

    /// Deploys until an event comes, then stops.
    pub(crate) async fn deploy_until(
        &self,
        values: &Values,
        is_enough: impl Fn(&Event) -> bool + Send + 'static,
    ) -> Run {
        let stop = Stop::new();
        let options = Options { stop: stop.clone(), ..Options::default() };
        let events = cht_k8s::deploy(self.shared(), self.plan(values).await, options);
        let stopping = events.inspect(move |event| {
            if is_enough(event) {
                stop.stop();
            }
        });
        finish(stopping.boxed()).await
    }

    pub(crate) async fn status(&self, values: &Values) -> Status {
        cht_k8s::status(self.shared(), &values.instance()).await.expect("a status")
    }

    pub(crate) async fn uninstall(&self, values: &Values) -> Run {
        self.uninstall_with(values, DataFate::Keep).await
    }

    pub(crate) async fn uninstall_with(&self, values: &Values, data: DataFate) -> Run {
        let options = UninstallOptions { data, ..UninstallOptions::default() };
        finish(cht_k8s::uninstall(self.shared(), values.instance(), options)).await
    }
}

async fn finish(stream: BoxStream<'static, Event>) -> Run {
    let mut events: Vec<_> = stream.collect().await;
    let ended = Instant::now();
    match events.pop() {
        Some(Event::Finished(outcome)) => Run { events, outcome, ended },
        other => panic!("a run ends with its outcome, not with {other:?}"),
    }
}

impl Run {
    /// A run that must have succeeded.
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.outcome.result.is_ok(), "{self:#?}");
        self
    }

    /// The address that a deploy ended with.
    pub(crate) fn address(&self) -> &str {
        match &self.outcome.result {
            Ok(Success::Deployed { components, address }) => {
                assert!(components.iter().all(|component| component.health.is_ready()), "{components:#?}");
                address
            }
            other => panic!("not deployed: {other:#?}"),
        }
    }

    /// The one broken component that a run must have ended with.
    pub(crate) fn broken(&self, code: ProblemCode) -> &Broken {
        match &self.outcome.result {
            Err(Failure::Workload(broken)) if broken.len() == 1 && broken[0].problem.code == code => &broken[0],
            other => panic!("not {code}: {other:#?}"),
        }
    }
}
