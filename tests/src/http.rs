//! HTTP/1.1 for programs of this package: a server and a client that hold whole bodies in memory.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

pub use hyper::{Method, StatusCode, header};

/// A request with its whole body.
pub type Request = hyper::Request<Bytes>;
/// An answer with its whole body.
pub type Response = hyper::Response<Full<Bytes>>;

/// An answer with a body of this type.
///
/// # Panics
/// When `content_type` is no header's value.
pub fn response(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Response {
    hyper::Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(body.into()))
        .expect("a content type is a header's value")
}

/// An answer in JSON.
pub fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    response(status, "application/json", body.to_string())
}

/// Answers every request that comes, until the listener fails.
///
/// # Errors
/// As the listener's.
pub async fn serve<Answer, Answered>(listener: TcpListener, answer: Answer) -> io::Result<()>
where
    Answer: Fn(Request) -> Answered + Clone + Send + Sync + 'static,
    Answered: Future<Output = Response> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        let answer = answer.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let answer = answer.clone();
            async move {
                let (head, body) = request.into_parts();
                Ok::<_, Infallible>(match body.collect().await {
                    Ok(body) => answer(Request::from_parts(head, body.to_bytes())).await,
                    Err(_) => response(StatusCode::BAD_REQUEST, "text/plain", "the request ended early\n"),
                })
            }
        });
        tokio::spawn(async move {
            // A client that goes away is no matter of the server's.
            drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

/// Asks for a path over a connection of its own, and returns the answer's status and body.
///
/// # Errors
/// When no whole answer comes in time.
pub async fn get(
    address: &str,
    path: &str,
    header: (header::HeaderName, &str),
    within: Duration,
) -> io::Result<(StatusCode, Bytes)> {
    let (name, value) = header;
    let request = hyper::Request::get(path).header(header::HOST, address).header(name, value);
    let request = request.body(Full::<Bytes>::default()).map_err(io::Error::other)?;
    let exchange = async {
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let connection = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        connection.abort();
        Ok((status, body))
    };
    tokio::time::timeout(within, exchange).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
