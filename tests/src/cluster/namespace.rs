//! Namespaces of a test's own, which go away with the test, also when it panics.

use std::hash::{BuildHasher as _, RandomState};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{ObjectMeta, PostParams};
use kube::runtime::wait::await_condition;
use kube::{Api, Client};

use super::TestCluster;

const ACCOUNT_TIMEOUT: Duration = Duration::from_mins(1);

impl TestCluster {
    /// Runs a test with a new namespace, in which pods can be created.
    ///
    /// Afterwards the namespace is deleted, without waiting for the end of that, and everything outside it that is the
    /// test's: its volumes and its storage classes.
    ///
    /// # Panics
    /// As the test does; else when the namespace cannot be made or cleaned up.
    pub async fn with_temp_namespace<Test, Output>(&self, test: Test) -> Output
    where
        Test: AsyncFnOnce(Self, String) -> Output,
    {
        self.with_reserved_namespace(async |cluster: Self, namespace: String| {
            create(cluster.client(), &namespace).await;
            Box::pin(test(cluster, namespace)).await
        })
        .await
    }

    /// Runs a test with the name of a namespace that nobody uses, for what creates its namespace itself.
    ///
    /// Cleans up as [`TestCluster::with_temp_namespace`] does.
    ///
    /// # Panics
    /// As the test does; else when what it left cannot be cleaned up.
    pub async fn with_reserved_namespace<Test, Output>(&self, test: Test) -> Output
    where
        Test: AsyncFnOnce(Self, String) -> Output,
    {
        let namespace = unique_name();
        let outcome = AssertUnwindSafe(Box::pin(test(self.clone(), namespace.clone()))).catch_unwind().await;
        let cleaned = super::cleanup::clean_up(self.client(), &namespace).await;
        match outcome {
            Ok(output) => {
                cleaned.unwrap_or_else(|error| panic!("namespace {namespace} could not be cleaned up: {error}"));
                output
            }
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Such a name never comes twice: the standard library keys each hasher at random.
fn unique_name() -> String {
    format!("cht-test-{:08x}", RandomState::new().hash_one(std::process::id()) & 0xffff_ffff)
}

async fn create(client: Client, namespace: &str) {
    let object = Namespace {
        metadata: ObjectMeta { name: Some(namespace.to_owned()), ..ObjectMeta::default() },
        ..Namespace::default()
    };
    Api::all(client.clone())
        .create(&PostParams::default(), &object)
        .await
        .unwrap_or_else(|error| panic!("namespace {namespace} could not be created: {error}"));
    wait_for_account(client, namespace)
        .await
        .unwrap_or_else(|error| panic!("namespace {namespace}'s service account cannot be watched: {error}"));
}

/// The account comes a moment after its namespace, and pods are refused until then.
async fn wait_for_account(client: Client, namespace: &str) -> Result<(), kube::runtime::wait::Error> {
    let needs_token = client.apiserver_version().await.is_ok_and(|version| makes_token_secrets(&version.minor));
    let usable = |account: Option<&ServiceAccount>| {
        account
            .is_some_and(|account| !needs_token || account.secrets.as_ref().is_some_and(|secrets| !secrets.is_empty()))
    };
    let accounts = Api::<ServiceAccount>::namespaced(client, namespace);
    tokio::time::timeout(ACCOUNT_TIMEOUT, await_condition(accounts, "default", usable))
        .await
        .unwrap_or_else(|_| panic!("namespace {namespace} got no service account within {ACCOUNT_TIMEOUT:?}"))
        .map(drop)
}

/// Until 1.24 an account is of no use before it has the Secret that a controller makes for it; later ones never get
/// one.
fn makes_token_secrets(minor_version: &str) -> bool {
    minor_version.trim_end_matches('+').parse::<u32>().is_ok_and(|minor| minor < 24)
}

#[cfg(test)]
mod tests {
    use super::{makes_token_secrets, unique_name};

    #[test]
    fn names_differ_and_are_names() {
        let (one, other) = (unique_name(), unique_name());
        assert_ne!(one, other);
        assert!(one.starts_with("cht-test-") && one.len() == 17, "{one}");
    }

    #[test]
    fn only_old_servers_make_token_secrets() {
        assert!(makes_token_secrets("20"));
        assert!(makes_token_secrets("23+"));
        assert!(!makes_token_secrets("24"));
        assert!(!makes_token_secrets("33+"));
    }
}
