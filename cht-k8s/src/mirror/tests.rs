use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use cht_manifests::{Object, ObjectKey};
use futures::channel::mpsc::unbounded;
use futures::executor::block_on;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::health::testing::{NAMESPACE, at, object, with};
use crate::{
    Access, ApplyMode, Clock, Connection, LiveObject, LogLines, LogOptions, LogRequest, Measure, Rules, ServerInfo,
    ServiceAnswer, ServiceRequest,
};

/// A cluster that answers about pods as it is told, notes what it is asked, and has no other objects. When it has been
/// told nothing more, its watches go on without news.
#[derive(Default)]
struct Script {
    lists: Mutex<VecDeque<Result<Listing, ClusterError>>>,
    watches: Mutex<VecDeque<Result<Watch, ClusterError>>>,
    asked: Mutex<Vec<String>>,
    slept: Arc<Slept>,
}

/// A clock on which sleepers wake at once, later.
#[derive(Default)]
struct Slept(Mutex<Vec<Duration>>);

impl Slept {
    fn all(&self) -> Vec<Duration> {
        self.0.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl Clock for Slept {
    fn now(&self) -> Timestamp {
        at(0) + self.all().into_iter().sum::<Duration>()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.lock().expect("not poisoned").push(duration);
    }
}

impl Script {
    fn list(self, answer: Result<Listing, ClusterError>) -> Self {
        self.lists.lock().expect("not poisoned").push_back(answer);
        self
    }

    fn watch(self, events: Vec<Result<WatchEvent, ClusterError>>) -> Self {
        self.stream(stream::iter(events).boxed())
    }

    fn stream(self, watch: Watch) -> Self {
        self.watches.lock().expect("not poisoned").push_back(Ok(watch));
        self
    }

    fn refuse(self, error: ClusterError) -> Self {
        self.watches.lock().expect("not poisoned").push_back(Err(error));
        self
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

#[async_trait]
impl Cluster for Script {
    async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Listing, ClusterError> {
        assert_eq!(namespace, Some(NAMESPACE));
        if kind != Kind::Pod {
            return Ok(listing(&[], "1"));
        }
        self.asked.lock().expect("not poisoned").push("list".to_owned());
        self.lists.lock().expect("not poisoned").pop_front().expect("a list that was told")
    }

    async fn watch(&self, kind: Kind, namespace: &str, since: &str) -> Result<Watch, ClusterError> {
        assert_eq!(namespace, NAMESPACE);
        if kind != Kind::Pod {
            return Ok(stream::pending().boxed());
        }
        self.asked.lock().expect("not poisoned").push(format!("watch {since}"));
        self.watches.lock().expect("not poisoned").pop_front().unwrap_or_else(|| Ok(stream::pending().boxed()))
    }

    async fn connect(&self, _: &ObjectKey, _: u16) -> Result<Box<dyn Connection>, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.slept) as Arc<dyn Clock>
    }

    async fn server_info(&self) -> Result<ServerInfo, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn get(&self, _: &ObjectKey) -> Result<Option<LiveObject>, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn apply(&self, _: &Object, _: ApplyMode) -> Result<LiveObject, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn dry_run(&self, _: &Object, _: ApplyMode) -> Result<LiveObject, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn create(&self, _: &LiveObject) -> Result<LiveObject, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn replace(&self, _: &LiveObject) -> Result<LiveObject, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn delete(&self, _: &ObjectKey, _: &str) -> Result<bool, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn logs(&self, _: &ObjectKey, _: &str, _: LogOptions) -> Result<String, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn log_lines(&self, _: &ObjectKey, _: &str, _: LogRequest) -> Result<LogLines, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn measure(&self, _: &Measure) -> Result<Option<Value>, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn call(&self, _: &ServiceRequest) -> Result<ServiceAnswer, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn may(&self, _: &Access) -> Result<bool, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    async fn rules(&self, _: &str) -> Result<Rules, ClusterError> {
        unreachable!("a mirror only lists and watches")
    }

    fn requests(&self) -> u64 {
        unreachable!("a mirror only lists and watches")
    }
}

fn pod(name: &str, version: &str) -> LiveObject {
    let pod = object(Kind::Pod, name, &json!({ "spec": { "containers": [] } }));
    LiveObject::new(Kind::Pod, with(pod.value().clone(), &json!({ "metadata": { "resourceVersion": version } })))
}

fn listing(items: &[LiveObject], version: &str) -> Listing {
    Listing { items: items.to_vec(), resource_version: version.to_owned() }
}

fn changed(name: &str, version: &str) -> WatchEvent {
    WatchEvent::Changed(pod(name, version))
}

fn unreachable() -> ClusterError {
    ClusterError::Unreachable { reason: "connection reset".to_owned() }
}

fn forbidden() -> ClusterError {
    ClusterError::Forbidden { object: "Pod".to_owned(), message: "no".to_owned() }
}

/// A mirror that begins with the pod `a` at version 5, of a list that was taken before.
fn mirror(script: Script) -> (Mirror, Arc<Script>) {
    let script = Arc::new(script);
    let taken = |kind| (kind == Kind::Pod).then(|| listing(&[pod("a", "3")], "5"));
    let cluster = Arc::clone(&script) as Arc<dyn Cluster>;
    (block_on(Mirror::open(cluster, NAMESPACE, View::KINDS.into_iter(), taken)).expect("lists"), script)
}

fn pods(mirror: &Mirror) -> BTreeMap<&str, &str> {
    let version = |name: &String| mirror.view.pods[name].metadata.resource_version.as_deref().unwrap_or_default();
    mirror.view.pods.keys().map(|name| (name.as_str(), version(name))).collect()
}

/// Follows until there is a pod of this name.
fn follow_until(mirror: &mut Mirror, name: &str) {
    while !mirror.view.pods.contains_key(name) {
        block_on(mirror.changed()).expect("news");
    }
}

#[test]
fn a_list_that_was_taken_is_not_taken_again() {
    let (mirror, script) = mirror(Script::default());
    assert_eq!(pods(&mirror), BTreeMap::from([("a", "3")]));
    assert_eq!(script.asked(), [""; 0]);
}

#[test]
fn a_list_that_was_not_taken_is_asked_for() {
    let script = Script::default().list(Err(unreachable())).list(Ok(listing(&[pod("b", "2")], "4")));
    let script = Arc::new(script);
    let cluster = Arc::clone(&script) as Arc<dyn Cluster>;
    let mirror = block_on(Mirror::open(cluster, NAMESPACE, View::KINDS.into_iter(), |_| None)).expect("lists");
    assert_eq!(pods(&mirror), BTreeMap::from([("b", "2")]));
    assert_eq!(script.asked(), ["list", "list"]);
}

#[test]
fn a_watch_that_ends_goes_on_from_the_last_version() {
    let script = Script::default()
        .watch(vec![Ok(changed("b", "6")), Ok(WatchEvent::Bookmark("8".to_owned()))])
        .watch(vec![Ok(WatchEvent::Deleted(pod("a", "9")))])
        .watch(vec![Ok(changed("c", "10"))]);
    let (mut mirror, script) = mirror(script);
    follow_until(&mut mirror, "c");
    assert_eq!(pods(&mirror), BTreeMap::from([("b", "6"), ("c", "10")]));
    assert_eq!(script.asked()[..3], ["watch 5", "watch 8", "watch 9"]);
}

#[test]
fn all_that_has_happened_is_taken_in_at_once() {
    let news = vec![Ok(changed("a", "6")), Ok(changed("b", "7")), Ok(changed("c", "8"))];
    let (mut mirror, _) = mirror(Script::default().stream(stream::iter(news).chain(stream::pending()).boxed()));
    block_on(mirror.changed()).expect("news");
    assert_eq!(pods(&mirror), BTreeMap::from([("a", "6"), ("b", "7"), ("c", "8")]));
}

#[test]
fn an_expired_history_is_listed_again_and_what_went_meanwhile_is_gone() {
    for script in [
        Script::default().watch(vec![Ok(changed("b", "6")), Err(ClusterError::Expired)]),
        Script::default().watch(vec![Ok(changed("b", "6"))]).refuse(ClusterError::Expired),
    ] {
        let script = script.list(Ok(listing(&[pod("c", "20")], "21"))).watch(vec![Ok(changed("d", "22"))]);
        let (mut mirror, script) = mirror(script);
        follow_until(&mut mirror, "d");
        assert_eq!(pods(&mirror), BTreeMap::from([("c", "20"), ("d", "22")]));
        let asked = script.asked();
        let list = asked.iter().position(|asked| asked == "list").expect("listed again");
        assert_eq!(asked[list + 1], "watch 21");
    }
}

#[test]
fn errors_that_pass_are_overcome() {
    let script = Script::default()
        .refuse(unreachable())
        .refuse(ClusterError::Unavailable { status: 429, message: "busy".to_owned(), retry_after: None })
        .watch(vec![Ok(changed("b", "6")), Err(unreachable())])
        .watch(vec![Err(ClusterError::Expired)])
        .list(Err(unreachable()))
        .list(Ok(listing(&[pod("c", "20")], "21")));
    let (mut mirror, script) = mirror(script);
    follow_until(&mut mirror, "c");
    assert_eq!(script.asked()[..6], ["watch 5", "watch 5", "watch 5", "watch 6", "list", "list"]);
}

#[test]
fn errors_that_stay_end_it() {
    let scripts = [
        Script::default().refuse(forbidden()),
        Script::default().watch(vec![Err(forbidden())]),
        Script::default().watch(vec![Err(ClusterError::Expired)]).list(Err(forbidden())),
    ];
    for script in scripts {
        let (mut mirror, script) = mirror(script);
        assert_eq!(block_on(mirror.changed()), Err(forbidden()));
        let asked = script.asked().len();
        // Nothing is asked after that.
        assert!(mirror.changed().now_or_never().is_none());
        assert_eq!(script.asked().len(), asked);
    }
}

#[test]
fn a_server_that_stays_away_is_given_up_after_a_minute() {
    let script = (0..100).fold(Script::default(), |script, _| script.refuse(unreachable()));
    let (mut mirror, script) = mirror(script);
    assert_eq!(block_on(mirror.changed()), Err(unreachable()));
    let waited: Duration = script.slept.all().into_iter().sum();
    assert!((60..75).contains(&waited.as_secs()), "{waited:?}");
}

#[test]
fn a_server_that_ends_every_watch_at_once_is_asked_ever_more_rarely() {
    let script = (0..12).fold(Script::default(), |script, _| script.watch(Vec::new()));
    let (mut mirror, script) = mirror(script.watch(vec![Ok(changed("b", "6"))]).watch(Vec::new()));
    follow_until(&mut mirror, "b");
    let pauses: Vec<_> = script.slept.all().iter().map(Duration::as_millis).collect();
    assert_eq!(pauses[..12], [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000, 10000, 10000]);
    // After news it is asked at once again.
    assert!(mirror.changed().now_or_never().is_none());
    assert_eq!(script.slept.all().iter().map(Duration::as_millis).collect::<Vec<_>>()[12..], [100]);
}

#[test]
fn whoever_waits_gets_to_look_while_news_never_end() {
    let (mut mirror, _) = mirror(Script::default().stream(stream::repeat_with(|| Ok(changed("b", "6"))).boxed()));
    block_on(mirror.changed()).expect("news");
    assert!(mirror.view.pods.contains_key("b"));
}

#[test]
fn news_are_not_lost_when_nobody_waits_any_more() {
    let (sender, receiver) = unbounded();
    let (mut mirror, script) = mirror(Script::default().stream(receiver.boxed()));
    assert!(mirror.changed().now_or_never().is_none());
    sender.unbounded_send(Ok(changed("b", "6"))).expect("somebody listens");
    block_on(mirror.changed()).expect("news");
    assert!(mirror.view.pods.contains_key("b"));
    assert_eq!(script.asked(), ["watch 5"]);
}
