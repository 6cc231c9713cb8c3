//! The names of clusters.

use std::fmt;
use std::str::FromStr;

/// The name of a local cluster, by k3d's rule, which is the strictest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterName(String);

/// The longest name that k3d takes.
const LONGEST: usize = 32;

/// Why a text is no name of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name of a cluster: at most 32 lower-case letters, digits and `-`, a letter or digit first and last"
)]
pub struct InvalidClusterName(String);

impl ClusterName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClusterName {
    type Err = InvalidClusterName;

    fn from_str(text: &str) -> Result<Self, InvalidClusterName> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ends_well = !text.starts_with('-') && !text.ends_with('-');
        if (1..=LONGEST).contains(&text.len()) && text.chars().all(allowed) && ends_well {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidClusterName(text.to_owned()))
        }
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_k3d_takes() {
        for good in ["cht", "c", "cht-2", "a234567890123456789012345678901b"] {
            assert_eq!(good.parse::<ClusterName>().map(|name| name.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-", "cht-", "-cht", "CHT", "c h t", "cht/2", "--all", "a2345678901234567890123456789012b"] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad}");
        }
    }
}
