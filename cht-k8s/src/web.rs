//! Asks web servers that are not the cluster's: where certificates come from, and registries.

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use ureq::tls::{RootCerts, TlsConfig};

/// How long one request may take, from the name's resolution to the last byte.
const LONGEST: Duration = Duration::from_secs(10);

/// How much of an answer is read: certificates and manifests have a few kilobytes.
const LONGEST_BODY: u64 = 1 << 20;

/// Web servers. The real ones are the [`Internet`]; tests have others.
#[async_trait]
pub trait Web: Send + Sync {
    /// The answer to a GET, whatever its status is.
    ///
    /// # Errors
    ///
    /// When there is none.
    async fn get(&self, request: &WebRequest) -> Result<WebAnswer, WebError>;
}

/// A GET.
#[derive(Debug, Clone)]
pub struct WebRequest {
    /// Where, with its scheme.
    pub url: String,
    /// Which types of content are welcome; nothing means any.
    pub accept: Option<String>,
    /// What proves that one may ask.
    pub bearer: Option<SecretString>,
}

impl WebRequest {
    /// Asks for any type of content, as nobody in particular.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), accept: None, bearer: None }
    }
}

/// What a server answers.
#[derive(Clone)]
pub struct WebAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The content, of at most 1 MiB.
    pub body: Vec<u8>,
}

impl fmt::Debug for WebAnswer {
    /// Without headers and content, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebAnswer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// The name of the server is not known here: mostly there is no connection to the internet.
    #[error("{url}: the name cannot be resolved from here")]
    NotResolved {
        /// What was asked for.
        url: String,
    },
    /// There was no answer in time.
    #[error("{url}: no answer within {} seconds", LONGEST.as_secs())]
    TimedOut {
        /// What was asked for.
        url: String,
    },
    /// The server's certificate is not one that this machine trusts, or the connection cannot be made safe.
    #[error("{url}: no safe connection: {reason}")]
    Tls {
        /// What was asked for.
        url: String,
        /// In the words of the TLS library.
        reason: String,
    },
    /// The connection cannot be made, or breaks.
    #[error("{url}: {reason}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        reason: String,
    },
}

/// The web servers of the internet, by the proxy of `HTTPS_PROXY` and its like where one is set, trusted as this machine
/// trusts them.
#[derive(Debug, Clone)]
pub struct Internet {
    agent: ureq::Agent,
}

impl Internet {
    /// Makes no request yet.
    pub fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(LONGEST))
            .http_status_as_error(false)
            .user_agent(concat!("cht/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into() }
    }
}

impl Default for Internet {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Web for Internet {
    async fn get(&self, request: &WebRequest) -> Result<WebAnswer, WebError> {
        let (agent, request) = (self.agent.clone(), request.clone());
        let url = request.url.clone();
        let answered = tokio::task::spawn_blocking(move || answer(&agent, &request));
        answered.await.unwrap_or_else(|lost| Err(WebError::Unreachable { url, reason: lost.to_string() }))
    }
}

fn answer(agent: &ureq::Agent, request: &WebRequest) -> Result<WebAnswer, WebError> {
    let failed = |error| failure(&request.url, error);
    let mut asked = agent.get(&request.url);
    if let Some(accept) = &request.accept {
        asked = asked.header(ACCEPT, accept);
    }
    if let Some(token) = &request.bearer {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
            .map_err(|error| failed(ureq::Error::Http(error.into())))?;
        bearer.set_sensitive(true);
        asked = asked.header(AUTHORIZATION, bearer);
    }
    let mut response = asked.call().map_err(failed)?;
    let body = response.body_mut().with_config().limit(LONGEST_BODY).read_to_vec().map_err(failed)?;
    Ok(WebAnswer { status: response.status().as_u16(), headers: response.headers().clone(), body })
}

fn failure(url: &str, error: ureq::Error) -> WebError {
    let url = url.to_owned();
    match error {
        ureq::Error::HostNotFound => WebError::NotResolved { url },
        ureq::Error::Timeout(_) => WebError::TimedOut { url },
        ureq::Error::Rustls(error) => WebError::Tls { url, reason: error.to_string() },
        ureq::Error::Tls(reason) => WebError::Tls { url, reason: reason.to_owned() },
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => WebError::TimedOut { url },
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => WebError::Tls { url, reason: error.to_string() },
            None => WebError::Unreachable { url, reason: error.to_string() },
        },
        error => WebError::Unreachable { url, reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers one request with these bytes, and gives back what it was asked.
    fn server(answer: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/key", listener.local_addr().expect("an address"));
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
            let head: Vec<_> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            stream.write_all(answer).expect("answers");
            head.join("\n")
        });
        (url, asked)
    }

    async fn get(request: &WebRequest) -> Result<WebAnswer, WebError> {
        Internet::new().get(request).await
    }

    #[tokio::test]
    async fn a_status_is_an_answer() {
        let (url, asked) = server(b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\nx-why: gone\r\n\r\nnone");
        let request =
            WebRequest { accept: Some("text/plain".to_owned()), bearer: Some("canary".into()), ..WebRequest::new(url) };
        let answer = get(&request).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (404, b"none".as_slice()));
        assert_eq!(answer.headers["x-why"], "gone");
        let asked = asked.join().expect("was asked");
        assert!(asked.starts_with("GET /key HTTP/1.1"), "{asked}");
        assert!(asked.contains("authorization: Bearer canary"), "{asked}");
        assert!(asked.contains("accept: text/plain"), "{asked}");
        assert!(!format!("{request:?} {answer:?}").contains("canary"));
    }

    #[tokio::test]
    async fn what_hinders_is_named_with_what_was_asked_for() {
        let left = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let nobody = format!("http://{left}/");
        let refused = get(&WebRequest::new(&nobody)).await.expect_err("nobody listens");
        assert!(matches!(&refused, WebError::Unreachable { url, .. } if *url == nobody), "{refused:?}");
        let unknown = get(&WebRequest::new("http://no-such-host.invalid/")).await.expect_err("no such name");
        assert!(unknown.to_string().starts_with("http://no-such-host.invalid/: "), "{unknown}");
        let (url, _asked) = server(b"this is no HTTP\r\n\r\n");
        assert!(matches!(get(&WebRequest::new(url)).await, Err(WebError::Unreachable { .. })));
    }

    #[tokio::test]
    async fn an_endless_answer_is_not_read_to_its_end() {
        static LONG: [u8; 2 << 20] = {
            let mut bytes = [b'x'; 2 << 20];
            let head = b"HTTP/1.1 200 OK\r\n\r\n";
            let mut at = 0;
            while at < head.len() {
                bytes[at] = head[at];
                at += 1;
            }
            bytes
        };
        let (url, _asked) = server(&LONG);
        let error = get(&WebRequest::new(url)).await.expect_err("too long");
        assert!(error.to_string().contains("larger"), "{error}");
    }
}
