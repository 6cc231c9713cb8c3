//! The way in, on each platform.

use std::collections::BTreeMap;

use cht_manifests::{Kind, Stage, manifests};
use cht_model::Instance;
use serde_json::{Value, json};

use crate::cases::{Case, Data, Nodes, On, Version};

fn case(version: Version, on: On) -> Case {
    Case { version, on, nodes: Nodes::One, data: Data::New }
}

fn ingress(instance: &Instance) -> Option<Value> {
    manifests(instance).stage(Stage::Ingress).next().map(|manifest| manifest.object.to_value())
}

#[test]
fn ingress_on_k3s() {
    let v5 = case(Version::V53, On::K3s);
    let any_host = v5.instance_with(&["ingress.host=localhost"]);
    insta::assert_yaml_snapshot!(BTreeMap::from([
        ("4.x", ingress(&case(Version::V4, On::K3s).instance())),
        ("5.x", ingress(&v5.instance())),
        ("5.x with a TLS Secret", ingress(&v5.instance().with_tls_secret_present())),
        ("5.x on any host", ingress(&any_host)),
        ("5.x on any host with a TLS Secret", ingress(&any_host.with_tls_secret_present())),
    ]));
}

#[test]
fn another_controller_of_k3s_is_named_by_its_class() {
    let of_class = |set: &[&str]| {
        let ingress = ingress(&case(Version::V53, On::K3s).instance_with(set)).expect("an ingress");
        ingress["spec"]["ingressClassName"].clone()
    };
    assert_eq!(of_class(&[]), Value::Null);
    assert_eq!(of_class(&["ingress.class_name=nginx"]), "nginx");
    assert_eq!(of_class(&["ingress.class_name=nginx", "profile=chart"]), Value::Null);
}

#[test]
fn cert_manager_is_told_by_an_annotation_whose_certificate_to_have() {
    let with = |set: &[&str]| {
        let set: Vec<_> = set.iter().copied().chain(["ingress.host=cht.example.org"]).collect();
        let ingress = ingress(&case(Version::V53, On::K3s).instance_with(&set)).expect("an ingress");
        (ingress["metadata"]["annotations"].clone(), ingress["spec"]["tls"].clone())
    };
    let tls = |secret: &str| json!([{ "hosts": ["cht.example.org"], "secretName": secret }]);
    let (annotations, served) = with(&["cert_source=cert-manager", "certificate_issuer=letsencrypt"]);
    assert_eq!(annotations["cert-manager.io/cluster-issuer"], "letsencrypt");
    assert_eq!((annotations.get("cert-manager.io/issuer"), served), (None, tls("api-tls-secret")));
    let (annotations, _) = with(&["cert_source=cert-manager", "certificate_issuer=Issuer/own"]);
    assert_eq!(annotations["cert-manager.io/issuer"], "own");
    assert_eq!(annotations.get("cert-manager.io/cluster-issuer"), None);
    let (annotations, served) = with(&["cert_source=existing-secret", "certificate_secret=mine"]);
    assert_eq!((annotations.get("cert-manager.io/issuer"), served), (None, tls("mine")));
}

#[test]
fn ingress_on_eks() {
    let v4 = ingress(&case(Version::V4, On::Eks).instance()).map(|ingress| ingress["spec"].clone());
    let v5 = ingress(&case(Version::V53, On::Eks).instance());
    assert_eq!(v4, v5.as_ref().map(|ingress| ingress["spec"].clone()));
    insta::assert_yaml_snapshot!(v5);
}

#[test]
fn ingress_on_eks_names_no_certificate_that_the_values_do_not() {
    let bare = ["ingress.annotations.certificate=''", "ingress.annotations.tags=''"];
    let ingress = ingress(&case(Version::V53, On::Eks).instance_with(&bare)).expect("an ingress");
    insta::assert_yaml_snapshot!(ingress["metadata"]["annotations"]);
}

/// What GKE's load balancer is told: the ingress, what it and the Service refer to, and the Service's annotations.
fn on_gke(set: &[&str]) -> Value {
    let instance = case(Version::V53, On::Gke).instance_with(set);
    let rendered = manifests(&instance);
    let of_kind = |kind: Kind| rendered.iter().find(|manifest| manifest.object.kind() == kind);
    let spec = |kind: Kind| of_kind(kind).map(|manifest| manifest.object.to_value()["spec"].clone());
    let service = rendered.iter().find(|manifest| manifest.object.key().to_string() == "Service/api");
    json!({
        "ingress": ingress(&instance),
        "backend": spec(Kind::BackendConfig),
        "frontend": spec(Kind::FrontendConfig),
        "annotations of the Service": service.and_then(|service| service.object.metadata().annotations.clone()),
    })
}

#[test]
fn ingress_on_gke() {
    let bare = ["ingress.gcp.staticIpName=''", "ingress.gcp.managedCertificateName=''"];
    insta::assert_yaml_snapshot!(BTreeMap::from([
        ("all", on_gke(&[])),
        (
            "without address and certificate, behind ports of the nodes",
            on_gke(&[&bare[..], &["api.service.type=NodePort"]].concat())
        ),
        ("disabled", on_gke(&["ingress.gcp.enabled=false"])),
        ("profile: chart", on_gke(&["profile=chart"])),
    ]));
}
