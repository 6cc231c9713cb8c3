//! Sentinel: waits for CouchDB and the API, then works in silence.

use std::io;
use std::time::Duration;

use super::couch::{AGAIN, Couch};
use super::environment::{port, variable};
use super::log::say;
use crate::http::{self, StatusCode, header};

const TIMEOUT: Duration = Duration::from_secs(2);

/// Works for ever.
pub(super) async fn live() -> io::Result<()> {
    let couch = Couch::of_environment()?;
    let api = format!("{}:{}", variable("API_HOST")?, port("API_PORT")?);
    say("waiting for CouchDB");
    couch.wait_until_it_answers().await;
    say("waiting for the API");
    while !is_ready(&api).await {
        tokio::time::sleep(AGAIN).await;
    }
    say("startup complete.");
    std::future::pending().await
}

async fn is_ready(api: &str) -> bool {
    let answer = http::get(api, "/api/info", (header::ACCEPT, "application/json"), TIMEOUT).await;
    matches!(answer, Ok((StatusCode::OK, _)))
}
