//! Reads values: files, standard input, and what they refer to.

use std::io::Read;
use std::path::Path;

use cht_model::{Checked, Instance, Invalid, Layer, Problems, References, Values};

use crate::cli::ValuesArgs;

/// Why there is no instance.
pub(crate) enum ValuesError {
    /// A file cannot be read.
    Unreadable(String),
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

/// The values of every layer.
pub(crate) fn load(args: &ValuesArgs) -> Result<Values, ValuesError> {
    let files = args.files.iter().map(|path| layer(path));
    let mut layers = files.collect::<Result<Vec<_>, _>>().map_err(ValuesError::Unreadable)?;
    layers.extend(args.set.iter().map(Layer::set));
    Values::load_with(&layers, &Machine).map_err(|error| ValuesError::Wrong(error.problems))
}

/// One file, or standard input.
pub(crate) fn layer(path: &Path) -> Result<Layer, String> {
    Ok(Layer::new(name(path), read(path)?))
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| format!("{} cannot be read: {error}", name(path)))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", name(path)))
}

/// This machine's variables and files.
pub(crate) struct Machine;

impl References for Machine {
    fn env(&self, name: &str) -> Result<String, String> {
        std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => "is not set".to_owned(),
            std::env::VarError::NotUnicode(_) => "is not UTF-8 text".to_owned(),
        })
    }

    fn file(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))
    }
}
