//! What the instance is called.

use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{NamespaceName, ProjectName};

pub(super) fn namespace(reader: &mut Reader) -> Read<NamespaceName> {
    reader.required_name("namespace")
}

/// The project's name; without one the instance is called like its namespace.
pub(super) fn project(reader: &mut Reader, namespace: Read<&NamespaceName>) -> Read<ProjectName> {
    match reader.name("project_name")? {
        Some(name) => Ok(name),
        None => Ok(namespace?.as_str().parse().expect("namespaces and projects follow the same rule")),
    }
}
