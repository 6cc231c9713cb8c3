use std::sync::{Arc, Mutex};
use std::time::Duration;

use cht_manifests::{Kind, ObjectKey};
use futures::StreamExt;
use futures::executor::block_on;
use futures::future::join;
use k8s_openapi::jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::events::{Event, Failure, LockEvent};
use crate::run::{Stop, events};
use crate::sandbox::{Fault, Sandbox, Verb};
use crate::{Actor, Cluster, ClusterError, LiveObject, RunId};

const NAMESPACE: &str = "ns";

fn sandbox() -> Arc<Sandbox> {
    let sandbox = Arc::new(Sandbox::new());
    let namespace = LiveObject::new(Kind::Namespace, json!({ "metadata": { "name": NAMESPACE } }));
    block_on(sandbox.create(&namespace)).expect("a namespace");
    sandbox
}

fn settings(name: &str) -> LiveObject {
    LiveObject::new(Kind::ConfigMap, json!({ "metadata": { "name": name, "namespace": NAMESPACE } }))
}

fn exists(sandbox: &Sandbox, name: &str) -> bool {
    let key = ObjectKey::new(Kind::ConfigMap, NAMESPACE, name);
    block_on(sandbox.get(&key)).expect("an answer").is_some()
}

/// A run on the lock of one instance.
struct Someone {
    sandbox: Arc<Sandbox>,
    user: &'static str,
    wait: Duration,
    stop: Stop,
}

impl Someone {
    fn new(sandbox: &Arc<Sandbox>, user: &'static str) -> Self {
        Self { sandbox: Arc::clone(sandbox), user, wait: Duration::from_mins(1), stop: Stop::new() }
    }

    /// Does `work` under the lock. Answers with what came of it, and what was said about the lock.
    async fn locked<T, F>(
        self,
        work: impl FnOnce(Arc<dyn Cluster>) -> F + Send + 'static,
    ) -> (Result<T, Failure>, Vec<LockEvent>)
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let result = Arc::new(Mutex::new(None));
        let keep = Arc::clone(&result);
        let said = events(|reporter| async move {
            let actor = Actor { user: self.user.to_owned(), host: "laptop".to_owned() };
            let run = RunId::new();
            let options = LockOptions { wait: self.wait, ..LockOptions::default() };
            let (namespace, project, stop) = (NAMESPACE, "county-a", &self.stop);
            let lock = locked::Lock {
                namespace,
                project,
                actor: &actor,
                run: &run,
                options,
                reporter: &reporter,
                stop,
                is_first: false,
                goes: false,
            };
            let came = while_locked(self.sandbox.clone(), lock, work).await;
            *keep.lock().expect("not poisoned") = Some(came);
        });
        let said = said.filter_map(async |event| match event {
            Event::Lock(event) => Some(event),
            other => panic!("{other:?}"),
        });
        let said: Vec<_> = said.collect().await;
        let result = result.lock().expect("not poisoned").take().expect("the run has ended");
        (result, said)
    }
}

async fn make(cluster: &Arc<dyn Cluster>, name: &str) -> Result<(), Failure> {
    cluster.create(&settings(name)).await.map(drop).map_err(Failure::Cluster)
}

fn lease(sandbox: &Sandbox) -> LiveObject {
    block_on(sandbox.get(&lease::lease_key(NAMESPACE, "county-a"))).expect("an answer").expect("a lease")
}

#[test]
fn a_lock_is_taken_renewed_and_given_back() {
    let sandbox = sandbox();
    let (result, said) = block_on(Someone::new(&sandbox, "ada").locked(|cluster| async move {
        make(&cluster, "first").await?;
        // Longer than the lease.
        cluster.clock().sleep(Duration::from_mins(5)).await;
        make(&cluster, "last").await
    }));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(said, []);
    assert!(exists(&sandbox, "first") && exists(&sandbox, "last"));
    let lease = lease(&sandbox);
    assert_eq!(lease.text("/spec/holderIdentity"), None, "{:?}", lease.value());
    assert_eq!(lease.label("app.kubernetes.io/instance"), Some("county-a"));
}

#[test]
fn a_second_run_waits_for_the_first() {
    let sandbox = sandbox();
    let first = Someone::new(&sandbox, "ada").locked(|cluster| async move {
        make(&cluster, "first").await?;
        cluster.clock().sleep(Duration::from_secs(40)).await;
        make(&cluster, "first-again").await
    });
    let second = Someone::new(&sandbox, "grace").locked(move |cluster| async move {
        let first = ObjectKey::new(Kind::ConfigMap, NAMESPACE, "first-again");
        assert!(cluster.get(&first).await.map_err(Failure::Cluster)?.is_some());
        make(&cluster, "second").await
    });
    let ((first, _), (second, said)) = block_on(join(first, second));
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    let [LockEvent::Waiting { holder, wait }] = &said[..] else { panic!("{said:?}") };
    assert!(holder.to_string().starts_with("ada@laptop (process "), "{holder}");
    assert!(holder.to_string().ends_with(" since 2026-01-01T00:00:00Z"), "{holder}");
    assert_eq!(*wait, Duration::from_mins(1));
}

#[test]
fn who_does_not_wait_is_told_who_holds_it() {
    let sandbox = sandbox();
    let first = Someone::new(&sandbox, "ada").locked(|cluster| async move {
        cluster.clock().sleep(Duration::from_secs(40)).await;
        Ok(())
    });
    let second = Someone { wait: Duration::ZERO, ..Someone::new(&sandbox, "grace") };
    let second = second.locked(|cluster| async move { make(&cluster, "second").await });
    let ((first, _), (second, said)) = block_on(join(first, second));
    assert!(first.is_ok(), "{first:?}");
    assert!(matches!(&second, Err(Failure::Locked(holder)) if holder.identity.starts_with("ada@")), "{second:?}");
    assert_eq!(said, []);
    assert!(!exists(&sandbox, "second"));
}

/// The Lease of a run that was killed just after it had renewed it.
fn left_by_ada(sandbox: &Sandbox, renewed: Timestamp) {
    let found = block_on(sandbox.get(&lease::lease_key(NAMESPACE, "county-a"))).expect("an answer");
    let held = lease::Held {
        key: lease::lease_key(NAMESPACE, "county-a"),
        holder: "ada@laptop/4711/9f3c01d27ab4".to_owned(),
        acquired: Some(renewed),
        renewed: Some(renewed),
        length: Duration::from_secs(30),
        transitions: 0,
        labels: crate::labels::on_records("county-a", "lock"),
        resource_version: found.as_ref().map(|live| live.resource_version().to_owned()),
    };
    let object = held.write().expect("a lease");
    let written = if found.is_some() { block_on(sandbox.replace(&object)) } else { block_on(sandbox.create(&object)) };
    written.expect("written");
}

#[test]
fn the_lock_of_a_run_that_is_gone_is_taken_over_when_its_lease_has_passed() {
    let sandbox = sandbox();
    let clock = sandbox.clock();
    left_by_ada(&sandbox, clock.now());
    let started = clock.now();
    let (second, said) =
        block_on(Someone::new(&sandbox, "grace").locked(|cluster| async move { make(&cluster, "second").await }));
    assert!(second.is_ok(), "{second:?}");
    assert_eq!(clock.now().duration_since(started).as_secs(), 30);
    let [LockEvent::Waiting { .. }, LockEvent::TakenOver { from }] = &said[..] else { panic!("{said:?}") };
    assert!(from.identity.starts_with("ada@"), "{from}");
    // A day later there is nothing to wait for.
    left_by_ada(&sandbox, clock.now());
    block_on(clock.sleep(Duration::from_hours(24)));
    let (third, said) = block_on(Someone::new(&sandbox, "grace").locked(|_| async { Ok(()) }));
    assert!(third.is_ok(), "{third:?}");
    assert!(matches!(&said[..], [LockEvent::TakenOver { .. }]), "{said:?}");
}

#[test]
fn a_run_that_cannot_renew_stops_writing_before_its_lease_ends() {
    let sandbox = sandbox();
    let error = ClusterError::Unreachable { reason: "no route".to_owned() };
    let told = Arc::clone(&sandbox);
    let wrote = Arc::new(Mutex::new(Vec::new()));
    let writes = Arc::clone(&wrote);
    let (result, _) = block_on(Someone::new(&sandbox, "ada").locked(move |cluster| async move {
        told.fail(Fault::Api { verb: Verb::Replace, kind: Some(Kind::Lease), times: 1000, error });
        for second in 0..60 {
            let answer = make(&cluster, &format!("at-{second}")).await;
            if answer.is_ok() {
                writes.lock().expect("not poisoned").push(second);
            }
            cluster.clock().sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }));
    assert!(matches!(result, Err(Failure::LockLost(None))), "{result:?}");
    assert_eq!(*wrote.lock().expect("not poisoned"), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_run_whose_lock_another_has_taken_stops() {
    let sandbox = sandbox();
    let told = Arc::clone(&sandbox);
    let (result, _) = block_on(Someone::new(&sandbox, "ada").locked(move |cluster| async move {
        let key = lease::lease_key(NAMESPACE, "county-a");
        told.update_as("cht", &key, |lease| lease["spec"]["holderIdentity"] = json!("grace@desk/1/abc"))
            .expect("stolen");
        cluster.clock().sleep(Duration::from_mins(5)).await;
        make(&cluster, "late").await
    }));
    let Err(Failure::LockLost(Some(holder))) = &result else { panic!("{result:?}") };
    assert_eq!(holder.identity, "grace@desk/1/abc");
    assert!(!exists(&sandbox, "late"));
    assert_eq!(lease(&sandbox).text("/spec/holderIdentity"), Some("grace@desk/1/abc"));
}

#[test]
fn a_lost_answer_to_a_renewal_is_no_loss() {
    let sandbox = sandbox();
    let told = Arc::clone(&sandbox);
    let (result, _) = block_on(Someone::new(&sandbox, "ada").locked(move |cluster| async move {
        let key = lease::lease_key(NAMESPACE, "county-a");
        // Written by this run, as far as the Lease tells, in another version than the run knows.
        told.update_as("cht", &key, |lease| lease["metadata"]["annotations"]["seen"] = json!("1")).expect("written");
        cluster.clock().sleep(Duration::from_mins(5)).await;
        make(&cluster, "last").await
    }));
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn a_stop_ends_the_waiting() {
    let sandbox = sandbox();
    let first = Someone::new(&sandbox, "ada").locked(|cluster| async move {
        cluster.clock().sleep(Duration::from_secs(40)).await;
        Ok(())
    });
    let second = Someone::new(&sandbox, "grace");
    let (stop, clock) = (second.stop.clone(), sandbox.clock());
    let second = second.locked(|cluster| async move { make(&cluster, "second").await });
    let stopping = async move {
        clock.sleep(Duration::from_secs(5)).await;
        stop.stop();
    };
    let ((_, (second, _)), ()) = block_on(join(join(first, second), stopping));
    assert!(matches!(second, Err(Failure::Interrupted)), "{second:?}");
}

#[test]
fn a_lease_that_others_always_write_first_is_given_up_in_time() {
    let sandbox = sandbox();
    let key = ObjectKey::new(Kind::Lease, NAMESPACE, "cht.county-a");
    let error = ClusterError::Changed { object: key, message: "already exists".to_owned() };
    sandbox.fail(Fault::Api { verb: Verb::Create, kind: Some(Kind::Lease), times: u32::MAX, error: error.clone() });
    for wait in [Duration::ZERO, Duration::from_mins(1)] {
        let (begun, before) = (sandbox.clock().now(), sandbox.requests());
        let run = Someone { wait, ..Someone::new(&sandbox, "ada") };
        let (result, _) = block_on(run.locked(async |cluster| make(&cluster, "never").await));
        assert!(matches!(result, Err(Failure::Cluster(found)) if found == error));
        let waited = sandbox.clock().now().duration_since(begun).unsigned_abs();
        assert!(waited >= wait && waited < wait + Duration::from_secs(2), "{waited:?}");
        assert!(sandbox.requests() - before < 300);
    }
    assert!(!exists(&sandbox, "never"));
}

#[test]
fn a_lock_is_given_back_also_when_a_renewal_was_quicker() {
    let sandbox = sandbox();
    let told = Arc::clone(&sandbox);
    let (result, _) = block_on(Someone::new(&sandbox, "ada").locked(move |_| async move {
        let key = lease::lease_key(NAMESPACE, "county-a");
        told.update_as("cht", &key, |lease| lease["metadata"]["annotations"]["seen"] = json!("1")).expect("written");
        Ok(())
    }));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(lease(&sandbox).text("/spec/holderIdentity"), None);
}
