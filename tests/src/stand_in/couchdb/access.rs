//! Who is let in: who names the administrator and his password, or shows the cookie that was given for them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::http::{Request, header};
use crate::stand_in::couch::basic;

/// The one administrator.
pub(super) struct Access {
    user: String,
    authorization: String,
    cookie: String,
}

impl Access {
    pub(super) fn new(user: String, password: &str, secret: &str) -> Self {
        let signature = Sha256::digest(format!("{user}:{password}:{secret}"));
        let cookie = format!("AuthSession={}", URL_SAFE_NO_PAD.encode(signature));
        Self { authorization: basic(&user, password), user, cookie }
    }

    /// Whose requests are let in.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// Whether a request is let in.
    pub(super) fn admits(&self, request: &Request) -> bool {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let shows_cookie = |cookies: &str| cookies.split(';').any(|cookie| cookie.trim() == self.cookie);
        text(header::AUTHORIZATION) == Some(&*self.authorization) || text(header::COOKIE).is_some_and(shows_cookie)
    }

    /// The cookie for whoever sends the right name and password, as JSON or as a form.
    pub(super) fn log_in(&self, request: &Request) -> Option<&str> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let (name, password) = if content_type?.starts_with("application/json") {
            let body = serde_json::from_slice::<Value>(request.body()).ok()?;
            (body["name"].as_str()?.to_owned(), body["password"].as_str()?.to_owned())
        } else {
            let body = std::str::from_utf8(request.body()).ok()?;
            (field(body, "name")?, field(body, "password")?)
        };
        (basic(&name, &password) == self.authorization).then_some(&*self.cookie)
    }
}

/// A field of a form.
fn field(form: &str, name: &str) -> Option<String> {
    let (_, value) = form.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8().ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderName;

    use super::*;

    fn access() -> Access {
        Access::new("medic".to_owned(), "p@ss word", "secret")
    }

    fn request(name: HeaderName, value: &str, body: &str) -> Request {
        hyper::Request::post("/_session").header(name, value).body(body.to_owned().into()).expect("a request")
    }

    #[test]
    fn a_name_and_a_password_or_the_cookie_let_in() {
        let access = access();
        assert!(access.admits(&request(header::AUTHORIZATION, &basic("medic", "p@ss word"), "")));
        assert!(!access.admits(&request(header::AUTHORIZATION, &basic("medic", "pass"), "")));
        assert!(!access.admits(&Request::default()));
        let json = r#"{"name": "medic", "password": "p@ss word"}"#;
        let cookie = access.log_in(&request(header::CONTENT_TYPE, "application/json", json)).expect("a cookie");
        assert!(access.admits(&request(header::COOKIE, &format!("a=b; {cookie}"), "")));
        assert!(!access.admits(&request(header::COOKIE, "AuthSession=x", "")));
    }

    #[test]
    fn only_the_right_password_gives_a_cookie() {
        let access = access();
        let form = |body| request(header::CONTENT_TYPE, "application/x-www-form-urlencoded", body);
        assert!(access.log_in(&form("name=medic&password=p%40ss+word")).is_some());
        assert!(access.log_in(&form("name=medic&password=other")).is_none());
        assert!(access.log_in(&form("name=medic")).is_none());
        assert!(access.log_in(&request(header::CONTENT_TYPE, "application/json", "{")).is_none());
        assert!(access.log_in(&Request::default()).is_none());
    }
}
