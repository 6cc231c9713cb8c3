//! The values that tests deploy: those of `examples/`, with changes.

use std::path::Path;

use cht_model::{Instance, Layer};

/// Values of a file, with changes.
#[derive(Clone)]
pub(crate) struct Values(Vec<Layer>);

impl Values {
    pub(crate) fn example(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(vec![Layer::new(name, text)])
    }

    pub(crate) fn set(&self, key: &str, value: &str) -> Self {
        let mut layers = self.0.clone();
        layers.push(Layer::set(format!("{key}={value}")));
        Self(layers)
    }

    pub(crate) fn instance(&self) -> Instance {
        let values = cht_model::Values::load(&self.0).expect("values that can be read");
        values.validate().expect("values of an instance").value
    }
}
