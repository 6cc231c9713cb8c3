//! HAProxy: hands connections on to the CouchDB nodes.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::couch::PORT;
use super::environment::{list, port};
use super::log::say;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const NO_SERVER: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: 61\r\n\
    connection: close\r\n\r\n<html><body><h1>503 Service Unavailable</h1></body></html>\r\n\r\n";

/// Proxies for ever.
pub(super) async fn live() -> io::Result<()> {
    let servers = list("COUCHDB_SERVERS");
    if servers.is_empty() {
        return Err(io::Error::other("COUCHDB_SERVERS names no server"));
    }
    for server in &servers {
        if let Err(error) = tokio::net::lookup_host((&**server, PORT)).await {
            return Err(io::Error::other(format!("could not resolve address '{server}': {error}")));
        }
    }
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port("HAPROXY_PORT")?)).await?;
    say("haproxy is ready");
    let (servers, next) = (Arc::new(servers), AtomicUsize::new(0));
    loop {
        let (client, _) = listener.accept().await?;
        let (servers, first) = (Arc::clone(&servers), next.fetch_add(1, Ordering::Relaxed));
        // A client or a server that goes away ends its own connection only.
        tokio::spawn(async move { drop(proxy(client, &servers, first).await) });
    }
}

/// Hands one connection to the first server that takes it, beginning with another one each time.
async fn proxy(mut client: TcpStream, servers: &[String], first: usize) -> io::Result<()> {
    for offset in 0..servers.len() {
        let server = &servers[(first + offset) % servers.len()];
        let connecting = TcpStream::connect((&**server, PORT));
        if let Ok(Ok(mut server)) = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            tokio::io::copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }
    }
    say("<NOSRV> no server is available");
    // Closing with the request unread would take the answer back.
    match client.read(&mut [0; 4096]).await? {
        0 => Ok(()),
        _ => client.write_all(NO_SERVER.as_bytes()).await,
    }
}
