//! Where the images come from.

use super::release;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Images, PullPolicy, images};

pub(super) fn read(reader: &mut Reader) -> Read<Images> {
    let registry = reader.name_or("upstream_servers.docker_registry", images::REGISTRY);
    let tag = reader.name("cht_image_tag");
    let cached = reader.boolean("cache_images");
    let tag = if let Some(tag) = tag? {
        tag
    } else {
        // The images of a release have its version for a tag. What is wrong with the version is said where it is read.
        let version = release::version(reader)?;
        reader.parse_name(&version)?
    };
    let pull_policy = if cached?.unwrap_or(true) { PullPolicy::Cached } else { PullPolicy::Always };
    Ok(Images { registry: registry?, tag, pull_policy })
}
