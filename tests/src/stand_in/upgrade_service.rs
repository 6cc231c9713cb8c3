//! The upgrade service of 4.x: is there.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::environment::{port, variable};
use super::log::say;
use crate::http::{self, StatusCode};

/// Answers for ever.
pub(super) async fn live() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port("UPGRADE_SERVICE_PORT")?)).await?;
    say(format_args!("upgrade service of {} in {}", variable("CHT_DEPLOYMENT_NAME")?, variable("CHT_NAMESPACE")?));
    http::serve(listener, |request| {
        let status = if request.uri().path() == "/" { StatusCode::OK } else { StatusCode::NOT_FOUND };
        std::future::ready(http::response(status, "text/plain", ""))
    })
    .await
}
