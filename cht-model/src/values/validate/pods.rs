//! What the cluster has for pods, by its name.

use std::str::FromStr;

use super::platform;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{InvalidName, Profile};

pub(super) const PRIORITY_CLASS: &str = "priority_class";
pub(super) const IMAGE_PULL_SECRET: &str = "image_pull_secret";

/// A name that pods have in production alone.
pub(super) fn name<T: FromStr<Err = InvalidName>>(
    reader: &mut Reader,
    key: &str,
    profile: Read<Profile>,
) -> Read<Option<T>> {
    if let Ok(Profile::Chart) = profile {
        platform::warn_of_chart(reader, key);
    }
    reader.name(key)
}
