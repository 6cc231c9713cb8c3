use std::collections::BTreeSet;
use std::sync::Mutex;
use std::task::Poll;

use async_trait::async_trait;
use cht_manifests::{Component, Kind, Object, ObjectKey, Stage, manifests};
use cht_model::Instance;
use futures::StreamExt;
use futures::executor::block_on;
use futures::future::poll_fn;
use serde_json::Value;

use super::*;
use crate::events::{Applied, Counts, Failure, Outcome, Success};
use crate::health::testing::instance;
use crate::plan::plan;
use crate::sandbox::{Fault, Sandbox};
use crate::{
    Access, ApplyMode, Clock, ClusterError, Connection, Listing, LiveObject, LogLines, LogOptions, LogRequest, Measure,
    Rules, ServerInfo, ServiceAnswer, ServiceRequest, Watch,
};

/// CHT 4.x on three machines, whose folders are made by Jobs.
const VALUES: &str = "
project_name: county-b
namespace: county-b
chtversion: 4.22.0
cluster_type: k3s-k3d
environment: remote
upgrade_service: {tag: 0.32}
couchdb:
  password: canary
  clusteredCouch_enabled: true
  couchdb_node_storage_size: 10Gi
clusteredCouch: {noOfCouchDBNodes: 3}
nodes: {node-1: alpha, node-2: beta, node-3: gamma}
couchdb_data: {preExistingDataAvailable: false}
ingress: {host: county-b.example.org}
";

fn county() -> Instance {
    instance(VALUES, &[])
}

type Meddle = dyn Fn(&ObjectKey) -> Result<(), ClusterError> + Send + Sync;

/// A sandbox in which writes take a while, of which everything is noted.
struct Noting {
    sandbox: Arc<Sandbox>,
    begun: Mutex<Vec<ObjectKey>>,
    finished: Mutex<Vec<ObjectKey>>,
    deleted: Mutex<Vec<ObjectKey>>,
    /// What happens instead of an apply, or besides it.
    meddle: Box<Meddle>,
}

impl Noting {
    fn new(meddle: impl Fn(&ObjectKey) -> Result<(), ClusterError> + Send + Sync + 'static) -> Arc<Self> {
        Self::over(Arc::new(Sandbox::new()), meddle)
    }

    fn over(
        sandbox: Arc<Sandbox>,
        meddle: impl Fn(&ObjectKey) -> Result<(), ClusterError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let none = || Mutex::new(Vec::new());
        Arc::new(Self { sandbox, begun: none(), finished: none(), deleted: none(), meddle: Box::new(meddle) })
    }

    fn begun(&self) -> Vec<ObjectKey> {
        self.begun.lock().expect("not poisoned").clone()
    }

    fn finished(&self) -> Vec<ObjectKey> {
        self.finished.lock().expect("not poisoned").clone()
    }
}

/// Lets everything else that goes on go on first.
async fn later() {
    let mut turns = 3;
    poll_fn(|context| {
        turns -= 1;
        context.waker().wake_by_ref();
        if turns == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[async_trait]
impl Cluster for Noting {
    async fn apply(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.begun.lock().expect("not poisoned").push(object.key());
        later().await;
        let meddled = (self.meddle)(&object.key());
        let answer = match meddled {
            Ok(()) => self.sandbox.apply(object, mode).await,
            Err(error) => Err(error),
        };
        later().await;
        self.finished.lock().expect("not poisoned").push(object.key());
        answer
    }

    async fn dry_run(&self, object: &Object, mode: ApplyMode) -> Result<LiveObject, ClusterError> {
        self.sandbox.dry_run(object, mode).await
    }

    async fn delete(&self, key: &ObjectKey, uid: &str) -> Result<bool, ClusterError> {
        self.deleted.lock().expect("not poisoned").push(key.clone());
        self.sandbox.delete(key, uid).await
    }

    async fn create(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.sandbox.create(object).await
    }

    async fn replace(&self, object: &LiveObject) -> Result<LiveObject, ClusterError> {
        self.sandbox.replace(object).await
    }

    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        self.sandbox.server_info().await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        self.sandbox.get(key).await
    }

    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        self.sandbox.list(kind, namespace).await
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        self.sandbox.watch(kind, namespace, since).await
    }

    async fn logs(&self, pod: &ObjectKey, container: &str, options: LogOptions) -> Result<String, ClusterError> {
        self.sandbox.logs(pod, container, options).await
    }

    async fn log_lines(&self, pod: &ObjectKey, container: &str, request: LogRequest) -> Result<LogLines, ClusterError> {
        self.sandbox.log_lines(pod, container, request).await
    }

    async fn measure(&self, measure: &Measure) -> Result<Option<Value>, ClusterError> {
        self.sandbox.measure(measure).await
    }

    async fn call(&self, request: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        self.sandbox.call(request).await
    }

    async fn may(&self, access: &Access) -> Result<bool, ClusterError> {
        self.sandbox.may(access).await
    }

    async fn rules(&self, namespace: &str) -> Result<Rules, ClusterError> {
        self.sandbox.rules(namespace).await
    }

    async fn connect(&self, pod: &ObjectKey, port: u16) -> Result<Box<dyn Connection>, ClusterError> {
        self.sandbox.connect(pod, port).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.sandbox.clock()
    }

    fn requests(&self) -> u64 {
        self.sandbox.requests()
    }
}

/// Runs a deploy to its end.
fn run(cluster: &Arc<Noting>, instance: Instance, options: Options) -> (Vec<Event>, Outcome) {
    let plan = block_on(plan(&**cluster, instance)).expect("a plan");
    let mut events: Vec<_> = block_on(deploy(Arc::clone(cluster) as Arc<dyn Cluster>, plan, options).collect());
    match events.pop() {
        Some(Event::Finished(outcome)) => (events, outcome),
        other => panic!("{other:?}"),
    }
}

fn applied(events: &[Event]) -> Vec<(ObjectKey, Applied)> {
    let applied = |event: &Event| match event {
        Event::Applied { object, change, .. } => Some((object.clone(), *change)),
        _ => None,
    };
    events.iter().filter_map(applied).collect()
}

fn is_deployed(outcome: &Outcome) -> bool {
    matches!(outcome.result, Ok(Success::Deployed { .. }))
}

fn keys_of(instance: &Instance, stages: impl Fn(Stage) -> bool) -> BTreeSet<ObjectKey> {
    let manifests = manifests(instance);
    manifests.iter().filter(|manifest| stages(manifest.stage)).map(|manifest| manifest.object.key()).collect()
}

fn is_of(kind: Kind) -> impl Fn(&ObjectKey) -> bool {
    move |key| key.kind == kind
}

/// What was begun was finished, and the counts say what was done.
fn assert_accounted_for(cluster: &Noting, events: &[Event], counts: Counts, failed: usize) {
    let (mut begun, mut finished) = (cluster.begun(), cluster.finished());
    begun.sort();
    finished.sort();
    assert_eq!(begun, finished);
    assert_eq!(applied(events).len(), finished.len() - failed);
    // The namespace, the Jobs and all else are new here.
    assert_eq!((counts.created, counts.changed), (applied(events).len(), 0));
}

/// With so many nodes there are more Services than are applied at the same time.
fn large_county() -> Instance {
    let nodes = [4, 5, 6].map(|number| format!("nodes.node-{number}=another-{number}"));
    let set: Vec<_> = nodes.iter().map(String::as_str).chain(["clusteredCouch.noOfCouchDBNodes=6"]).collect();
    instance(VALUES, &set)
}

/// Some, and not all, of the Services were begun to be applied, and nothing of a later stage.
fn assert_halted_at_services(cluster: &Noting, instance: &Instance) {
    let begun = cluster.begun();
    let (services, later) =
        (keys_of(instance, |stage| stage == Stage::Services), keys_of(instance, |stage| stage > Stage::Services));
    assert!(!begun.iter().any(|key| later.contains(key)), "{begun:?}");
    let services_begun = services.iter().filter(|key| begun.contains(key)).count();
    assert!((1..services.len()).contains(&services_begun), "{begun:?}");
}

#[test]
fn nothing_is_begun_after_a_stop() {
    let options = Options::default();
    let stop = options.stop.clone();
    let cluster = Noting::new(move |key| {
        if key.kind == Kind::Service {
            stop.stop();
        }
        Ok(())
    });
    let (events, outcome) = run(&cluster, large_county(), options);
    assert!(matches!(outcome.result, Err(Failure::Interrupted)), "{outcome:?}");
    assert_accounted_for(&cluster, &events, outcome.counts, 0);
    assert_halted_at_services(&cluster, &large_county());
}

#[test]
fn after_a_failure_what_is_in_flight_is_finished_and_counted() {
    let cluster = Noting::new(move |key| match key.kind {
        Kind::Service if key.name.starts_with("couchdb") => {
            Err(ClusterError::Invalid { object: key.clone(), message: "no; sent: canary Y2FuYXJ5".to_owned() })
        }
        _ => Ok(()),
    });
    let (events, outcome) = run(&cluster, large_county(), Options::default());
    let Err(Failure::Cluster(error)) = &outcome.result else { panic!("{outcome:?}") };
    assert!(error.to_string().ends_with(": not accepted: no; sent: [secret] [secret]"), "{error}");
    let finished = cluster.finished();
    let refused = finished.iter().filter(|key| is_of(Kind::Service)(key) && key.name.starts_with("couchdb"));
    assert_accounted_for(&cluster, &events, outcome.counts, refused.count());
    assert_halted_at_services(&cluster, &large_county());

    // The next run goes on from there.
    let healed = Noting::over(Arc::clone(&cluster.sandbox), |_| Ok(()));
    let (_, outcome) = run(&healed, large_county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    let done = keys_of(&large_county(), |stage| stage < Stage::Services);
    let again: Vec<_> = healed.begun().into_iter().filter(|key| done.contains(key)).collect();
    assert_eq!(again, [], "what was done is not done again");
}

#[test]
fn jobs_are_done_and_gone_before_there_are_claims() {
    let cluster = Noting::new(|_| Ok(()));
    let (_, outcome) = run(&cluster, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    let begun = cluster.begun();
    let last_job = begun.iter().rposition(is_of(Kind::Job)).expect("Jobs");
    let first_claim = begun.iter().position(is_of(Kind::PersistentVolumeClaim)).expect("claims");
    assert!(last_job < first_claim, "{begun:?}");
    assert_eq!(cluster.deleted.lock().expect("not poisoned").len(), 3);
    assert_eq!(outcome.counts.removed, 3);
    assert_eq!(jobs(&cluster), 0);
}

fn jobs(cluster: &Noting) -> usize {
    block_on(cluster.sandbox.list(Kind::Job, Some("county-b"))).expect("Jobs").items.len()
}

#[test]
fn jobs_of_a_run_that_was_cut_short_are_run_to_their_end() {
    let options = Options::default();
    let stop = options.stop.clone();
    let cluster = Noting::new(move |key| {
        if key.kind == Kind::Job {
            stop.stop();
        }
        Ok(())
    });
    let (_, outcome) = run(&cluster, county(), options);
    assert!(matches!(outcome.result, Err(Failure::Interrupted)), "{outcome:?}");
    assert_eq!(jobs(&cluster), 3);

    let again = Noting::over(Arc::clone(&cluster.sandbox), |_| Ok(()));
    let (_, outcome) = run(&again, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    assert_eq!(again.begun().iter().filter(|key| is_of(Kind::Job)(key)).count(), 3);
    assert_eq!(again.deleted.lock().expect("not poisoned").len(), 3, "those that go on are not replaced");
    assert_eq!(jobs(&again), 0);
}

#[test]
fn a_job_that_was_left_beside_bound_claims_is_removed() {
    let cluster = Noting::new(|_| Ok(()));
    assert!(is_deployed(&run(&cluster, county(), Options::default()).1));
    let county_b = county();
    let manifests = manifests(&county_b);
    let job = manifests.iter().find(|manifest| manifest.object.kind() == Kind::Job).expect("a Job");
    block_on(cluster.sandbox.apply(&job.object, ApplyMode::Respect)).expect("applied");
    block_on(cluster.clock().sleep(Duration::from_secs(1)));

    let (_, outcome) = run(&cluster, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    assert_eq!(jobs(&cluster), 0, "a 4.x upgrade service refuses to work beside one");
}

#[test]
fn a_deploy_that_is_dropped_can_be_repeated() {
    let cluster = Noting::new(|_| Ok(()));
    for events_until_dropped in [5, 15, 25, 40] {
        let plan = block_on(plan(&*cluster, county())).expect("a plan");
        let events = deploy(Arc::clone(&cluster) as Arc<dyn Cluster>, plan, Options::default());
        block_on(events.take(events_until_dropped).for_each(|_| std::future::ready(())));
    }
    let (_, outcome) = run(&cluster, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    assert_eq!(jobs(&cluster), 0);
}

#[test]
fn a_person_hears_of_a_run_that_waits_for_an_index() {
    let cluster = Noting::new(|_| Ok(()));
    cluster.sandbox.fail(Fault::Indexing { seconds: 65 });
    let (events, outcome) = run(&cluster, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    let waiting = |event: &&Event| match event {
        Event::StillWaiting { waiting, .. } => waiting.iter().any(|one| one.component == Component::Api),
        _ => false,
    };
    assert!(events.iter().filter(waiting).count() >= 5, "{events:?}");
}

#[test]
fn no_record_is_left_of_a_run_that_is_forgotten() {
    let cluster = Noting::new(|_| Ok(()));
    for _ in 0..6 {
        let plan = block_on(plan(&*cluster, county())).expect("a plan");
        let events = deploy(Arc::clone(&cluster) as Arc<dyn Cluster>, plan, Options::default());
        block_on(events.take(15).for_each(|_| std::future::ready(())));
    }
    assert!(is_deployed(&run(&cluster, county(), Options::default()).1));
    let history = block_on(crate::history(&*cluster, &county())).expect("a history");
    let known: BTreeSet<_> =
        history.iter().map(|line| format!("cht.{}.r{}", county().project(), line.number)).collect();
    let config_maps = block_on(cluster.sandbox.list(Kind::ConfigMap, Some(county().namespace().as_str())));
    let names = config_maps.expect("a list").items.into_iter().map(|object| object.name().to_owned());
    let records: BTreeSet<_> = names.filter(|name| name.contains(".r")).collect();
    assert_eq!((records, history.len()), (known, 4));
}

#[test]
fn a_deploy_that_was_stopped_before_it_began_writes_nothing() {
    let options = Options::default();
    options.stop.stop();
    let cluster = Noting::new(|_| Ok(()));
    let (_, outcome) = run(&cluster, county(), options);
    assert!(matches!(outcome.result, Err(Failure::Interrupted)), "{outcome:?}");
    assert_eq!(cluster.begun(), []);
}

#[test]
fn an_unchanged_instance_is_waited_for_when_a_container_has_just_come_back() {
    let cluster = Noting::new(|_| Ok(()));
    run(&cluster, county(), Options::default());
    let pods = block_on(cluster.list(Kind::Pod, Some("county-b"))).expect("a list").items;
    let api = pods.iter().find(|pod| pod.label("cht.service") == Some("api")).expect("the API's pod");
    let now = cluster.clock().now().to_string();
    let come_back = |pod: &mut serde_json::Value| {
        pod["status"]["containerStatuses"][0]["restartCount"] = 2.into();
        pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] = now.into();
    };
    cluster.sandbox.update_as("kubelet", &api.key(), come_back).expect("updated");

    let (_, outcome) = run(&cluster, county(), Options::default());
    assert!(is_deployed(&outcome), "{outcome:?}");
    assert!(outcome.duration >= Duration::from_secs(9), "took {:?}: not waited for", outcome.duration);
    assert_eq!(applied(&run(&cluster, county(), Options::default()).0), []);
}
