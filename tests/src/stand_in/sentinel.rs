//! Sentinel: waits for CouchDB and the API, then becomes Node.js and works in silence.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use super::couch::{AGAIN, Couch};
use super::environment::{port, variable};
use super::log::say;
use super::role::Role;
use crate::http::{self, StatusCode, header};

/// By which name Sentinel's image has Node.js, which is this program here, too.
pub(crate) const NODE: &str = "/bin/node";

const TIMEOUT: Duration = Duration::from_secs(2);

/// Works for ever.
pub(super) async fn live() -> io::Result<()> {
    if std::env::args().next().as_deref() == Some(NODE) {
        say("startup complete.");
        return std::future::pending().await;
    }
    let couch = Couch::of_environment()?;
    let api = format!("{}:{}", variable("API_HOST")?, port("API_PORT")?);
    say("waiting for CouchDB");
    couch.wait_until_it_answers().await;
    say("waiting for the API");
    while !is_ready(&api).await {
        tokio::time::sleep(AGAIN).await;
    }
    // Answers only when it fails.
    Err(Command::new(NODE).arg(Role::Sentinel.as_str()).exec())
}

async fn is_ready(api: &str) -> bool {
    let answer = http::get(api, "/api/info", (header::ACCEPT, "application/json"), TIMEOUT).await;
    matches!(answer, Ok((StatusCode::OK, _)))
}
