//! What a run is for.

use cht_model::Instance;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Actor;

/// A run has begun: its instance and its cluster are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// What it is for: `deploy`, `restart`, `uninstall`, `watch`. Open: later versions may add some.
    #[schemars(regex(pattern = "^[a-z]+(-[a-z]+)*$"))]
    pub action: String,
    /// Which instance.
    pub project: String,
    /// The instance's namespace.
    pub namespace: String,
    /// The CHT version that the values name.
    pub version: String,
    /// Which cluster: its address, or the sandbox's file.
    pub cluster: String,
    /// Who runs it.
    pub actor: Actor,
    /// The version of this project that runs it.
    pub tool: String,
}

impl RunStarted {
    /// A run of an instance on a cluster.
    pub fn new(action: &str, instance: &Instance, cluster: &str, actor: Actor) -> Self {
        Self {
            action: action.to_owned(),
            project: instance.project().to_string(),
            namespace: instance.namespace().to_string(),
            version: instance.version().to_string(),
            cluster: cluster.to_owned(),
            actor,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
