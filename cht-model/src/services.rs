//! Settings of the services around CouchDB.

use std::num::NonZeroU16;

/// A TCP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port(NonZeroU16);

impl Port {
    /// The port, or nothing for 0.
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

/// Settings of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// `api.port`: what the API listens on, its Service offers and Sentinel dials.
    pub port: Port,
    /// `api.service.type`.
    pub service_type: ServiceType,
    /// `upstream_servers.builds_url`: where the API looks for releases.
    pub builds_url: String,
    /// `api.node_env` and `api.log_level`; 5.x only.
    pub logging: Option<Logging>,
}

/// Settings of Sentinel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentinel {
    /// `sentinel.node_env` and `sentinel.log_level`; 5.x only.
    pub logging: Option<Logging>,
}

/// What a Node.js service of 5.x logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// `NODE_ENV`, e.g. `production`.
    pub node_env: String,
    /// `LOG_LEVEL`, e.g. `info`.
    pub log_level: String,
}

/// How a Service is offered (`api.service.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceType {
    /// Inside the cluster only.
    ClusterIp,
    /// On a port of every node.
    NodePort,
    /// Through a load balancer of the platform.
    LoadBalancer,
}

impl ServiceType {
    /// The name that Kubernetes has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClusterIp => "ClusterIP",
            Self::NodePort => "NodePort",
            Self::LoadBalancer => "LoadBalancer",
        }
    }
}
