//! What was measured, where anyone measures it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::amount::Amount;
use crate::{Cluster, ClusterError, Measure};

/// Something that may not be measured, and then why.
pub(super) type Measured<T> = Result<T, String>;

/// What each pod of a namespace uses.
pub(super) async fn pods(cluster: &dyn Cluster, namespace: &str) -> Measured<BTreeMap<String, Amount>> {
    let answer = cluster.measure(&Measure::Pods { namespace: namespace.to_owned() }).await;
    let list = list(answer, "metrics-server is not there")?;
    Ok(list.iter().filter_map(|pod| Some((name(pod)?, containers(pod).map(usage).sum()))).collect())
}

/// What each node uses.
pub(super) async fn nodes(cluster: &dyn Cluster) -> Measured<BTreeMap<String, Amount>> {
    let list = list(cluster.measure(&Measure::Nodes).await, "metrics-server is not there")?;
    Ok(list.iter().filter_map(|node| Some((name(node)?, usage(node)))).collect())
}

/// How many bytes of each claim's volume are used, by claim and namespace, as the kubelet of one node tells.
pub(super) async fn volumes(cluster: &dyn Cluster, node: &str) -> Measured<BTreeMap<(String, String), u64>> {
    let answer = cluster.measure(&Measure::Volumes { node: node.to_owned() }).await;
    let summary = given(answer, "its kubelet does not tell")?;
    let pods = summary.get("pods").and_then(Value::as_array).into_iter().flatten();
    let volumes = pods.flat_map(|pod| pod.get("volume").and_then(Value::as_array).into_iter().flatten());
    let used = volumes.filter_map(|volume| {
        let of = |part: &str| Some(volume.pointer(&format!("/pvcRef/{part}"))?.as_str()?.to_owned());
        Some(((of("namespace")?, of("name")?), volume.get("usedBytes")?.as_u64()?))
    });
    Ok(used.collect())
}

fn list(answer: Result<Option<Value>, ClusterError>, absent: &str) -> Measured<Vec<Value>> {
    match given(answer, absent)?.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => Ok(items),
        _ => Ok(Vec::new()),
    }
}

fn given(answer: Result<Option<Value>, ClusterError>, absent: &str) -> Measured<Value> {
    match answer {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(absent.to_owned()),
        Err(ClusterError::Forbidden { .. }) => Err("this user may not see it".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn name(object: &Value) -> Option<String> {
    Some(object.pointer("/metadata/name")?.as_str()?.to_owned())
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    pod.get("containers").and_then(Value::as_array).into_iter().flatten()
}

fn usage(object: &Value) -> Amount {
    let of = |part: &str| object.pointer(&format!("/usage/{part}")).and_then(Value::as_str).unwrap_or_default();
    Amount::read(of("cpu"), of("memory"))
}
