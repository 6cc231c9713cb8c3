//! Waits until a cluster that was just made has what an instance needs of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cht_k8s::{Cluster, ClusterError, LiveObject};
use cht_manifests::{Kind, Object, ObjectKey, manifests};
use cht_model::Instance;

use crate::cli::RunFormat;
use crate::exit::Exit;
use crate::report;
use crate::report::text::time;

/// How long to wait before looking again: k3s unpacks its own parts within half a minute.
const PAUSE: Duration = Duration::from_secs(1);

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// Why a cluster is not ready.
#[derive(Debug)]
pub(super) enum NotReady {
    /// It has not become so in time.
    Lacking { lacking: Vec<String>, after: Duration },
    /// It refuses to be asked.
    Refused(ClusterError),
}

impl NotReady {
    /// Reports it.
    pub(super) fn report(&self, output: RunFormat) -> Exit {
        match self {
            Self::Lacking { lacking, after } => {
                let message = format!("the cluster is not ready after {}: {}", time(*after), lacking.join("; "));
                let hint =
                    "run the same command again to go on waiting, with a longer --cluster-timeout on a slow link";
                report::failure(output, Exit::TimedOut, &message, Some(hint))
            }
            Self::Refused(error) => report::failure(output, Exit::from(error), &error.to_string(), None),
        }
    }
}

/// Waits until a cluster has what an instance needs.
pub(super) async fn wait(
    cluster: &dyn Cluster,
    instance: &Instance,
    has_traefik: bool,
    timeout: Duration,
) -> Result<(), NotReady> {
    let needs = Needs::of(instance, has_traefik);
    let begun = Instant::now();
    loop {
        let lacking = match needs.lacking(cluster).await {
            Ok(lacking) if lacking.is_empty() => return Ok(()),
            Ok(lacking) => lacking,
            Err(error @ (ClusterError::Unreachable { .. } | ClusterError::Unavailable { .. })) => {
                vec![error.to_string()]
            }
            Err(error) => return Err(NotReady::Refused(error)),
        };
        if begun.elapsed() + PAUSE > timeout {
            return Err(NotReady::Lacking { lacking, after: begun.elapsed() });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What an instance needs of a cluster of k3s.
struct Needs {
    /// The classes of its claims; none for the default one. Where it brings volumes of its own, the class need not be there.
    classes: BTreeSet<Option<String>>,
    traefik: bool,
}

impl Needs {
    fn of(instance: &Instance, has_traefik: bool) -> Self {
        let manifests = manifests(instance);
        let objects = || manifests.iter().map(|manifest| &manifest.object);
        let own: BTreeSet<_> = objects()
            .filter_map(|object| match object {
                Object::PersistentVolume(volume) => volume.spec.as_ref()?.storage_class_name.clone(),
                _ => None,
            })
            .collect();
        let classes = objects().filter_map(|object| match object {
            Object::PersistentVolumeClaim(claim) => Some(claim.spec.as_ref()?.storage_class_name.clone()),
            _ => None,
        });
        let classes = classes.filter(|class| class.as_ref().is_none_or(|class| !own.contains(class))).collect();
        let traefik = has_traefik && objects().any(|object| matches!(object, Object::Ingress(_)));
        Self { classes, traefik }
    }

    /// What a cluster lacks.
    async fn lacking(&self, cluster: &dyn Cluster) -> Result<Vec<String>, ClusterError> {
        let mut lacking = Vec::new();
        let nodes = cluster.list(Kind::Node, None).await?.items;
        if !nodes.iter().any(|node| has_condition(node, "Ready")) {
            lacking.push("no node is ready".to_owned());
        }
        if !self.classes.is_empty() {
            let there = cluster.list(Kind::StorageClass, None).await?.items;
            for class in &self.classes {
                match class {
                    Some(name) if there.iter().all(|class| class.name() != name) => {
                        lacking.push(format!("the StorageClass {name} is not there"));
                    }
                    None if !there.iter().any(is_default) => {
                        lacking.push("there is no default StorageClass".to_owned());
                    }
                    _ => {}
                }
            }
        }
        if self.traefik {
            let traefik = cluster.get(&ObjectKey::new(Kind::Deployment, "kube-system", "traefik")).await?;
            if !traefik.is_some_and(|traefik| has_condition(&traefik, "Available")) {
                lacking.push("Traefik does not serve yet".to_owned());
            }
        }
        Ok(lacking)
    }
}

fn is_default(class: &LiveObject) -> bool {
    class.value()["metadata"]["annotations"][DEFAULT_CLASS] == "true"
}

fn has_condition(object: &LiveObject, kind: &str) -> bool {
    let conditions = object.value()["status"]["conditions"].as_array();
    conditions.is_some_and(|all| all.iter().any(|one| one["type"] == kind && one["status"] == "True"))
}

#[cfg(test)]
mod tests {
    use cht_k8s::sandbox::Sandbox;
    use cht_model::{Layer, Values};

    use super::*;

    fn needs(more: &str, has_traefik: bool) -> Needs {
        let text = format!("namespace: clinic\nchtversion: 5.3.0\ncluster_type: k3s-k3d\nenvironment: local\n{more}");
        let values = Values::load(&[Layer::new("values.yaml", text)]).expect("values");
        Needs::of(&values.validate().expect("an instance").value, has_traefik)
    }

    const CLASS: &str = "couchdb: {couchdb_node_storage_size: 1Gi, storage_class: fast}\n";

    #[tokio::test]
    async fn what_the_instance_needs_is_named() {
        let sandbox = Sandbox::new();
        let usual = needs("couchdb: {couchdb_node_storage_size: 1Gi}\n", false);
        assert_eq!(usual.lacking(&sandbox).await.expect("an answer"), Vec::<String>::new());
        let lacking = needs(CLASS, true).lacking(&sandbox).await.expect("an answer");
        assert_eq!(lacking, ["the StorageClass fast is not there", "Traefik does not serve yet"]);
        let lacking = usual.lacking(&Sandbox::new().with_nodes([])).await.expect("an answer");
        assert_eq!(lacking, ["no node is ready"]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_what_is_lacking() {
        let text = format!("namespace: clinic\nchtversion: 5.3.0\ncluster_type: k3s-k3d\nenvironment: local\n{CLASS}");
        let values = Values::load(&[Layer::new("values.yaml", text)]).expect("values");
        let instance = values.validate().expect("an instance").value;
        let ended = wait(&Sandbox::new(), &instance, false, Duration::ZERO).await.expect_err("it lacks a class");
        assert!(matches!(ended, NotReady::Lacking { ref lacking, .. } if lacking.len() == 1), "{ended:?}");
    }
}
