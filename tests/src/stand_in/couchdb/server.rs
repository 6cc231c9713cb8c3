//! What a CouchDB node answers.

use serde_json::json;

use super::access::Access;
use super::cluster::Cluster;
use crate::http::{self, Method, Request, Response, StatusCode, header};
use crate::stand_in::control::Control;

/// A node that listens.
pub(super) struct Node {
    pub(super) access: Access,
    pub(super) cluster: Cluster,
    pub(super) uuid: String,
    pub(super) control: Control,
}

impl Node {
    pub(super) async fn answer(&self, request: &Request) -> Response {
        let path = request.uri().path();
        if (request.method(), path) == (&Method::POST, "/_session") {
            return self.log_in(request);
        }
        if !self.access.admits(request) {
            return error(StatusCode::UNAUTHORIZED, "unauthorized", "Authentication required.");
        }
        let ok = |body| http::json(StatusCode::OK, &body);
        match path {
            "/" => ok(json!({"couchdb": "Welcome", "version": "3.5.0", "uuid": self.uuid})),
            "/_up" if self.control.is(|settings| settings.maintenance) => {
                http::json(StatusCode::NOT_FOUND, &json!({"status": "maintenance_mode"}))
            }
            "/_up" => ok(json!({"status": "ok"})),
            "/_session" => ok(json!({"ok": true, "userCtx": {"name": self.access.user(), "roles": ["_admin"]}})),
            "/_membership" => match self.cluster.membership().await {
                Ok(nodes) => ok(json!({"all_nodes": nodes.all, "cluster_nodes": nodes.cluster})),
                Err(reason) => error(StatusCode::INTERNAL_SERVER_ERROR, "volume", &reason.to_string()),
            },
            _ => match path.trim_start_matches('/') {
                database if self.cluster.has_database(database).await => ok(json!({"db_name": database})),
                _ => error(StatusCode::NOT_FOUND, "not_found", "missing"),
            },
        }
    }

    fn log_in(&self, request: &Request) -> Response {
        let Some(cookie) = self.access.log_in(request) else {
            return error(StatusCode::UNAUTHORIZED, "unauthorized", "Name or password is incorrect.");
        };
        let mut response = http::json(StatusCode::OK, &json!({"ok": true, "name": self.access.user()}));
        let cookie = format!("{cookie}; Version=1; Path=/; HttpOnly");
        let cookie = cookie.parse().expect("a cookie of letters and digits is a header's value");
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
    }
}

fn error(status: StatusCode, error: &str, reason: &str) -> Response {
    http::json(status, &json!({"error": error, "reason": reason}))
}
