//! Hands connections on.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

/// Hands every connection on to `target`, until the listener fails.
pub(super) async fn forward(listener: TcpListener, target: SocketAddr) -> io::Result<()> {
    loop {
        let (mut client, _) = listener.accept().await?;
        // What ends on either side ends that connection only.
        tokio::spawn(async move {
            let mut server = TcpStream::connect(target).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}
