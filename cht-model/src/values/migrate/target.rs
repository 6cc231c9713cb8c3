//! The release to migrate to.

use std::fmt;
use std::str::FromStr;

use semver::Version;

/// The release to migrate to: one by its version (`5.3.0`), or any of a line (`5.3`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This release.
    Release(Version),
    /// A release of the line with this minor version of CHT 5.
    Line(u64),
}

/// The text names no release that values can be migrated to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no release of CHT 5: write a version or its first two parts, for example 5.3.0 or 5.3")]
pub struct InvalidTarget {
    /// The text as it was given.
    pub text: String,
}

/// The major version that values are migrated to.
const MAJOR: u64 = 5;

impl Target {
    /// The version to move to from a version, where that is known. Who is on the line already stays where he is.
    pub(super) fn version(&self, from: Option<&Version>) -> Version {
        match (self, from) {
            (Self::Release(version), _) => version.clone(),
            (Self::Line(minor), Some(from)) if (from.major, from.minor) == (MAJOR, *minor) => from.clone(),
            // 5.0.0 ran Nouveau on CouchDB's volume from a pod of its own.
            (Self::Line(0), _) => Version::new(MAJOR, 0, 1),
            (Self::Line(minor), _) => Version::new(MAJOR, *minor, 0),
        }
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        let line = || match text.split_once('.') {
            Some(("5", minor)) => number(minor).map(Self::Line),
            _ => None,
        };
        let release = || Version::parse(text).ok().filter(|version| version.major == MAJOR).map(Self::Release);
        release().or_else(line).ok_or_else(|| InvalidTarget { text: text.to_owned() })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(version) => version.fmt(f),
            Self::Line(minor) => write!(f, "{MAJOR}.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_releases_are_told_apart() {
        for (text, version) in
            [("5.3", "5.3.0"), ("5.3.2", "5.3.2"), ("5.0", "5.0.1"), ("5.4.0-beta.1", "5.4.0-beta.1")]
        {
            let target: Target = text.parse().expect(text);
            assert_eq!((target.version(None).to_string(), target.to_string()), (version.to_owned(), text.to_owned()));
        }
        let on_it = Version::new(5, 3, 4);
        assert_eq!(Target::Line(3).version(Some(&on_it)), on_it);
        assert_eq!(Target::Line(4).version(Some(&on_it)), Version::new(5, 4, 0));
    }

    #[test]
    fn what_is_no_release_of_5_is_refused() {
        for text in ["", "5", "5.", "4.22.0", "4.22", "6.0.0", "v5.3.0", "5.3.x", "5.+3", "master", "05.3", "5.3.0.0"] {
            assert_eq!(text.parse::<Target>(), Err(InvalidTarget { text: text.to_owned() }));
        }
    }
}
