//! What is measured in a cluster, by those of its parts that not every cluster has.

use std::fmt;

/// Something that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// What the containers of a namespace use, by `metrics.k8s.io`.
    Pods {
        /// The namespace.
        namespace: String,
    },
    /// What nodes use, by `metrics.k8s.io`.
    Nodes,
    /// How full the volumes of a node are, by its kubelet.
    Volumes {
        /// The node.
        node: String,
    },
}

impl Measure {
    /// Where the API server serves it.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Pods { namespace } => format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"),
            Self::Nodes => "/apis/metrics.k8s.io/v1beta1/nodes".to_owned(),
            Self::Volumes { node } => format!("/api/v1/nodes/{node}/proxy/stats/summary"),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pods { namespace } => write!(f, "the use of pods in {namespace}"),
            Self::Nodes => f.write_str("the use of nodes"),
            Self::Volumes { node } => write!(f, "the use of volumes on node {node}"),
        }
    }
}
