//! The values that tests deploy: those of `examples/`, with changes.

use std::path::{Path, PathBuf};

use cht_model::{Instance, Layer};

/// Values of a file, with changes.
#[derive(Clone)]
pub(crate) struct Values {
    file: PathBuf,
    set: Vec<String>,
}

impl Values {
    pub(crate) fn example(name: &str) -> Self {
        Self { file: Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name), set: Vec::new() }
    }

    /// The names of all examples.
    pub(crate) fn examples() -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        let files = std::fs::read_dir(folder).expect("the examples").map(|file| file.expect("a file").file_name());
        files.map(|name| name.into_string().expect("a name in ASCII")).collect()
    }

    pub(crate) fn set(&self, key: &str, value: &str) -> Self {
        let mut values = self.clone();
        values.set.push(format!("{key}={value}"));
        values
    }

    /// The same for the program.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let file = ["-f".to_owned(), self.file.display().to_string()];
        let set = self.set.iter().flat_map(|assignment| ["--set".to_owned(), assignment.clone()]);
        file.into_iter().chain(set).collect()
    }

    pub(crate) fn instance(&self) -> Instance {
        let text = std::fs::read_to_string(&self.file);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", self.file.display()));
        let mut layers = vec![Layer::new(self.file.display().to_string(), text)];
        layers.extend(self.set.iter().map(Layer::set));
        let values = cht_model::Values::load(&layers).expect("values that can be read");
        values.validate().expect("values of an instance").value
    }
}
