//! What CHT's images make of credentials, and so what they cannot take.
//!
//! `CouchDB`'s image writes them into ini files, as `name = value`. Its parser drops white space at the ends, takes what
//! follows a blank and `;` for a comment, and works byte by byte. The health check puts the name into an address as it is, and
//! the password with all but `/` percent-encoded. On clusters, the nodes hand the name, secret and uuid on in JSON that
//! escapes neither.

use std::fmt;

use crate::CredentialKey;

/// Why a credential cannot be taken. It says nothing of the credential but the one character that is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFault {
    what: String,
    reason: &'static str,
}

impl CredentialFault {
    /// What is wrong with it, as a clause that follows its name: `has a '/' in it`.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What would come of it, and what to do.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    fn new(what: impl Into<String>, reason: &'static str) -> Self {
        Self { what: what.into(), reason }
    }
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.reason)
    }
}

/// The longest password that is taken, in bytes: it goes into a header in base64, and `CouchDB` reads headers up to 8 KiB.
const LONGEST_PASSWORD: usize = 4096;

const CONTROL: &str = "the images write it into files of lines: choose one of printable characters";
const SLASH: &str = "CHT's health check puts the password into an address as it is: choose one without '/'";
const IN_ADDRESS: &str = "CHT's health check puts the name into an address as it is: choose one without";
const BASIC_AUTH: &str = "a name with it cannot sign in: choose one without";
const IN_INI_KEY: &str = "CouchDB's configuration cannot hold such a name: choose one without";
const AT_ENDS: &str = "CouchDB's configuration drops it, and nobody could sign in: choose one without";
const COMMENT: &str = "CouchDB's configuration takes the rest for a comment: choose one without a ';' there";
const LAST_BYTE: &str = "CouchDB's configuration drops half of it: choose another last character";
const HASHED: &str = "CouchDB takes it for a password that is hashed already: choose another";
const TOO_LONG: &str = "it goes into an HTTP header, and CouchDB does not read longer ones";
const IN_JSON: &str = "the nodes of a cluster hand it on in JSON without escaping it: choose one without";
const IN_PATH: &str = "the nodes of a cluster put the name into a path as it is: choose one without";

/// Why the images cannot take a text as the administrator's name.
pub fn user_fault(text: &str, clustered: bool) -> Option<CredentialFault> {
    let found = |characters: &str| text.chars().find(|c| characters.contains(*c));
    let has = |characters, reason| Some(CredentialFault::new(format!("has a '{}' in it", found(characters)?), reason));
    control(text)
        .or_else(|| has(":", BASIC_AUTH))
        .or_else(|| has("/?#@%", IN_ADDRESS))
        .or_else(|| has("=;[]", IN_INI_KEY))
        .or_else(|| white_space_at_ends(text))
        .or_else(|| has("\"\\", IN_JSON).filter(|_| clustered))
        .or_else(|| has(" ", IN_PATH).filter(|_| clustered))
}

impl CredentialKey {
    /// Why the images cannot take a text for this credential.
    pub fn fault(self, text: &str, clustered: bool) -> Option<CredentialFault> {
        let of_its_own = match self {
            Self::Password => password_fault(text),
            Self::Secret | Self::Uuid if clustered => {
                let character = text.chars().find(|c| ['"', '\\'].contains(c));
                character.map(|character| CredentialFault::new(format!("has a '{character}' in it"), IN_JSON))
            }
            Self::Secret | Self::Uuid => None,
        };
        control(text).or(of_its_own).or_else(|| white_space_at_ends(text)).or_else(|| comment(text))
    }
}

fn password_fault(text: &str) -> Option<CredentialFault> {
    const HASHES: [&str; 3] = ["-hashed-", "-pbkdf2-", "-pbkdf2:"];
    if text.contains('/') {
        return Some(CredentialFault::new("has a '/' in it", SLASH));
    }
    if let Some(hash) = HASHES.into_iter().find(|hash| text.starts_with(hash)) {
        return Some(CredentialFault::new(format!("starts with '{hash}'"), HASHED));
    }
    (text.len() > LONGEST_PASSWORD)
        .then(|| CredentialFault::new(format!("has more than {LONGEST_PASSWORD} bytes"), TOO_LONG))
}

fn control(text: &str) -> Option<CredentialFault> {
    // What is read from a file or put into a Secret by hand often ends so.
    if text.strip_suffix('\n').is_some_and(|line| !line.trim_end_matches('\r').contains(char::is_control)) {
        return Some(CredentialFault::new("ends with a line break", CONTROL));
    }
    text.contains(char::is_control)
        .then(|| CredentialFault::new("has a line break or another control character in it", CONTROL))
}

fn white_space_at_ends(text: &str) -> Option<CredentialFault> {
    if text.starts_with(' ') || text.ends_with(' ') {
        return Some(CredentialFault::new("starts or ends with a space", AT_ENDS));
    }
    // As a character of one byte it would be a line break.
    text.as_bytes()
        .ends_with(&[0x85])
        .then(|| CredentialFault::new("ends with a character whose last byte is 0x85", LAST_BYTE))
}

fn comment(text: &str) -> Option<CredentialFault> {
    let what = if text.starts_with(';') { "starts with a ';'" } else { "has a ';' after a space" };
    (text.starts_with(';') || text.contains(" ;")).then(|| CredentialFault::new(what, COMMENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> String {
        CredentialKey::Password.fault(text, true).map_or_else(|| "taken".to_owned(), |fault| fault.what)
    }

    #[test]
    fn what_looks_dangerous_and_is_not_is_taken() {
        for text in [
            "p:@?#%[]{}<>|^`~*&!+,=",
            "a b",
            "$(HOME)",
            "${HOME}",
            "$HOME",
            "`id`",
            "it's",
            "\"",
            "\\",
            "\\n",
            "a;b",
            "a; b",
            "# no comment",
            "= =",
            "käse",
            "😀",
            "密码",
            "-pbkdf",
            "%2F",
            "\u{a0}",
            "…",
            "null",
            "0",
        ] {
            assert_eq!(password(text), "taken", "{text}");
        }
        assert_eq!(password(&"x".repeat(LONGEST_PASSWORD)), "taken");
    }

    #[test]
    fn what_the_images_cannot_take_is_refused() {
        let table: Vec<_> = [
            "a/b",
            "a\nb",
            "a\r\n",
            "a\n",
            "a\tb",
            "a\0",
            "a\u{7f}",
            "a\u{85}b",
            " a",
            "a ",
            ";a",
            "a ;b",
            "😅",
            "а\u{445}",
            "-hashed-a",
            "-pbkdf2-a",
            "-pbkdf2:sha256-a",
            &"x".repeat(LONGEST_PASSWORD + 1),
        ]
        .into_iter()
        .map(|text| format!("{:?}: {}", text.chars().take(20).collect::<String>(), password(text)))
        .collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn names_stand_in_addresses_and_keys() {
        for name in ["medic", "root", "jane.doe-7", "käthe", "a+b"] {
            assert_eq!(user_fault(name, true), None, "{name}");
        }
        for name in ["a/b", "a:b", "a?b", "a#b", "a@b", "a%b", "a=b", "a;b", "[a]", " a", "a\n"] {
            assert!(user_fault(name, false).is_some(), "{name}");
        }
    }

    #[test]
    fn clusters_hand_on_less_than_single_nodes_keep() {
        for text in ["a\"b", "a\\b"] {
            assert!(CredentialKey::Secret.fault(text, true).is_some() && user_fault(text, true).is_some(), "{text}");
            assert!(CredentialKey::Secret.fault(text, false).is_none() && user_fault(text, false).is_none(), "{text}");
        }
        assert!(user_fault("jane doe", true).is_some() && user_fault("jane doe", false).is_none());
    }
}
