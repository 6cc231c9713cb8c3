//! Certificates on a real API server: copied from files, taken over from kubectl, self-signed.

use cht_k8s::tls::{CertificateState, certificate_status};
use cht_manifests::Kind;
use cht_tests::certificates::{Issued, issued};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;
use tempfile::TempDir;

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

const SECRET: &str = "api-tls-secret";

fn host(site: &Site) -> String {
    format!("{}.example.org", site.namespace)
}

fn from_files(site: &Site, folder: &TempDir, pair: &Issued) -> Values {
    let (certificate, key) = (folder.path().join("a.crt"), folder.path().join("a.key"));
    std::fs::write(&certificate, &pair.certificate).expect("a file");
    std::fs::write(&key, &pair.key).expect("a file");
    site.example("k3s-cluster.yaml")
        .set("cert_source", "specify-file-path")
        .set("certificate_crt_file_path", &certificate.display().to_string())
        .set("certificate_key_file_path", &key.display().to_string())
}

/// Makes the Secret as `kubectl create secret tls` does.
async fn create_by_kubectl(site: &Site, pair: &Issued) {
    let namespace = serde_json::from_value(json!({ "metadata": { "name": site.namespace } })).expect("a Namespace");
    let namespaces: Api<Namespace> = Api::all(site.backdoor.client());
    namespaces.create(&PostParams::default(), &namespace).await.expect("the namespace is made");
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    let data = json!({ "tls.crt": bytes(&pair.certificate), "tls.key": bytes(&pair.key) });
    let secret = json!({ "metadata": { "name": SECRET }, "type": "kubernetes.io/tls", "data": data });
    let secret = serde_json::from_value(secret).expect("a Secret");
    let parameters = PostParams { field_manager: Some("kubectl-create".to_owned()), ..PostParams::default() };
    let secrets: Api<Secret> = Api::namespaced(site.backdoor.client(), &site.namespace);
    secrets.create(&parameters, &secret).await.expect("the Secret is made");
}

#[tokio::test]
async fn a_secret_of_kubectl_is_taken_over_and_follows_its_files() {
    on_a_site(at_once(), async |site| {
        let folder = TempDir::new().expect("a folder");
        let (theirs, newer) = (issued(&host(site), 2020, 2099), issued(&host(site), 2021, 2099));
        create_by_kubectl(site, &theirs).await;
        let values = from_files(site, &folder, &newer);
        site.deploy(&values).await.succeeded();
        let live: Secret = site.live(Kind::Secret, SECRET).await.decode().expect("a Secret");
        assert_eq!(live.data.expect("data")["tls.key"].0, newer.key.as_bytes());
        assert!(site.plan(&values).await.is_unchanged());

        let status = certificate_status(&*site.cluster, &values.instance()).await.expect("a status");
        assert_eq!((status.state, status.source), (CertificateState::Right, Some("specify-file-path")));
        let records = site.all(Kind::ConfigMap).await;
        for record in records {
            for part in newer.canaries() {
                assert!(!record.value().to_string().contains(&part), "{}", record.name());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_made_once_and_anew_when_it_is_broken() {
    on_a_site(at_once(), async |site| {
        let values = site.example("k3s-cluster.yaml").set("cert_source", "self-signed");
        site.deploy(&values).await.succeeded();
        let (leaf, authority) = (site.live(Kind::Secret, SECRET).await, site.live(Kind::Secret, "api-tls-ca").await);
        assert!(site.plan(&values).await.is_unchanged());
        let again = site.deploy(&values).await.succeeded();
        assert_eq!((again.outcome.counts.created, again.outcome.counts.changed), (0, 0));
        assert_eq!(site.live(Kind::Secret, SECRET).await, leaf);

        let secrets: Api<Secret> = Api::namespaced(site.backdoor.client(), &site.namespace);
        let broken = Patch::Merge(json!({ "data": { "tls.key": ByteString(b"none".to_vec()) } }));
        secrets.patch(SECRET, &PatchParams::apply("kubectl-edit"), &broken).await.expect("it is broken");
        site.deploy(&values).await.succeeded();
        let status = certificate_status(&*site.cluster, &values.instance()).await.expect("a status");
        assert_eq!(status.state, CertificateState::Right);
        assert_eq!(site.live(Kind::Secret, "api-tls-ca").await, authority);
    })
    .await;
}
