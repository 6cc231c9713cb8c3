//! Versions that a new instance may have.

use std::fmt;
use std::str::FromStr;

use semver::Version;

use crate::InvalidName;

/// The version of a release that a new instance may have: of a line that is known here, and not 5.0.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseVersion(Version);

impl ReleaseVersion {
    /// The version that is taken where nobody says one.
    pub fn usual() -> Self {
        Self(Version::new(5, 3, 0))
    }

    /// Whether it is of the line 4.x.
    pub fn is_v4(&self) -> bool {
        self.0.major == 4
    }
}

impl FromStr for ReleaseVersion {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let refused = |rule| InvalidName { what: "version of CHT", text: text.to_owned(), rule };
        let version = Version::parse(text).map_err(|_| refused("three numbers with dots, for example 5.3.0"))?;
        match (version.major, version.minor, version.patch) {
            (..4, ..) => Err(refused("4.0.0 or later, since earlier ones do not run on Kubernetes")),
            (5, 0, 0) => {
                Err(refused("5.0.1 or later, since 5.0.0 ran Nouveau on CouchDB's volume from a pod of its own"))
            }
            (4 | 5, ..) if version.build.is_empty() => Ok(Self(version)),
            (4 | 5, ..) => Err(refused("without '+', which no image has in its tag")),
            _ => Err(refused("of a line that is known here, 4.x or 5.x")),
        }
    }
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_known_lines_are_versions() {
        for good in ["4.0.0", "4.22.0", "5.0.1", "5.3.0", "5.9.12", "5.3.1-beta.2"] {
            assert_eq!(good.parse::<ReleaseVersion>().map(|version| version.to_string()).as_deref(), Ok(good));
        }
        for bad in ["", "5", "5.3", "v5.3.0", "3.17.0", "5.0.0", "6.0.0", "5.3.0+1", "master", "5.3.x"] {
            assert!(bad.parse::<ReleaseVersion>().is_err(), "{bad}");
        }
        assert_eq!(ReleaseVersion::usual().to_string().parse(), Ok(ReleaseVersion::usual()));
    }
}
