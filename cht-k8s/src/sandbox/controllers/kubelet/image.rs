//! Pulls images.

use super::container::Container;
use super::create::create;
use super::pauses::{self, NOTICE_BACK_OFF, PULL, PULL_AGAIN, RETRY};
use crate::sandbox::agenda::Step;
use crate::sandbox::json::text;
use crate::sandbox::world::World;

pub(super) fn pull(world: &mut World, container: &Container<'_>, attempt: u32) {
    let image = text(&container.spec, "/image").unwrap_or_default();
    if !is_image_name(image) {
        let message = format!("Failed to apply default image tag {image:?}: couldn't parse image reference");
        container.wait(world, "InvalidImageName", &message);
        container.warn(world, "InspectFailed", message);
        container.warn(world, "Failed", "Error: InvalidImageName");
        container.next(world, RETRY, Step::Pull { attempt });
        return;
    }
    let there = world.images.contains(image);
    let policy = text(&container.spec, "/imagePullPolicy").unwrap_or("IfNotPresent");
    if there && policy != "Always" {
        container.normal(world, "Pulled", format!("Container image {image:?} already present on machine"));
        create(world, container);
        return;
    }
    if policy == "Never" {
        let message = format!("Container image {image:?} is not present with pull policy of Never");
        container.wait(world, "ErrImageNeverPull", &message);
        container.warn(world, "ErrImageNeverPull", message);
        container.next(world, RETRY, Step::Pull { attempt });
        return;
    }
    container.normal(world, "Pulling", format!("Pulling image {image:?}"));
    let Some(message) = world.faults.pull(image) else {
        container.next(world, if there { PULL_AGAIN } else { PULL }, Step::Pulled);
        return;
    };
    let message =
        if message.starts_with("rpc error") { message } else { format!("rpc error: code = Unknown desc = {message}") };
    container.wait(world, "ErrImagePull", &message);
    container.warn(world, "Failed", format!("Failed to pull image {image:?}: {message}"));
    container.warn(world, "Failed", "Error: ErrImagePull");
    container.next(world, NOTICE_BACK_OFF, Step::PullBackOff { attempt });
}

/// The image could not be pulled, and is not asked for again for a while.
pub(super) fn back_off(world: &mut World, container: &Container<'_>, attempt: u32) {
    let image = text(&container.spec, "/image").unwrap_or_default();
    let message = format!("Back-off pulling image {image:?}");
    container.wait(world, "ImagePullBackOff", &message);
    container.normal(world, "BackOff", message);
    container.warn(world, "Failed", "Error: ImagePullBackOff");
    let pause = pauses::back_off(attempt).saturating_sub(NOTICE_BACK_OFF);
    container.next(world, pause, Step::Pull { attempt: attempt + 1 });
}

/// The image is there.
pub(super) fn pulled(world: &mut World, container: &Container<'_>) {
    let image = text(&container.spec, "/image").unwrap_or_default();
    world.images.insert(image.to_owned());
    container.normal(world, "Pulled", format!("Successfully pulled image {image:?}"));
    create(world, container);
}

/// Whether a text can name an image: a path of lower-case parts, a tag, a digest.
fn is_image_name(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match name[last..].find(':') {
        Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
        None => (name, None),
    };
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    let mut parts = path.split('/');
    // The registry may have a port, and upper-case letters.
    let registry_or_part = parts.next().is_some_and(|first| {
        let host = first.split(':').next().unwrap_or_default();
        is_part(&host.to_ascii_lowercase()) && (path.contains('/') || is_part(first))
    });
    let is_tag = |tag: &str| {
        (1..=128).contains(&tag.len())
            && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && !tag.starts_with(['.', '-'])
    };
    registry_or_part && parts.all(is_part) && tag.is_none_or(is_tag) && digest.is_none_or(|digest| digest.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_names_are_told_from_other_texts() {
        for image in ["a", "a:1", "public.ecr.aws/medic/cht-api:4.9.0", "localhost:5000/a/b:x", "a@sha256:00"] {
            assert!(is_image_name(image), "{image}");
        }
        for image in ["", "A", "a b", "a:", "reg/A:1", "a:1:2", "http://x/a", "reg//a"] {
            assert!(!is_image_name(image), "{image}");
        }
    }
}
