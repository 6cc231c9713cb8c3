//! `cht render`

use cht_manifests::{Object, manifests};

use super::instance;
use crate::cli::{ObjectFormat, OutputFormat, Render};
use crate::exit::Exit;
use crate::output::{explain, print, print_json};

pub(super) fn run(args: &Render) -> Exit {
    let instance = match instance(&args.values, OutputFormat::Text) {
        Ok(instance) => instance,
        Err(exit) => return exit,
    };
    let secret = &instance.couchdb().credentials_secret;
    if secret.is_existing() {
        explain(&format!(
            "note: Secret/{} is someone else's: it is not printed here, nor its checksum, which `cht deploy` gives to the pods",
            secret.name()
        ));
    }
    let missing: Vec<_> = instance.couchdb().credentials.missing().map(cht_model::CredentialKey::values_key).collect();
    if !missing.is_empty() && !secret.is_existing() {
        explain(&format!(
            "note: {} not in the values: `cht deploy` makes what is missing, and the Secret printed here is without it",
            missing.join(", ")
        ));
    }
    let manifests = manifests(&instance);
    let objects: Vec<&Object> = manifests.iter().map(|manifest| &manifest.object).collect();
    match args.output {
        ObjectFormat::Json => print_json(&objects, Exit::Ok),
        ObjectFormat::Yaml => match yaml(&objects) {
            Ok(text) => print(&text, Exit::Ok),
            Err(error) => {
                explain(&format!("error: the objects cannot be written as YAML: {error}"));
                Exit::Bug
            }
        },
    }
}

fn yaml(objects: &[&Object]) -> Result<String, serde_saphyr::ser_error::Error> {
    let mut text = String::new();
    for object in objects {
        text.push_str("---\n");
        text.push_str(&serde_saphyr::to_string(object)?);
    }
    Ok(text)
}
