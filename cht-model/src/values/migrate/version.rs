//! The version: whether anything leads from the old one to the new one, and the keys that say it.

use semver::Version;

use super::super::load::Values;
use super::super::read::Reader;
use super::editor::Editor;
use super::error::MigrateError;
use super::target::Target;

const VERSION: &str = "chtversion";
const TAG: &str = "cht_image_tag";
const LINE: &str = "release_line";

/// The first release that leads to 5.x.
const OLDEST: (u64, u64) = (4, 5);

/// The version to move to, if the one that the values name can become it. What a branch's name does not tell is trusted.
pub(super) fn reachable(values: &Values, to: &Target) -> Result<Version, MigrateError> {
    let reader = Reader::new(&values.root);
    let Some(text) = reader.peek(VERSION).or_else(|| reader.peek(TAG)) else { return Ok(to.version(None)) };
    let from = Version::parse(text).ok();
    let line = || numbers(text).or_else(|| numbers(reader.peek(LINE)?));
    let numbers = from.as_ref().map(|from| (from.major, from.minor)).or_else(line);
    let version = to.version(from.as_ref());
    if numbers.is_some_and(|numbers| numbers < OLDEST) {
        return Err(MigrateError::TooOld { from: text.to_owned(), to: version.to_string() });
    }
    if from.is_some_and(|from| from > version)
        || numbers.is_some_and(|numbers| numbers > (version.major, version.minor))
    {
        return Err(MigrateError::Backwards { from: text.to_owned(), to: version.to_string() });
    }
    Ok(version)
}

/// The first two numbers of `4.4` or `4.4.x`, as lines and their branches are called.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// Makes the values name another version.
pub(super) fn move_to(editor: &mut Editor, from: &str, to: &Version) -> Result<(), MigrateError> {
    let to = to.to_string();
    if from == to {
        return Ok(());
    }
    let named = editor.written(VERSION).is_some();
    // The tag first: it may be an alias of the version.
    let tag_is_version = editor.written(TAG).map(|tag| tag.text == from);
    if let Some(same) = tag_is_version {
        if same || !named {
            editor.set(TAG, &to, "the images of a release have its version for a tag")?;
        } else {
            let why = "it is the tag of the old release's images; without it the tag is the version";
            editor.comment_out(TAG, why)?;
        }
    }
    if named {
        editor.set(VERSION, &to, "the release to move to; any later one of its line is as good")?;
    }
    if editor.written(LINE).is_some() {
        editor.comment_out(LINE, "the version says it")?;
    }
    Ok(())
}
