//! HAProxy serves when it passes requests on to CouchDB.

use std::time::Duration;

use cht_manifests::Component;

use super::super::problem::ProblemCode;
use super::answers::Hurdle;
use super::asking::{Asked, Caller};

/// How long HAProxy may take to find CouchDB, once it runs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks for anything: that CouchDB behind it refuses whoever has not logged in is an answer, too.
pub(super) async fn serves(caller: &Caller<'_>) -> Asked {
    match caller.get(Component::HaProxy, "/", None).await {
        Ok(response) if response.status == 503 => {
            let hurdle = Hurdle::new("it runs, and finds no CouchDB to pass requests to");
            Asked::NotYet(hurdle.hint(ProblemCode::NoBackend, PATIENCE))
        }
        Ok(_) => Asked::Yes,
        Err(asked) => asked,
    }
}
