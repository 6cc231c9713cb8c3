//! Answers requests: as the API server does, unless a rule says otherwise.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use kube::Client;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::answer::{answer, expired};
use super::connection::{Connection, End};
use super::fault::{Fault, When};
use super::forward::forward;
use super::record::Seen;
use super::rule::Rules;
use super::stream::{Body, BoxError, delayed, half, twice};
use super::target::{Class, Target};

/// What all connections of a proxy share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) rules: Mutex<Rules>,
    pub(super) seen: watch::Sender<Vec<Seen>>,
}

impl Shared {
    /// Writes a request down, and answers with its place in the record and with what is made of it.
    fn admit(&self, head: &Parts, target: &Target, body: &Bytes) -> (usize, Option<(Fault, When)>) {
        let fault = self.rules.lock().unwrap_or_else(PoisonError::into_inner).next(target);
        let mut seen = Seen {
            number: 0,
            method: head.method.to_string(),
            path: head.uri.to_string(),
            target: target.clone(),
            body: if target.is_secret() { String::new() } else { String::from_utf8_lossy(body).into_owned() },
            went_wrong: fault.is_some(),
            arrived: Instant::now(),
            answered: None,
            status: None,
        };
        let mut index = 0;
        self.seen.send_modify(|all| {
            index = all.len();
            seen.number = index + 1;
            all.push(seen);
        });
        (index, fault)
    }

    fn answered(&self, index: usize, status: u16) {
        self.seen.send_modify(|all| {
            if let Some(seen) = all.get_mut(index) {
                seen.answered = Some(Instant::now());
                seen.status = Some(status);
            }
        });
    }
}

/// Serves one connection of a program until either side ends it.
pub(super) async fn serve(stream: TcpStream, server: Client, shared: Arc<Shared>) {
    // Small answers shall not wait for each other. Where that cannot be had they do.
    let _ = stream.set_nodelay(true);
    let (connection, end) = Connection::new(stream);
    let handle = service_fn(|request| handle(request, &server, &shared, &end));
    // How it ends is the program's matter, or the rule's.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), handle).await;
}

async fn handle(
    request: Request<Incoming>,
    server: &Client,
    shared: &Shared,
    end: &End,
) -> Result<Response<Body>, BoxError> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let target = Target::of(&head.method, &head.uri, &head.headers);
    let (index, fault) = shared.admit(&head, &target, &body);
    let response = answer_with(fault, &head, body, &target, server, end).await?;
    shared.answered(index, response.status().as_u16());
    Ok(response)
}

/// The answer to a request, or the end of its connection.
async fn answer_with(
    fault: Option<(Fault, When)>,
    head: &Parts,
    body: Bytes,
    target: &Target,
    server: &Client,
    end: &End,
) -> Result<Response<Body>, BoxError> {
    let sent = body.clone();
    let forward = forward(server, head, body);
    let Some((fault, when)) = fault else { return forward.await };
    match fault {
        Fault::Expired => Ok(expired()),
        Fault::Half => Ok(forward.await?.map(|body| half(body, target.class == Class::Watch))),
        Fault::Duplicate => Ok(forward.await?.map(twice)),
        Fault::Delay(delay) => Ok(forward.await?.map(|body| delayed(body, delay))),
        Fault::Latency(latency) => {
            tokio::time::sleep(latency).await;
            forward.await
        }
        Fault::Hold(gate) => {
            if when == When::Before {
                gate.pass().await;
                return forward.await;
            }
            let response = forward.await;
            gate.pass().await;
            response
        }
        Fault::Answer { status, retry_after, echo } => {
            if when == When::After {
                forward.await?;
            }
            let sent = echo.then(|| format!("{} {}", head.uri, String::from_utf8_lossy(&sent)));
            Ok(answer(status, retry_after, sent.as_deref()))
        }
        Fault::Reset => {
            if when == When::After {
                forward.await?;
            }
            end.reset();
            Err("reset by a rule".into())
        }
        Fault::Kill(victim) => {
            if when == When::After {
                forward.await?;
            }
            victim.kill().await;
            Err("its program was killed by a rule".into())
        }
    }
}
