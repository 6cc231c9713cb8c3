//! What a node for tests has outside itself, on the machine that runs it: the way to the API server, the names of
//! Services, and a registry of images.
//!
//! The node's network leads to one address of the machine and nowhere else. There, at the API server's own port, a
//! forwarder leads to the API server, which listens on loopback only; and the registry answers for every registry that
//! an image's name may name, with [stand-ins](crate::stand_in) made on the spot. The names go into a folder that the
//! node's DNS server follows.

mod arguments;
mod catalog;
mod forward;
mod layer;
mod names;
mod registry;

use std::net::SocketAddr;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::net::TcpListener;

pub use arguments::{Arguments, USAGE};

use self::registry::Registry;

/// The port of the registry.
const REGISTRY_PORT: u16 = 5000;

/// Serves a node until something fails.
///
/// # Errors
/// With what failed.
pub async fn serve(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let document = Kubeconfig::read_from(&arguments.kubeconfig)?;
    let config = Config::from_custom_kubeconfig(document, &KubeConfigOptions::default()).await?;
    let port = config.cluster_url.port_u16().ok_or("the kubeconfig's server has no port")?;
    let client = Client::try_from(config)?;
    let listen = async |port| TcpListener::bind(SocketAddr::new(arguments.address, port)).await;
    let (api, images) = (listen(port).await?, listen(REGISTRY_PORT).await?);
    let (stand_in, busybox) = (arguments.stand_in.clone(), arguments.busybox.clone());
    // Until the layer is made, whoever wants an image waits for the answer.
    let layer = tokio::task::spawn_blocking(move || layer::of(&stand_in, &busybox).map(Registry::new));
    tokio::try_join!(
        async { forward::forward(api, SocketAddr::from(([127, 0, 0, 1], port))).await.map_err(Into::into) },
        async { layer.await??.serve(images).await.map_err(Into::into) },
        names::follow(client, &arguments.names),
    )?;
    Ok(())
}
