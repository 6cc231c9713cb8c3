//! The health check: tells HAProxy whether a CouchDB node is up.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::couch::Couch;
use super::environment::{list, variable};
use super::log::say;

const PORT: u16 = 5555;

/// Answers for ever.
pub(super) async fn live() -> io::Result<()> {
    let (user, password) = (variable("COUCHDB_USER")?, variable("COUCHDB_PASSWORD")?);
    let nodes: Vec<_> =
        list("COUCHDB_SERVERS").into_iter().map(|host| (Couch::node(&host, &user, &password), host)).collect();
    let nodes = Arc::new(nodes);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    say("healthcheck is ready");
    loop {
        let (client, _) = listener.accept().await?;
        let nodes = Arc::clone(&nodes);
        tokio::spawn(async move { drop(answer(client, &nodes).await) });
    }
}

/// HAProxy sends the name of the node that it asks about, and a line's end.
async fn answer(client: TcpStream, nodes: &[(Couch, String)]) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let mut asked = String::new();
    client.read_line(&mut asked).await?;
    let node = nodes.iter().find(|(_, host)| host.split('.').next() == asked.trim().split('.').next());
    let up = match node {
        Some((couch, _)) => couch.answers("/_up").await,
        None => false,
    };
    client.get_mut().write_all(if up { b"up\n" } else { b"down\n" }).await
}
