//! Whether a registry has an image, asked as nobody in particular: the requests of the OCI distribution API, with the token that
//! public registries give to anyone.

use serde::Deserialize;

use crate::web::{Web, WebAnswer, WebError, WebRequest};

/// The forms that an image's description may have.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// An image's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    registry: String,
    repository: String,
    /// A tag, or a digest.
    tag: String,
}

impl Reference {
    /// As container runtimes read it: without a registry it is Docker Hub's.
    pub(super) fn parse(image: &str) -> Self {
        let (registry, path) = match image.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
            _ => ("docker.io", image),
        };
        let (repository, tag) = match path.split_once('@') {
            Some((repository, digest)) => (repository, digest),
            None => match path.rsplit_once(':') {
                Some((repository, tag)) => (repository, tag),
                None => (path, "latest"),
            },
        };
        let is_hub = registry == "docker.io" || registry == "index.docker.io";
        let is_short = is_hub && !repository.contains('/');
        let repository = if is_short { format!("library/{repository}") } else { repository.to_owned() };
        let registry = if is_hub { "registry-1.docker.io" } else { registry };
        Self { registry: registry.to_owned(), repository, tag: tag.to_owned() }
    }

    fn manifest(&self) -> String {
        format!("https://{}/v2/{}/manifests/{}", self.registry, self.repository, self.tag)
    }
}

/// What a registry says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// It has it.
    Yes,
    /// It has no such image.
    No,
    /// It tells only those who sign in.
    Private,
    /// It answered something else.
    Odd(u16),
    /// There was no answer.
    Unreachable(String),
}

/// Asks the image's registry.
pub(super) async fn ask(web: &dyn Web, image: &str) -> Held {
    asked(web, &Reference::parse(image)).await.unwrap_or_else(|error| Held::Unreachable(error.to_string()))
}

async fn asked(web: &dyn Web, image: &Reference) -> Result<Held, WebError> {
    let request = WebRequest { accept: Some(MANIFESTS.to_owned()), ..WebRequest::new(image.manifest()) };
    let answer = web.get(&request).await?;
    if answer.status != 401 {
        return Ok(meaning(answer.status));
    }
    let Some(place) = challenge(&answer, image) else { return Ok(Held::Private) };
    let given = web.get(&WebRequest::new(place)).await?;
    let token = serde_json::from_slice::<Token>(&given.body).ok().and_then(|token| token.token.or(token.access_token));
    let Some(token) = token.filter(|_| given.status == 200) else { return Ok(Held::Private) };
    let answer = web.get(&WebRequest { bearer: Some(token.into()), ..request }).await?;
    Ok(meaning(answer.status))
}

fn meaning(status: u16) -> Held {
    match status {
        200 => Held::Yes,
        404 => Held::No,
        // Some registries say so of what is not there, too: nobody in particular is not told.
        401 | 403 => Held::Private,
        other => Held::Odd(other),
    }
}

/// What a registry gives to anyone.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// Where the registry sends those who have no token, with what they want it for. Only safe places count.
fn challenge(answer: &WebAnswer, image: &Reference) -> Option<String> {
    let header = answer.headers.get(http::header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let parameters = header.strip_prefix("Bearer ").or_else(|| header.strip_prefix("bearer "))?;
    let value = |name: &str| {
        let parts = parameters.split(',').map(str::trim);
        parts
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches('"'))
    };
    let realm = value("realm").filter(|realm| realm.starts_with("https://"))?;
    let service = value("service").map(|service| format!("service={service}&")).unwrap_or_default();
    let joint = if realm.contains('?') { '&' } else { '?' };
    Some(format!("{realm}{joint}{service}scope=repository:{}:pull", image.repository))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::doctor::testing::Registry;

    #[test]
    fn names_are_read_as_runtimes_read_them() {
        for (image, registry, repository, tag) in [
            ("public.ecr.aws/medic/cht-api:5.3.0", "public.ecr.aws", "medic/cht-api", "5.3.0"),
            ("medicmobile/upgrade-service:0.32", "registry-1.docker.io", "medicmobile/upgrade-service", "0.32"),
            ("busybox", "registry-1.docker.io", "library/busybox", "latest"),
            ("localhost:5000/cht-api:x", "localhost:5000", "cht-api", "x"),
            ("registry.example.org/a/b@sha256:00", "registry.example.org", "a/b", "sha256:00"),
        ] {
            let expected =
                Reference { registry: registry.to_owned(), repository: repository.to_owned(), tag: tag.to_owned() };
            assert_eq!(Reference::parse(image), expected);
        }
    }

    #[test]
    fn registries_are_asked_with_the_token_that_they_give() {
        for (registry, expected) in [
            (Registry::open(200), Held::Yes),
            (Registry::open(404), Held::No),
            (Registry::open(500), Held::Odd(500)),
            (Registry::open(403), Held::Private),
            (Registry::with_tokens(200), Held::Yes),
            (Registry::with_tokens(404), Held::No),
            (Registry::with_tokens(401), Held::Private),
            (Registry::signed_in_only(), Held::Private),
            (Registry::unsafe_realm(), Held::Private),
        ] {
            assert_eq!(block_on(ask(&registry, "registry.example.org/medic/cht-api:5.3.0")), expected, "{registry:?}");
        }
        let lost = block_on(ask(&Registry::unreachable(), "registry.example.org/cht-api:1"));
        assert!(matches!(lost, Held::Unreachable(_)), "{lost:?}");
    }

    #[test]
    fn a_token_is_asked_for_the_image_alone() {
        let registry = Registry::with_tokens(200);
        block_on(ask(&registry, "registry.example.org/medic/cht-api:5.3.0"));
        let manifest = "https://registry.example.org/v2/medic/cht-api/manifests/5.3.0";
        let token = "https://tokens.example.org/token?service=registry.example.org&scope=repository:medic/cht-api:pull";
        assert_eq!(registry.asked(), [manifest, token, manifest]);
    }
}
