//! What is outside of the cluster, as this machine sees it: names and web servers.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use async_trait::async_trait;

use crate::web::{Internet, Web};

/// What is outside of the cluster, as this machine sees it.
#[derive(Clone)]
pub struct Outside {
    /// Registries.
    pub web: Arc<dyn Web>,
    /// Names of hosts.
    pub names: Arc<dyn Names>,
}

impl Default for Outside {
    /// The internet, as far as there is one.
    fn default() -> Self {
        Self { web: Arc::new(Internet::new()), names: Arc::new(SystemNames) }
    }
}

/// What names of hosts stand for.
#[async_trait]
pub trait Names: Send + Sync {
    /// The addresses of a host.
    ///
    /// # Errors
    ///
    /// Why there are none, in the resolver's words.
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String>;
}

/// What this machine's resolver says.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let host = host.to_owned();
        let resolve = move || (host.as_str(), 443).to_socket_addrs().map(|found| found.map(|one| one.ip()).collect());
        match tokio::task::spawn_blocking(resolve).await {
            Ok(found) => found.map_err(|error: std::io::Error| error.to_string()),
            Err(lost) => Err(lost.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machine_has_a_name() {
        let found = SystemNames.addresses("localhost").await.expect("addresses");
        assert!(found.iter().any(IpAddr::is_loopback), "{found:?}");
        assert!(SystemNames.addresses("no-such-host.invalid").await.is_err());
    }
}
