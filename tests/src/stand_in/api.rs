//! The API: waits for CouchDB, then indexes, then answers.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::net::TcpListener;

use super::control::Control;
use super::couch::Couch;
use super::environment::port;
use super::log::say;
use crate::http::{self, Request, Response, StatusCode, header};

/// Answers for ever, from when CouchDB does.
pub(super) async fn live(control: &Control, version: String) -> io::Result<()> {
    let (couch, port) = (Couch::of_environment()?, port("API_PORT")?);
    say("waiting for CouchDB");
    couch.wait_until_it_answers().await;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    say("indexing");
    let site = Arc::new(Site { version, indexed: AtomicBool::new(false) });
    let answering = Arc::clone(&site);
    let index = async {
        control.pass(|settings| settings.indexing).await;
        site.indexed.store(true, Ordering::Relaxed);
        say("api is ready");
        Ok(())
    };
    tokio::try_join!(http::serve(listener, move |request| std::future::ready(answering.answer(&request))), index)?;
    Ok(())
}

struct Site {
    version: String,
    indexed: AtomicBool,
}

impl Site {
    fn answer(&self, request: &Request) -> Response {
        if !self.indexed.load(Ordering::Relaxed) {
            return if wants_json(request) {
                http::json(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": "Service unavailable"}))
            } else {
                page("The instance is starting up")
            };
        }
        let ok = |body| http::json(StatusCode::OK, &body);
        match request.uri().path() {
            "/" | "/medic/login" => page("Sign in"),
            "/setup/poll" => ok(json!({"version": self.version, "handler": "medic-api"})),
            "/api/info" => ok(json!({"version": self.version})),
            "/api/v2/monitoring" => {
                ok(json!({"version": {"app": self.version}, "couchdb": {}, "sentinel": {"backlog": 0}}))
            }
            _ => http::json(StatusCode::NOT_FOUND, &json!({"code": 404, "error": "Not found"})),
        }
    }
}

fn wants_json(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

fn page(title: &str) -> Response {
    http::response(StatusCode::OK, "text/html", format!("<!doctype html><title>{title}</title>\n"))
}

#[cfg(test)]
mod tests {
    use hyper::body::Bytes;

    use super::*;

    fn ask(site: &Site, path: &str, accept: &str) -> StatusCode {
        let request = hyper::Request::get(path).header(header::ACCEPT, accept).body(Bytes::new());
        site.answer(&request.expect("a request")).status()
    }

    #[test]
    fn while_it_indexes_only_people_are_answered() {
        let site = Site { version: "5.3.0".to_owned(), indexed: AtomicBool::new(false) };
        for path in ["/", "/setup/poll", "/api/info"] {
            assert_eq!(ask(&site, path, "application/json"), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(ask(&site, path, "*/*"), StatusCode::OK, "{path}");
        }
        site.indexed.store(true, Ordering::Relaxed);
        for path in ["/", "/setup/poll", "/api/info", "/api/v2/monitoring"] {
            assert_eq!(ask(&site, path, "application/json"), StatusCode::OK, "{path}");
        }
        assert_eq!(ask(&site, "/api/none", "application/json"), StatusCode::NOT_FOUND);
    }
}
