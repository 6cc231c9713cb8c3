//! Which images there are: a stand-in for each of CHT's at any version, with what its tag tells it, and what others there are beside
//! them.

use serde_json::{Value, json};

use super::layer::STAND_IN;
use crate::stand_in::{Role, Tag, VERSION_VARIABLE, variable_of};

const BUSYBOX: &str = "library/busybox";
/// What the node's container runtime holds a pod's namespaces with.
const PAUSE: &str = "pause";
const PATH: &str = "PATH=/bin";

/// What a container of an image runs, if there is such an image. `name` is without the registry, of which all hold
/// the same.
pub(super) fn configuration(name: &str, tag: &str) -> Option<Value> {
    match name {
        BUSYBOX => return Some(json!({"Cmd": ["sh"], "Env": [PATH]})),
        PAUSE => return Some(json!({"Entrypoint": [STAND_IN, PAUSE], "Env": [PATH]})),
        _ => {}
    }
    let role = Role::ALL.into_iter().find(|role| role.image() == name)?;
    let tag: Tag = tag.parse().ok()?;
    let mut env = vec![PATH.to_owned(), format!("{VERSION_VARIABLE}={}", tag.version)];
    env.extend(tag.told(role).map(|(key, value)| format!("{}={value}", variable_of(key))));
    (!tag.is_missing(role)).then(|| json!({"Entrypoint": [STAND_IN, role.as_str()], "Env": env}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_says_whom_to_play_and_how() {
        let api = configuration("medic/cht-api", "5.3.0-api.indexing.held").expect("an image");
        assert_eq!(api["Entrypoint"], json!(["/bin/stand-in", "api"]));
        assert_eq!(api["Env"], json!(["PATH=/bin", "STAND_IN_VERSION=5.3.0", "STAND_IN_SETTING_INDEXING=held"]));
        let couchdb = configuration("medic/cht-couchdb", "5.3.0-api.indexing.held").expect("an image");
        assert_eq!(couchdb["Env"], json!(["PATH=/bin", "STAND_IN_VERSION=5.3.0"]));
    }

    #[test]
    fn some_images_are_not_there() {
        for (name, tag) in [
            ("medic/cht-web", "5.3.0"),
            ("medic/cht-api", "latest"),
            ("medic/cht-api", "5.3.0-gone"),
            ("medic/cht-api", "5.3.0-api.missing.true"),
        ] {
            assert_eq!(configuration(name, tag), None, "{name}:{tag}");
        }
        assert!(configuration("medic/cht-couchdb", "5.3.0-api.missing.true").is_some());
        assert!(configuration("library/busybox", "latest").is_some());
    }
}
