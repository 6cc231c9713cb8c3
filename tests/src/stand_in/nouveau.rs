//! Nouveau: takes connections, and requests of nobody who says what program he uses.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::log::say;
use crate::http::{self, StatusCode, header};

const PORT: u16 = 5987;

/// Answers for ever.
pub(super) async fn live() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    say("nouveau is ready");
    http::serve(listener, |request| {
        let named = request.headers().contains_key(header::USER_AGENT);
        let status = if named { StatusCode::FORBIDDEN } else { StatusCode::OK };
        std::future::ready(http::response(status, "text/plain", ""))
    })
    .await
}
