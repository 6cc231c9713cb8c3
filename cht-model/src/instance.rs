//! The validated whole.

use secrecy::SecretString;

use crate::{
    Api, CertificateSource, CouchDb, CredentialKey, Images, NamespaceName, NetworkAccess, Platform, PriorityClassName,
    Profile, ProjectName, Release, SecretName, Sentinel, Sizing, TlsSecret,
};

/// One CHT instance, validated: made by `Values::validate` only, so that a platform that the release line does not
/// have, a cluster without volumes or a name that Kubernetes refuses cannot be expressed.
#[derive(Debug, Clone)]
pub struct Instance {
    pub(crate) project: ProjectName,
    pub(crate) namespace: NamespaceName,
    pub(crate) version: String,
    pub(crate) release: Release,
    pub(crate) environment: Environment,
    pub(crate) profile: Profile,
    pub(crate) sizing: Sizing,
    pub(crate) priority_class: Option<PriorityClassName>,
    pub(crate) image_pull_secret: Option<SecretName>,
    pub(crate) platform: Platform,
    pub(crate) certificate: Option<CertificateSource>,
    pub(crate) images: Images,
    pub(crate) couchdb: CouchDb,
    pub(crate) api: Api,
    pub(crate) sentinel: Sentinel,
    pub(crate) network: NetworkAccess,
}

/// Where the instance is meant to run (`environment`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// On this machine, for development.
    Local,
    /// On a cluster that is there already.
    Remote,
}

impl Instance {
    /// Which instance this is.
    pub fn project(&self) -> &ProjectName {
        &self.project
    }

    /// The namespace that all of it lives in.
    pub fn namespace(&self) -> &NamespaceName {
        &self.namespace
    }

    /// The version as it was written: a release, or a branch's name.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The release line.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// Local or remote.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// How much more than the charts' its objects have.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// What its programs are given; with `profile: production` only.
    pub fn sizing(&self) -> &Sizing {
        &self.sizing
    }

    /// The `PriorityClass` of its pods; with `profile: production` only.
    pub fn priority_class(&self) -> Option<&PriorityClassName> {
        self.priority_class.as_ref()
    }

    /// The Secret of the namespace that images are pulled with; with `profile: production` only.
    pub fn image_pull_secret(&self) -> Option<&SecretName> {
        self.image_pull_secret.as_ref()
    }

    /// The platform and its ingress.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Where the certificate comes from, where the values say so.
    pub fn certificate(&self) -> Option<&CertificateSource> {
        self.certificate.as_ref()
    }

    /// The images.
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// CouchDB.
    pub fn couchdb(&self) -> &CouchDb {
        &self.couchdb
    }

    /// The API's settings.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Sentinel's settings.
    pub fn sentinel(&self) -> &Sentinel {
        &self.sentinel
    }

    /// Who may open connections to its pods.
    pub fn network(&self) -> NetworkAccess {
        self.network
    }

    /// The address that people open. CHT's cookies are for HTTPS only, so it always is that.
    pub fn address(&self) -> String {
        self.platform.host().map_or_else(|| "https://localhost".to_owned(), |host| format!("https://{host}"))
    }

    /// The instance with each credential that its values leave out filled in.
    #[must_use]
    pub fn with_credentials(mut self, fill: impl FnMut(CredentialKey) -> SecretString) -> Self {
        self.couchdb.credentials = self.couchdb.credentials.completed(fill);
        self
    }

    /// The instance as it is where the namespace holds the Secret `api-tls-secret`.
    #[must_use]
    pub fn with_tls_secret_present(mut self) -> Self {
        if let Platform::K3s(ingress) = &mut self.platform {
            ingress.tls = TlsSecret::Used;
        }
        self
    }
}
