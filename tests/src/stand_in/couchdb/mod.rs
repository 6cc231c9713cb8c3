//! CouchDB: one node of it.

mod access;
mod cluster;
mod server;
mod volume;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use self::access::Access;
use self::cluster::Cluster;
use self::server::Node;
use self::volume::Volume;
use super::control::Control;
use super::couch::PORT;
use super::environment::variable;
use super::log::say;
use crate::http;

/// The volume as the pod has it.
fn volume() -> io::Result<Volume> {
    Volume::open(Path::new("/opt/couchdb/data"), Path::new("/opt/couchdb/etc/local.d"))
}

/// Closes the files in order.
pub(super) fn close() -> io::Result<()> {
    volume()?.close()
}

/// Answers for ever, from when node 1 does.
pub(super) async fn live(control: &Control) -> io::Result<()> {
    let volume = volume()?;
    control.born(volume.born()?);
    control.was_closed(volume.reopen()?);
    let (user, password) = (variable("COUCHDB_USER")?, variable("COUCHDB_PASSWORD")?);
    let cluster = Cluster::of_environment(volume.clone(), &user, &password)?;
    // What it was first started with is what it knows, whatever it is told later. The other nodes are told by node 1.
    let (user, password) =
        if cluster.keeps_credentials() { volume.credentials(&user, &password)? } else { (user, password) };
    cluster.wait_for_first().await;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
    say("couchdb is ready");
    let access = Access::new(user, &password, &variable("COUCHDB_SECRET")?);
    let node = Arc::new(Node { access, cluster, uuid: variable("COUCHDB_UUID")?, control: control.clone() });
    let answering = Arc::clone(&node);
    let serve = http::serve(listener, move |request| {
        let node = Arc::clone(&answering);
        async move { node.answer(&request).await }
    });
    tokio::try_join!(serve, node.cluster.join(control))?;
    Ok(())
}
