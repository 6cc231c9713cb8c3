//! Who may open connections to an instance's pods.

/// Who may open connections to an instance's pods (`network_policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkAccess {
    /// Whoever can reach them: there are no policies.
    Open,
    /// Those whom a pod works for, and nobody else.
    Restricted {
        /// Who may reach the API.
        api_from: ApiClients,
    },
}

/// Who may reach the API's pods (`network_policy.api_from`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiClients {
    /// `ingress`: the pods of the cluster's ingress controllers, besides those of the instance.
    IngressControllers,
    /// `any`: whoever can.
    Anyone,
}

impl ApiClients {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::IngressControllers, Self::Anyone];

    /// The name that values have for them.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IngressControllers => "ingress",
            Self::Anyone => "any",
        }
    }
}
