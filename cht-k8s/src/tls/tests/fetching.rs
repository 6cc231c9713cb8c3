//! The shared certificate of local networks, from a server that is played here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cht_model::TLS_SECRET;
use futures::executor::block_on;
use http::HeaderMap;

use super::made::{Wish, authority, issued};
use super::scene::{change, county, deploys, pair_in, sandbox};
use crate::plan::{Plan, PlanError, plan_with};
use crate::sandbox::Sandbox;
use crate::tls::CertificateError;
use crate::{Cluster, Web, WebAnswer, WebError, WebRequest};

const HOST: &str = "10-0-0-1.local-ip.medicmobile.org";

/// A server that gives this pair, after it has failed for a while.
struct Server {
    pair: (String, String),
    failures: Mutex<VecDeque<Result<u16, WebError>>>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    fn new(pair: (String, String), failures: impl IntoIterator<Item = Result<u16, WebError>>) -> Arc<Self> {
        let failures = Mutex::new(failures.into_iter().collect());
        Arc::new(Self { pair, failures, asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("asked"))
    }
}

#[async_trait]
impl Web for Server {
    async fn get(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        self.asked.lock().expect("asked").push(request.url.clone());
        let status = self.failures.lock().expect("failures").pop_front().unwrap_or(Ok(200))?;
        let body = if request.url.ends_with("/key") { &self.pair.1 } else { &self.pair.0 };
        Ok(WebAnswer { status, headers: HeaderMap::new(), body: body.clone().into_bytes() })
    }
}

fn unresolved() -> Result<u16, WebError> {
    Err(WebError::NotResolved { url: "https://local-ip.medicmobile.org/fullchain".to_owned() })
}

fn pair(from: i64, until: i64) -> (String, String) {
    let hosts = ["*.local-ip.medicmobile.org"];
    issued(&authority("Root", None), &Wish { hosts: &hosts, from, until })
}

fn plan(sandbox: &Sandbox, server: &Arc<Server>) -> Result<Plan, PlanError> {
    let instance = county(&["cert_source=my-ip-co", &format!("ingress.host={HOST}")]);
    block_on(plan_with(sandbox, instance, Arc::clone(server) as Arc<dyn Web>))
}

#[test]
fn it_is_fetched_when_it_is_needed_and_not_before() {
    let sandbox = sandbox();
    let first = Server::new(pair(-40, 40), [Ok(503), unresolved()]);
    let before = sandbox.clock().now();
    let planned = plan(&sandbox, &first).expect("a plan");
    assert_eq!(first.asked().len(), 4, "two that failed, and the pair");
    assert_eq!(sandbox.clock().now().duration_since(before).as_secs(), 5, "pauses");
    deploys(&sandbox, planned);
    first.asked();
    assert!(plan(&sandbox, &first).expect("a plan").is_unchanged());
    assert_eq!(first.asked(), Vec::<String>::new());

    block_on(sandbox.clock().sleep(std::time::Duration::from_hours(24 * 15)));
    let due = plan(&sandbox, &first).expect("a plan");
    assert!(
        due.is_unchanged() && due.notes().iter().any(|note| note.contains("no newer one yet")),
        "{:?}",
        due.notes()
    );
    let second = Server::new(pair(-1, 89), []);
    let due = plan(&sandbox, &second).expect("a plan");
    assert_eq!(change(&due, TLS_SECRET), "change");
    deploys(&sandbox, due);
    assert_eq!(pair_in(&sandbox, TLS_SECRET).certificate, second.pair.0);
}

#[test]
fn without_the_internet_what_is_there_is_served_as_long_as_it_holds() {
    let sandbox = sandbox();
    deploys(&sandbox, plan(&sandbox, &Server::new(pair(-40, 40), [])).expect("a plan"));
    block_on(sandbox.clock().sleep(std::time::Duration::from_hours(24 * 15)));
    let offline = Server::new(pair(-1, 89), std::iter::repeat_with(unresolved).take(9));
    let kept = plan(&sandbox, &offline).expect("a plan");
    assert!(kept.is_unchanged());
    assert!(kept.notes().iter().any(|note| note.contains("could not be renewed")), "{:?}", kept.notes());
    assert_eq!(offline.asked().len(), 3);
    block_on(sandbox.clock().sleep(std::time::Duration::from_hours(24 * 30)));
    let expired = plan(&sandbox, &offline).expect_err("no plan");
    insta::assert_snapshot!(expired);
}

#[test]
fn what_is_fetched_is_looked_at_like_any_other() {
    let sandbox = sandbox();
    let mut swapped = pair(-10, 80);
    std::mem::swap(&mut swapped.0, &mut swapped.1);
    for given in [("<html>".to_owned(), "<html>".to_owned()), swapped, pair(-10, -1)] {
        let refused = plan(&sandbox, &Server::new(given, [])).expect_err("no plan");
        assert!(matches!(refused, PlanError::Certificate(CertificateError::Fetched(_))), "{refused:?}");
    }
}
