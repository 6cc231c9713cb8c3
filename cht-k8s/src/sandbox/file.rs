//! The state file: one JSON document, written whole, never in place.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use cht_manifests::Kind;
use k8s_openapi::jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SandboxError;
use super::agenda::{Action, Agenda};
use super::faults::Faults;
use super::nodes::{self, SandboxNode};
use super::store::{Store, key_of};
use super::world::World;

const FORMAT: &str = "cht-sandbox";
const VERSION: u64 = 1;

/// What the file holds. Only `format` and `version` must be there: a file that is written by hand may hold nothing but
/// `faults` and `nodes` beside them.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    format: String,
    version: u64,
    #[serde(default)]
    faults: Faults,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nodes: Option<Vec<SandboxNode>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    now: Option<Timestamp>,
    #[serde(default)]
    resource_version: u64,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    images: BTreeSet<String>,
    #[serde(default)]
    agenda: Vec<(Timestamp, Action)>,
    #[serde(default)]
    objects: Vec<Value>,
}

/// The cluster as the file has it.
pub(crate) fn text(world: &World) -> String {
    let document = Document {
        format: FORMAT.to_owned(),
        version: VERSION,
        faults: world.faults.clone(),
        nodes: world.nodes.clone(),
        now: Some(world.now),
        resource_version: world.store.version(),
        serial: world.serial,
        images: world.images.clone(),
        agenda: world.agenda.iter().map(|(at, action)| (at, action.clone())).collect(),
        objects: world.store.objects().values().cloned().collect(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Why a text is no cluster.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Other(String),
    TooNew(u64),
}

impl Unreadable {
    pub(crate) fn at(self, path: &Path) -> SandboxError {
        let path = path.to_owned();
        match self {
            Self::Other(reason) => SandboxError::NotASandbox { path, reason },
            Self::TooNew(found) => SandboxError::TooNew { path, found, known: VERSION },
        }
    }
}

/// The cluster that a file's text describes.
pub(crate) fn world(text: &str) -> Result<World, Unreadable> {
    let other = |error: serde_json::Error| Unreadable::Other(error.to_string());
    // The head first: what follows may look different in another version.
    let value: Value = serde_json::from_str(text).map_err(other)?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(Unreadable::Other(format!("its `format` is not `{FORMAT}`")));
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => return Err(Unreadable::TooNew(newer)),
        _ => return Err(Unreadable::Other("it has no valid `version`".to_owned())),
    }
    let document: Document = serde_json::from_value(value).map_err(other)?;
    let mut objects = BTreeMap::new();
    for object in document.objects {
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
        let Some(kind) = Kind::ALL.into_iter().find(|known| known.as_str() == kind) else {
            return Err(Unreadable::Other(format!("it holds an object of the unknown kind {kind:?}")));
        };
        objects.insert(key_of(kind, &object), object);
    }
    let mut world = World::new();
    if !objects.is_empty() {
        world.store = Store::new(objects, document.resource_version);
        world.serial = document.serial;
        world.agenda = Agenda::default();
    }
    if let Some(now) = document.now {
        world.now = now;
    }
    for (at, action) in document.agenda {
        world.agenda.add(at, action);
    }
    world.images = document.images;
    world.faults = document.faults;
    if let Some(given) = document.nodes {
        nodes::use_only(&mut world, &given);
    }
    Ok(world)
}

/// A state file that nobody else can open.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// The lock is on a file of its own beside it, because the file itself is replaced with every write.
    _lock: File,
}

impl StateFile {
    /// # Errors
    ///
    /// When another program has it, or the folder cannot be written.
    pub(crate) fn lock(path: &Path) -> Result<Self, SandboxError> {
        let unwritable = |source| SandboxError::Write { path: path.to_owned(), source };
        let lock =
            private().write(true).create(true).truncate(false).open(beside(path, ".lock")).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(SandboxError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unwritable(source)),
        }
    }

    /// The file's text; nothing where there is no file.
    pub(crate) fn read(&self) -> Result<Option<String>, SandboxError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SandboxError::Read { path: self.path.clone(), source }),
        }
    }

    /// Replaces the file: whoever reads it sees the old one or the new one, never a part.
    pub(crate) fn write(&self, text: &str) -> Result<(), SandboxError> {
        let new = beside(&self.path, ".new");
        let replace = || -> io::Result<()> {
            let mut file = private().write(true).create(true).truncate(true).open(&new)?;
            file.write_all(text.as_bytes())?;
            std::fs::rename(&new, &self.path)
        };
        replace().map_err(|source| SandboxError::Write { path: self.path.clone(), source })
    }
}

/// The file holds Secrets: only its owner may read it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let world = World::new();
        let read = super::world(&text(&world)).unwrap();
        assert_eq!(text(&read), text(&world));
    }

    #[test]
    fn faults_alone_make_a_file() {
        let read = super::world(
            r#"{"format": "cht-sandbox", "version": 1,
                "faults": [{"ImagePull": {"image": "cht-api", "message": "not found"}}]}"#,
        )
        .unwrap();
        assert_eq!(read.faults.pull("r/cht-api:1"), Some("not found".to_owned()));
        assert_eq!(text(&super::world(&text(&read)).unwrap()), text(&read));
    }

    #[test]
    fn other_files_and_newer_versions_are_refused() {
        for (text, newer) in [
            ("", false),
            ("{}", false),
            (r#"{"format": "x", "version": 1}"#, false),
            (r#"{"format": "cht-sandbox"}"#, false),
            (r#"{"format": "cht-sandbox", "version": 2}"#, true),
            (r#"{"format": "cht-sandbox", "version": 1, "faults": [{"Fire": {}}]}"#, false),
        ] {
            let error = super::world(text).unwrap_err();
            assert_eq!(matches!(error, Unreadable::TooNew(2)), newer, "{text}");
        }
    }
}
