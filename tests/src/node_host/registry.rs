//! A registry of images: the part of the distribution API by which container runtimes pull.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::catalog;
use crate::http::{self, Method, Request, Response, StatusCode};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Images that share one layer.
pub(super) struct Registry {
    layer: Descriptor,
    /// What was handed out by its digest.
    content: Mutex<HashMap<String, (&'static str, Bytes)>>,
}

#[derive(Clone)]
struct Descriptor {
    media_type: &'static str,
    digest: String,
    size: usize,
}

impl Descriptor {
    fn json(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest, "size": self.size})
    }
}

impl Registry {
    pub(super) fn new(layer: Vec<u8>) -> Self {
        let content = Mutex::default();
        let layer = store(&content, LAYER, layer.into());
        Self { layer, content }
    }

    /// Answers for ever.
    pub(super) async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let registry = Arc::new(self);
        http::serve(listener, move |request| std::future::ready(registry.answer(&request))).await
    }

    fn answer(&self, request: &Request) -> Response {
        let unknown = || {
            let errors = json!({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "there is no such image"}]});
            http::json(StatusCode::NOT_FOUND, &errors)
        };
        let Some(path) = request.uri().path().strip_prefix("/v2/") else { return unknown() };
        if path.is_empty() {
            return http::json(StatusCode::OK, &json!({}));
        }
        let wanted = match path.rsplit_once("/manifests/") {
            Some((name, tag)) if !tag.contains(':') => self.manifest(name, tag).map(|manifest| manifest.digest),
            Some((_, digest)) => Some(digest.to_owned()),
            None => path.rsplit_once("/blobs/").map(|(_, digest)| digest.to_owned()),
        };
        let Some((digest, (media_type, body))) =
            wanted.and_then(|digest| Some((digest.clone(), self.content(&digest)?)))
        else {
            return unknown();
        };
        let length = body.len();
        let body = if request.method() == Method::HEAD { Bytes::new() } else { body };
        let mut response = http::response(StatusCode::OK, media_type, body);
        let headers = response.headers_mut();
        headers.insert("docker-content-digest", digest.parse().expect("a digest is a header's value"));
        headers.insert(http::header::CONTENT_LENGTH, length.into());
        response
    }

    /// The manifest of an image, made when it is first asked for.
    fn manifest(&self, name: &str, tag: &str) -> Option<Descriptor> {
        let configuration = json!({
            "architecture": architecture(),
            "os": "linux",
            "config": catalog::configuration(name, tag)?,
            // A layer that is not compressed is its own content.
            "rootfs": {"type": "layers", "diff_ids": [&self.layer.digest]},
        });
        let configuration = store(&self.content, CONFIGURATION, configuration.to_string().into());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": configuration.json(),
            "layers": [self.layer.json()],
        });
        Some(store(&self.content, MANIFEST, manifest.to_string().into()))
    }

    fn content(&self, digest: &str) -> Option<(&'static str, Bytes)> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }
}

fn store(content: &Mutex<HashMap<String, (&'static str, Bytes)>>, media_type: &'static str, body: Bytes) -> Descriptor {
    let digest = format!("sha256:{:x}", Sha256::digest(&body));
    let descriptor = Descriptor { media_type, digest: digest.clone(), size: body.len() };
    content.lock().unwrap_or_else(PoisonError::into_inner).insert(digest, (media_type, body));
    descriptor
}

/// This machine's, in the registries' words.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn get(registry: &Registry, path: &str) -> (StatusCode, Value) {
        let request = hyper::Request::get(path).body(Bytes::new()).expect("a request");
        let response = registry.answer(&request);
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn an_image_is_found_by_its_tag_and_all_of_it_by_digests() {
        let registry = Registry::new(b"layer".to_vec());
        let (status, manifest) = get(&registry, "/v2/medic/cht-api/manifests/5.3.0").await;
        assert_eq!((status, &manifest["layers"][0]["size"]), (StatusCode::OK, &json!(5)));
        let digest = |descriptor: &Value| descriptor["digest"].as_str().expect("a digest").to_owned();
        let (config, layer) = (digest(&manifest["config"]), digest(&manifest["layers"][0]));
        let (status, config) = get(&registry, &format!("/v2/medic/cht-api/blobs/{config}")).await;
        assert_eq!((status, &config["rootfs"]["diff_ids"]), (StatusCode::OK, &json!([layer])));
        assert_eq!(get(&registry, &format!("/v2/medic/cht-api/blobs/{layer}")).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn what_is_not_there_is_unknown() {
        let registry = Registry::new(Vec::new());
        for path in ["/", "/v2/medic/cht-api/manifests/gone", "/v2/medic/cht-api/blobs/sha256:0", "/v2/medic"] {
            assert_eq!(get(&registry, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(get(&registry, "/v2/").await.0, StatusCode::OK);
    }
}
