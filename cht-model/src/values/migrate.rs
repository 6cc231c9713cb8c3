//! Values of an older release to values of a newer one: the text is edited where it has to differ, and nowhere else.

mod change;
mod editor;
mod error;
mod heading;
mod leftovers;
mod lines;
mod storage;
mod target;
mod tree;
mod version;

pub use change::{Change, ChangeKind};
pub use error::MigrateError;
pub use target::{InvalidTarget, Target};

use editor::Editor;

use super::layer::Layer;
use super::problem::Problems;
use super::reference::References;

/// The new values, with everything that was changed and everything that is left to decide.
///
/// Its `Debug` shows no text of the values, which may hold passwords.
pub struct Migration {
    /// The new values: the old text with the changes in it. Comments, order and formatting stay.
    pub text: String,
    /// Each change, in the order of the new text.
    pub changes: Vec<Change>,
    /// What checking the new values says, with places in the new text.
    pub problems: Problems,
}

impl Migration {
    /// Whether the new values make an instance as they are. Otherwise someone has to decide what the problems name.
    pub fn is_valid(&self) -> bool {
        self.problems.errors().next().is_none()
    }
}

impl std::fmt::Debug for Migration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Migration")
            .field("changes", &self.changes)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// Makes values for a newer release of CHT out of one file of values, so that the instance finds the data that it has.
///
/// The file may be what `helm get values` prints, with its heading line. Places of the old text's problems are those of
/// the file as it was given; those of the new text's problems carry `new_name`.
///
/// ```
/// use cht_model::{Layer, NoReferences, migrate};
///
/// let old = "\
/// namespace: county-a
/// chtversion: 4.22.0
/// cluster_type: k3s-k3d
/// couchdb:
///   clusteredCouch_enabled: false # one node is enough
///   couchdb_node_storage_size: 10Gi
/// local_storage:
///   preExistingDiskPath-1: /var/lib/couchdb1
/// ingress:
///   host: cht.example.org
/// ";
/// let migration = migrate(&Layer::new("old.yaml", old), &"5.3".parse()?, "new.yaml", &NoReferences)?;
/// assert!(migration.is_valid());
/// assert!(migration.text.contains("chtversion: 5.3.0\n"));
/// assert!(migration.text.contains("  clusteredCouchEnabled: false # one node is enough\n"));
/// // The data stays in the folder that 4.x keeps it in.
/// assert!(migration.text.contains("  preExistingDataAvailable: true\n"));
/// assert_eq!(migration.changes.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MigrateError`] when the old values cannot be read, make no instance, are of a release from which nothing leads to the
/// new one, or are written in a way that cannot be edited in place.
pub fn migrate(
    old: &Layer,
    to: &Target,
    new_name: &str,
    references: &dyn References,
) -> Result<Migration, MigrateError> {
    let heading = heading::find(&old.text);
    let mut editor = Editor::new(&heading::blanked(&old.text, heading));
    let values = editor.load(&old.origin, references).map_err(MigrateError::Unreadable)?;
    let version = version::reachable(&values, to)?;
    let instance = storage::old_instance(&mut editor, &old.origin, references, heading)?;
    storage::keep(&mut editor, &instance)?;
    version::move_to(&mut editor, instance.version(), &version)?;
    leftovers::tidy(&mut editor, references);
    let (text, changes) = editor.finish(heading.map(|heading| heading.line));
    let problems = match super::load::Values::load_with(&[Layer::new(new_name, text.as_str())], references) {
        Ok(values) => values.validate().map_or_else(|invalid| invalid.problems, |checked| checked.warnings),
        Err(error) => error.problems,
    };
    Ok(Migration { text, changes, problems })
}
