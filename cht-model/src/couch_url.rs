//! The URL by which CHT reaches its database.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::DatabaseName;

/// The parts of a user-info or path segment that may not stand as they are (RFC 3986, all but "unreserved").
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the URL by which CHT reaches its database is made of.
#[derive(Debug, Clone, Copy)]
pub struct CouchUrl<'a> {
    /// The administrator's name.
    pub user: &'a SecretString,
    /// The administrator's password.
    pub password: &'a SecretString,
    /// HAProxy's host and port.
    pub authority: &'a str,
    /// The database.
    pub database: &'a DatabaseName,
}

impl CouchUrl<'_> {
    /// The URL. User and password are percent-encoded; the path has exactly one segment.
    pub fn compose(&self) -> SecretString {
        let encode = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let (user, password) = (encode(self.user.expose_secret()), encode(self.password.expose_secret()));
        format!("http://{user}:{password}@{}/{}", self.authority, encode(self.database.as_str())).into()
    }

    /// What a URL that someone else has composed says otherwise, as a clause that shows nothing of it.
    pub fn fault(&self, url: &str) -> Option<String> {
        let Some((user_info, rest)) = url.strip_prefix("http://").and_then(|rest| rest.split_once('@')) else {
            return Some("is not of the form http://USER:PASSWORD@HOST:PORT/DATABASE".to_owned());
        };
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !stands_for(user, self.user.expose_secret()) {
            Some("does not have the name of COUCHDB_USER, percent-encoded".to_owned())
        } else if !stands_for(password, self.password.expose_secret()) {
            Some("does not have the password of COUCHDB_PASSWORD, percent-encoded".to_owned())
        } else if !authority.eq_ignore_ascii_case(self.authority) {
            Some(format!("does not lead to {}", self.authority))
        } else if !stands_for(path, self.database.as_str()) {
            Some(format!("does not end with the database, /{}", self.database))
        } else {
            None
        }
    }
}

/// Whether a part of a URL stands for a text, and would be read as that by anyone. Some encode more than they must.
fn stands_for(part: &str, text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=%".contains(c);
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    part.chars().all(is_plain)
        && part.split('%').skip(1).all(is_escape)
        && percent_decode_str(part).decode_utf8().is_ok_and(|decoded| decoded == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORITY: &str = "haproxy.ns.svc.cluster.local:5984";

    fn check<T>(password: &str, check: impl FnOnce(CouchUrl<'_>) -> T) -> T {
        let (user, password) = (SecretString::from("medic"), SecretString::from(password));
        let database = "medic".parse().expect("a database name");
        check(CouchUrl { user: &user, password: &password, authority: AUTHORITY, database: &database })
    }

    #[test]
    fn the_url_encodes_what_would_break_it() {
        let url = check("p:@?#% é", |url| url.compose());
        assert_eq!(
            url.expose_secret(),
            "http://medic:p%3A%40%3F%23%25%20%C3%A9@haproxy.ns.svc.cluster.local:5984/medic"
        );
    }

    #[test]
    fn whatever_stands_for_the_same_is_right() {
        for url in [
            "http://medic:a!b%21@haproxy.ns.svc.cluster.local:5984/medic",
            "http://%6dedic:a%21b!@HAPROXY.ns.svc.cluster.local:5984/%6Dedic",
        ] {
            assert_eq!(check("a!b!", |right| right.fault(url)), None, "{url}");
        }
    }

    #[test]
    fn each_part_must_be_right() {
        let refused = [
            "https://medic:p%25w@haproxy.ns.svc.cluster.local:5984/medic",
            "medic:p%25w@haproxy.ns.svc.cluster.local:5984/medic",
            "http://haproxy.ns.svc.cluster.local:5984/medic",
            "http://admin:p%25w@haproxy.ns.svc.cluster.local:5984/medic",
            "http://medic@haproxy.ns.svc.cluster.local:5984/medic",
            "http://medic:p%w@haproxy.ns.svc.cluster.local:5984/medic",
            "http://medic:p%25@w@haproxy.ns.svc.cluster.local:5984/medic",
            "http://medic:p%25w@haproxy:5984/medic",
            "http://medic:p%25w@haproxy.ns.svc.cluster.local/medic",
            "http://medic:p%25w@haproxy.ns.svc.cluster.local:5984",
            "http://medic:p%25w@haproxy.ns.svc.cluster.local:5984/other",
            "http://medic:p%25w@haproxy.ns.svc.cluster.local:5984/medic/",
            "http://medic:p%25w@haproxy.ns.svc.cluster.local:5984/medic?x",
        ]
        .map(|url| format!("{url}: {}", check("p%w", |right| right.fault(url)).unwrap_or_else(|| "right".to_owned())));
        insta::assert_snapshot!(refused.join("\n"));
    }
}
