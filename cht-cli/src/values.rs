//! Reads values: files, standard input, and what they refer to.

use std::io::Read;
use std::path::{Path, PathBuf};

use cht_model::{Checked, Instance, Invalid, Layer, Problems, References, Values};

use crate::cli::ValuesArgs;

/// The largest file that is read, in bytes: values are not read beyond that.
const MOST: u64 = 1 << 20;

/// Why there is no instance.
pub(crate) enum ValuesError {
    /// A file cannot be read.
    Unreadable(String),
    /// A file is not there.
    Missing(String),
    /// The values are wrong.
    Wrong(Problems),
}

impl From<Invalid> for ValuesError {
    fn from(invalid: Invalid) -> Self {
        Self::Wrong(invalid.problems)
    }
}

/// The instance that the values describe.
pub(crate) fn instance(args: &ValuesArgs) -> Result<Checked<Instance>, ValuesError> {
    Ok(load(args)?.validate()?)
}

/// The instance that a text describes, which is not in its file yet.
pub(crate) fn instance_of_text(name: &str, text: &str, set: &[String]) -> Result<Checked<Instance>, ValuesError> {
    let mut layers = vec![Layer::new(name, text)];
    layers.extend(set.iter().map(Layer::set));
    let loaded = Values::load_with(&layers, &Machine::beside(&[]));
    Ok(loaded.map_err(|error| ValuesError::Wrong(error.problems))?.validate()?)
}

/// The values of every layer.
pub(crate) fn load(args: &ValuesArgs) -> Result<Values, ValuesError> {
    let files = args.files.iter().map(|path| layer(path));
    let mut layers = files.collect::<Result<Vec<_>, _>>().map_err(|message| {
        let is_missing = |path: &PathBuf| path != Path::new("-") && !path.exists();
        if args.files.iter().any(is_missing) { ValuesError::Missing(message) } else { ValuesError::Unreadable(message) }
    })?;
    layers.extend(args.set.iter().map(Layer::set));
    let machine = Machine::beside(&args.files);
    Values::load_with(&layers, &machine).map_err(|error| ValuesError::Wrong(error.problems))
}

/// One file, or standard input.
pub(crate) fn layer(path: &Path) -> Result<Layer, String> {
    Ok(Layer::new(name(path), read(path)?))
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = if path == Path::new("-") {
        bounded(std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(bounded)
    };
    let bytes = bytes.map_err(|error| format!("{} cannot be read: {error}", name(path)))?;
    if bytes.len() as u64 > MOST {
        return Err(format!("{} has more than {MOST} bytes, and values have far less", name(path)));
    }
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", name(path)))
}

/// More than values have is not read: a device may have no end. One byte more tells that there is more.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// This machine's variables and files.
pub(crate) struct Machine {
    /// The folder of each layer that is a file. What the others refer to starts at the folder that the command runs in.
    folders: Vec<PathBuf>,
}

impl Machine {
    /// For layers that begin with these files.
    pub(crate) fn beside(files: &[PathBuf]) -> Self {
        Self { folders: files.iter().map(|path| path.parent().map(Path::to_path_buf).unwrap_or_default()).collect() }
    }
}

impl References for Machine {
    fn env(&self, name: &str) -> Result<String, String> {
        std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => "is not set".to_owned(),
            std::env::VarError::NotUnicode(_) => "is not UTF-8 text".to_owned(),
        })
    }

    fn file(&self, path: &str, layer: usize) -> Result<String, String> {
        let folder = self.folders.get(layer).cloned().unwrap_or_default();
        let bytes = std::fs::File::open(folder.join(path)).and_then(bounded);
        let bytes = bytes.map_err(|error| format!("cannot be read: {error}"))?;
        if bytes.len() as u64 > MOST {
            return Err(format!("has more than {MOST} bytes"));
        }
        String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
    }
}
