//! The API serves when it has migrated and indexed. Before that it answers people with a page, and programs with 503.

use std::time::Duration;

use cht_manifests::Component;
use serde_json::Value;

use super::super::problem::ProblemCode;
use super::answers::Hurdle;
use super::asking::{Asked, Caller};

/// How long the API may take to listen, once it runs: it does so only when it has reached CouchDB.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks whether the API is set up.
pub(super) async fn serves(caller: &Caller<'_>) -> Asked {
    let response = match caller.get(Component::Api, "/setup/poll", None).await {
        Ok(response) => response,
        Err(Asked::TurnedAway { hurdle, why }) => {
            return Asked::TurnedAway { hurdle: hurdle.hint(ProblemCode::ApiNotListening, PATIENCE), why };
        }
        Err(asked) => return asked,
    };
    match response.status {
        200 => Asked::Yes,
        503 => {
            let hurdle = Hurdle::new("CHT migrates and indexes: the API answers that it is not ready yet");
            Asked::NotYet(hurdle.hint(ProblemCode::Indexing, Duration::ZERO))
        }
        status => Asked::NotYet(Hurdle::new(format!("the API answers /setup/poll with status {status}"))),
    }
}

/// What the API says of its version, where that is not the one of the values.
pub(super) async fn other_version(caller: &Caller<'_>, wanted: &str) -> Option<String> {
    let info = caller.get(Component::Api, "/api/info", None).await.ok()?.json()?;
    let found = info.get("version").and_then(Value::as_str)?;
    (found != wanted).then(|| format!("the API says that it is CHT {found}, and the values say {wanted}"))
}
