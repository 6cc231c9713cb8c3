//! CouchDB: one node or a cluster, each node with its volume and place.

use super::release::Line;
use super::storage::{self, Setting};
use super::{credentials, services, tolerations};
use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{CouchDb, NamespaceName, Node, NodeName, Nodes, PlatformKind, SubPath, Topology};

const CLUSTERED_V4: &str = "couchdb.clusteredCouch_enabled";
const CLUSTERED_V5: &str = "couchdb.clusteredCouchEnabled";

pub(super) fn read(
    reader: &mut Reader,
    line: Line,
    kind: Read<PlatformKind>,
    namespace: Read<&NamespaceName>,
) -> Read<CouchDb> {
    let cluster = cluster(reader);
    let credentials_secret = credentials::secret(reader);
    let credentials = credentials::read(reader, cluster.is_ok_and(|count| count.is_some()));
    let database = reader.name_or("couchdb.db_name", "medic");
    let tolerations = tolerations::read(reader);
    let haproxy_port = services::port(reader, "haproxy.port", 5984);
    let topology = kind.and_then(|kind| topology(reader, &Setting { line, kind, namespace, cluster: cluster? }));
    Ok(CouchDb {
        credentials: credentials?,
        credentials_secret: credentials_secret?,
        database: database?,
        topology: topology?,
        tolerations: tolerations?,
        haproxy_port: haproxy_port?,
    })
}

/// How many nodes the cluster has; none for a single node without a cluster.
fn cluster(reader: &mut Reader) -> Read<Option<usize>> {
    let by_v4 = reader.boolean(CLUSTERED_V4);
    let by_v5 = reader.boolean(CLUSTERED_V5);
    let clustered = match (by_v4?, by_v5?) {
        (Some(v4), Some(v5)) if v4 != v5 => {
            let finding = reader.finding(CLUSTERED_V5, Code::Conflict, format!("is {v5}, but {CLUSTERED_V4} is {v4}"));
            return Err(reader.report.error(finding.hint("keep one of the two")));
        }
        (v4, v5) => v4.or(v5).unwrap_or(false),
    };
    if !clustered {
        return Ok(None);
    }
    Ok(Some(reader.number::<u8>("clusteredCouch.noOfCouchDBNodes")?.map_or(3, usize::from)))
}

fn topology(reader: &mut Reader, setting: &Setting) -> Read<Topology> {
    let Some(count) = setting.cluster else { return Ok(Topology::Single(node(reader, setting, 1)?)) };
    let nodes: Vec<_> = (1..=count).map(|number| node(reader, setting, number)).collect();
    let nodes = nodes.into_iter().collect::<Read<Vec<_>>>()?;
    Ok(Topology::Clustered(Nodes::new(nodes).expect("a cluster's count starts at 1")))
}

fn node(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Node> {
    let volume = storage::volume(reader, setting, number);
    let data_path = data_path(reader, number);
    let placement = placement(reader, setting, number);
    Ok(Node { volume: volume?, data_path: data_path?, placement: placement? })
}

/// Where on the volume the data lies. `%d` stands for the node's number; an empty text is the volume itself.
fn data_path(reader: &mut Reader, number: usize) -> Read<SubPath> {
    let Some(text) = reader.text("couchdb_data.dataPathOnDiskForCouchDB")? else {
        return Ok("data".parse().expect("the default follows the rule of its type"));
    };
    let path = text.as_str().replace("%d", &number.to_string());
    path.parse().map_err(|_| reader.invalid(&text, "a path on the volume: relative, without '..'"))
}

/// The Kubernetes node of a cluster's node, or of a single one that keeps its data in a folder of that node.
fn placement(reader: &mut Reader, setting: &Setting, number: usize) -> Read<Option<NodeName>> {
    let path = format!("nodes.node-{number}");
    let Some(count) = setting.cluster else {
        let is_in_a_folder = (setting.line, setting.kind) == (Line::V4, PlatformKind::K3s);
        return if is_in_a_folder { reader.name(&path) } else { Ok(None) };
    };
    let name = reader.name(&path)?;
    // An empty name leaves one node where it likes; names for some nodes and nothing for others is an oversight.
    let others_named = (1..=count).any(|number| reader.has(&format!("nodes.node-{number}")));
    if name.is_none() && others_named && !reader.is_blank(&path) {
        return Err(reader.missing(&path, Some(&storage::one_each(count))));
    }
    Ok(name)
}
