//! Leads connections of this machine to a component, through the API server.

use std::sync::Arc;

use cht_manifests::{Component, Kind, ObjectKey};
use futures::StreamExt;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use k8s_openapi::api::core::v1::Pod;
use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::retry::reaching;
use crate::{Cluster, ClusterError, Stop};

/// The label by which CHT's pods and Services find each other.
const SERVICE_LABEL: &str = "cht.service";

/// A connection to a port of a pod, for whatever is spoken there.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A component that connections can be led to.
#[derive(Clone)]
pub struct Forward {
    cluster: Arc<dyn Cluster>,
    namespace: String,
    component: Component,
    port: u16,
}

/// Why there is nothing to lead connections to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// The cluster does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The component is not deployed.
    #[error("there is no {service} in namespace {namespace}")]
    NotThere {
        /// The component's Service.
        service: ObjectKey,
        /// Where it was looked for.
        namespace: String,
    },
    /// No pod of the component takes connections.
    #[error("no pod of {component} is ready in namespace {namespace}")]
    NotReady {
        /// The component.
        component: Component,
        /// Its namespace.
        namespace: String,
    },
}

impl Forward {
    /// Leads to a component of the instance in a namespace, at the port that its pods listen at.
    ///
    /// # Errors
    ///
    /// When the component is not there or not ready, or the cluster does not say.
    pub async fn to(cluster: Arc<dyn Cluster>, namespace: &str, component: Component) -> Result<Self, ForwardError> {
        let service = ObjectKey::new(Kind::Service, namespace, &component.to_string());
        let live = reaching(&*cluster.clock(), || cluster.get(&service)).await?;
        let namespace = namespace.to_owned();
        let Some(live) = live else { return Err(ForwardError::NotThere { service, namespace }) };
        let number = |field: &str| live.value().pointer(&format!("/spec/ports/0/{field}"))?.as_u64();
        let port = number("targetPort").or_else(|| number("port")).and_then(|port| port.try_into().ok());
        let malformed = || ClusterError::Malformed { reason: format!("{service} has no port") };
        let forward = Self { cluster, namespace, component, port: port.ok_or_else(malformed)? };
        forward.pod().await?;
        Ok(forward)
    }

    /// Takes connections, and leads each to a pod that is ready then, until told to stop. `lost` hears of each that fails.
    ///
    /// # Errors
    ///
    /// When this machine takes no connections any more.
    pub async fn serve(&self, listener: TcpListener, stop: &Stop, lost: impl Fn(&ForwardError)) -> std::io::Result<()> {
        let mut connections = FuturesUnordered::new();
        loop {
            let next = async {
                if connections.is_empty() {
                    return Either::Left(listener.accept().await);
                }
                match select(Box::pin(listener.accept()), connections.next()).await {
                    Either::Left((accepted, _)) => Either::Left(accepted),
                    Either::Right((ended, _)) => Either::Right(ended),
                }
            };
            match stop.or(next).await {
                None => return Ok(()),
                Some(Either::Left(accepted)) => {
                    let (stream, _) = accepted?;
                    connections.push(self.lead(stream));
                }
                Some(Either::Right(Some(Err(error)))) => lost(&error),
                Some(Either::Right(_)) => {}
            }
        }
    }

    /// Leads one connection to a pod, until either side has closed it.
    async fn lead(&self, mut here: TcpStream) -> Result<(), ForwardError> {
        let pod = self.pod().await?;
        let mut there = self.cluster.connect(&pod, self.port).await?;
        // Browsers and servers break connections off all the time.
        let _ = copy_bidirectional(&mut here, &mut there).await;
        Ok(())
    }

    /// A pod that is ready, and there to stay.
    async fn pod(&self) -> Result<ObjectKey, ForwardError> {
        let clock = self.cluster.clock();
        let pods = reaching(&*clock, || self.cluster.list(Kind::Pod, Some(&self.namespace))).await?;
        let label = self.component.to_string();
        let is_ready = |pod: &Pod| {
            let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
            conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
        };
        let mut pods =
            pods.items.iter().filter(|pod| pod.label(SERVICE_LABEL) == Some(&label) && !pod.is_terminating());
        let ready = pods.find(|pod| pod.decode::<Pod>().is_ok_and(|pod| is_ready(&pod)));
        let not_ready = || ForwardError::NotReady { component: self.component, namespace: self.namespace.clone() };
        ready.map(crate::LiveObject::key).ok_or_else(not_ready)
    }
}

#[cfg(test)]
mod tests;
