//! Tags of stand-ins' images: a version, and what the services of that image are told to do from the start.

use std::str::FromStr;

use super::role::{Role, UnknownRole};
use super::settings::{InvalidSetting, Settings};

/// `VERSION[-ROLE.SETTING.VALUE]…`, e.g. `5.3.0-api.indexing.held`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The version, which the API gives as its own.
    pub version: String,
    told: Vec<(Role, String, String)>,
}

/// What is no tag of a stand-in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTag {
    /// It does not begin with numbers.
    #[error("{0:?} is no version")]
    Version(String),
    /// What follows is not `ROLE.SETTING.VALUE`.
    #[error("{0:?} is not ROLE.SETTING.VALUE")]
    Part(String),
    /// Nobody plays that role.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// The setting cannot be so.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
}

impl FromStr for Tag {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let version = parts.next().unwrap_or_default();
        if version.is_empty() || !version.split('.').all(|number| number.parse::<u16>().is_ok()) {
            return Err(InvalidTag::Version(version.to_owned()));
        }
        let told = parts.map(|part| {
            let mut words = part.splitn(3, '.');
            let (Some(role), Some(key), Some(value)) = (words.next(), words.next(), words.next()) else {
                return Err(InvalidTag::Part(part.to_owned()));
            };
            let role = role.parse()?;
            Settings::default().set(key, value)?;
            Ok((role, key.to_owned(), value.to_owned()))
        });
        Ok(Self { version: version.to_owned(), told: told.collect::<Result<_, InvalidTag>>()? })
    }
}

impl Tag {
    /// What a role's stand-in is told: settings and their values.
    pub fn told(&self, role: Role) -> impl Iterator<Item = (&str, &str)> {
        self.told.iter().filter(move |(other, _, _)| *other == role).map(|(_, key, value)| (&**key, &**value))
    }

    /// Whether a role has no image of this tag.
    pub fn is_missing(&self, role: Role) -> bool {
        let mut settings = Settings::default();
        // They were checked when the tag was read.
        self.told(role).for_each(|(key, value)| drop(settings.set(key, value)));
        settings.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Result<Tag, InvalidTag> {
        text.parse()
    }

    #[test]
    fn a_release_is_told_nothing() {
        for text in ["5.3.0", "0.32", "1"] {
            let tag = tag(text).expect("a version");
            assert_eq!(tag.version, text);
            assert!(Role::ALL.into_iter().all(|role| tag.told(role).next().is_none()));
        }
    }

    #[test]
    fn each_role_is_told_its_own() {
        let tag = tag("5.3.1-api.crash.3-couchdb.joining.held-api.start.2s").expect("a tag");
        assert_eq!(tag.version, "5.3.1");
        assert_eq!(tag.told(Role::Api).collect::<Vec<_>>(), [("crash", "3"), ("start", "2s")]);
        assert_eq!(tag.told(Role::CouchDb).collect::<Vec<_>>(), [("joining", "held")]);
        assert_eq!(tag.told(Role::Sentinel).next(), None);
    }

    #[test]
    fn what_means_nothing_is_no_tag() {
        assert_eq!(tag("latest"), Err(InvalidTag::Version("latest".to_owned())));
        assert_eq!(tag(""), Err(InvalidTag::Version(String::new())));
        assert_eq!(tag("5.3.0-gone"), Err(InvalidTag::Part("gone".to_owned())));
        assert!(matches!(tag("5.3.0-web.crash.1"), Err(InvalidTag::Role(_))));
        assert!(matches!(tag("5.3.0-api.crash.much"), Err(InvalidTag::Setting(_))));
    }
}
