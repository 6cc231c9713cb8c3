//! The way in: whether somebody serves the ingress, and whether its host is free.

use cht_manifests::{Manifests, Object, ObjectKey};
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::networking::v1::{Ingress, IngressClass};

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use crate::LiveObject;
use crate::plan::taken_host;

const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";
/// Where older ingresses, and those of GKE, have their class.
const CLASS: &str = "kubernetes.io/ingress.class";
/// GKE's controller, which no object of the cluster stands for.
const GCE: &str = "gce";

/// The instance's ingress, where it has one.
pub(super) fn of(manifests: &Manifests) -> Option<(ObjectKey, &Ingress)> {
    manifests.iter().find_map(|manifest| match &manifest.object {
        Object::Ingress(ingress) => Some((manifest.object.key(), &**ingress)),
        _ => None,
    })
}

fn class(ingress: &Ingress) -> Option<&str> {
    let named = ingress.spec.as_ref().and_then(|spec| spec.ingress_class_name.as_deref());
    named.or_else(|| ingress.metadata.annotations.as_ref()?.get(CLASS).map(String::as_str))
}

/// Whether somebody serves the ingress, and nobody else has its host.
pub(super) fn judge(
    manifests: &Manifests,
    classes: &Answer<Vec<IngressClass>>,
    services: &Answer<Vec<Service>>,
    ingresses: &Answer<Vec<LiveObject>>,
) -> Vec<Finding> {
    let Some((key, ingress)) = of(manifests) else {
        return vec![Finding::ok(Check::IngressClass, "the values want no ingress")];
    };
    let served = match classes {
        Err(error) => vec![Finding::unanswered(Check::IngressClass, error)],
        Ok(classes) => match class(ingress) {
            Some(GCE) => vec![Finding::unknown(
                Check::IngressClass,
                "the class gce is GKE's own: no object of the cluster shows its controller",
            )],
            Some(wanted) => vec![named(wanted, classes)],
            None => unnamed(classes, services),
        },
    };
    served.into_iter().chain([host(&key, ingress, ingresses)]).collect()
}

fn name(class: &IngressClass) -> &str {
    class.metadata.name.as_deref().unwrap_or_default()
}

fn known(classes: &[IngressClass]) -> String {
    match classes {
        [] => "it has none".to_owned(),
        classes => format!("it has {}", classes.iter().map(name).collect::<Vec<_>>().join(", ")),
    }
}

fn named(wanted: &str, classes: &[IngressClass]) -> Finding {
    let check = Check::IngressClass;
    if let Some(class) = classes.iter().find(|class| name(class) == wanted) {
        let controller = class.spec.as_ref().and_then(|spec| spec.controller.as_deref()).unwrap_or("an unnamed one");
        return Finding::ok(check, format!("the ingress class {wanted} is there, of controller {controller}"));
    }
    let hint = match wanted {
        "alb" => "install the AWS Load Balancer Controller, which brings the class",
        _ => "set ingress.class_name in the values to one that is there, or install its controller",
    };
    Finding::warning(
        check,
        format!(
            "the cluster has no ingress class {wanted}; {}: nobody will reach the instance by its host",
            known(classes)
        ),
        hint,
    )
}

/// An ingress without a class is served by the cluster's default, or by an only controller that takes all.
fn unnamed(classes: &[IngressClass], services: &Answer<Vec<Service>>) -> Vec<Finding> {
    let is_default = |class: &&IngressClass| {
        class.metadata.annotations.as_ref().and_then(|all| all.get(DEFAULT)).is_some_and(|value| value == "true")
    };
    if let Some(class) = classes.iter().find(is_default) {
        return vec![Finding::ok(
            Check::IngressClass,
            format!("the cluster's default ingress class is {}", name(class)),
        )];
    }
    let controller = match services {
        Err(error) => return vec![Finding::unanswered(Check::IngressController, error)],
        Ok(services) => services.iter().find_map(controller),
    };
    let finding = match (controller, classes) {
        (Some(controller), _) => Finding::ok(
            Check::IngressController,
            format!("{controller} is there, and serves ingresses without a class"),
        ),
        (None, [only]) if name(only) == "traefik" => {
            Finding::ok(Check::IngressController, "Traefik is there, and serves ingresses without a class")
        }
        (None, classes) => Finding::warning(
            Check::IngressController,
            format!(
                "the ingress names no class, the cluster has no default one ({}), and no Traefik is seen",
                known(classes)
            ),
            "install an ingress controller (k3s has Traefik unless it was started without), or set ingress.class_name",
        ),
    };
    vec![finding]
}

/// Traefik by its Service, as k3s installs it.
fn controller(service: &Service) -> Option<&'static str> {
    let labels = service.metadata.labels.as_ref();
    let labelled = labels.and_then(|labels| labels.get("app.kubernetes.io/name")).is_some_and(|name| name == "traefik");
    (labelled || service.metadata.name.as_deref() == Some("traefik")).then_some("Traefik")
}

fn host(key: &ObjectKey, ingress: &Ingress, ingresses: &Answer<Vec<LiveObject>>) -> Finding {
    let check = Check::IngressHost;
    let all = match ingresses {
        Ok(all) => all,
        Err(error) => return Finding::unanswered(check, error),
    };
    match taken_host(key, ingress, all) {
        Some(error) => Finding::fatal(check, error.to_string(), "find out which of the two the host is meant for"),
        None => Finding::ok(check, "no other ingress claims the same requests"),
    }
}

#[cfg(test)]
mod tests {
    use cht_manifests::{Kind, manifests};
    use serde_json::{Value, json};

    use super::*;
    use crate::ClusterError;
    use crate::doctor::Verdict;
    use crate::doctor::testing::{EKS, GKE, K3S, decode, verdicts};
    use crate::health::testing::instance;

    fn classes(all: &[(&str, bool)]) -> Vec<IngressClass> {
        all.iter()
            .map(|(name, default)| {
                let annotations = if *default { json!({ DEFAULT: "true" }) } else { json!({}) };
                decode(
                    json!({ "metadata": { "name": name, "annotations": annotations }, "spec": { "controller": "c" } }),
                )
            })
            .collect()
    }

    fn service(name: &str, labels: &Value) -> Service {
        decode(json!({ "metadata": { "name": name, "namespace": "kube-system", "labels": labels } }))
    }

    #[test]
    fn somebody_has_to_serve_the_ingress() {
        let traefik = || Ok(vec![service("traefik", &json!({}))]);
        let labelled = || Ok(vec![service("front", &json!({ "app.kubernetes.io/name": "traefik" }))]);
        let nobody = || Ok(vec![service("dns", &json!({}))]);
        for (values, set, classes, services, expected) in [
            (K3S, &[][..], classes(&[("traefik", true)]), nobody(), Verdict::Ok),
            (K3S, &[], classes(&[("traefik", false)]), nobody(), Verdict::Ok),
            (K3S, &[], classes(&[]), traefik(), Verdict::Ok),
            (K3S, &[], classes(&[]), labelled(), Verdict::Ok),
            (K3S, &[], classes(&[]), nobody(), Verdict::Warning),
            (K3S, &[], classes(&[("nginx", false)]), nobody(), Verdict::Warning),
            (K3S, &["ingress.class_name=nginx"], classes(&[("nginx", false)]), nobody(), Verdict::Ok),
            (K3S, &["ingress.class_name=nginx"], classes(&[("traefik", true)]), nobody(), Verdict::Warning),
            (EKS, &[], classes(&[("alb", false)]), nobody(), Verdict::Ok),
            (EKS, &[], classes(&[]), nobody(), Verdict::Warning),
            (GKE, &[], classes(&[]), nobody(), Verdict::Unknown),
        ] {
            let found = judge(&manifests(&instance(values, set)), &Ok(classes), &services, &Ok(Vec::new()));
            assert_eq!(verdicts(&found), [expected, Verdict::Ok], "{set:?}: {found:?}");
        }
    }

    #[test]
    fn a_host_that_another_has_is_fatal() {
        let wanted = manifests(&instance(K3S, &[]));
        let (key, ingress) = of(&wanted).expect("an ingress");
        let mut other = serde_json::to_value(ingress).expect("JSON");
        other["metadata"]["namespace"] = json!("other");
        let live = LiveObject::new(Kind::Ingress, other);
        let found = host(&key, ingress, &Ok(vec![live]));
        assert_eq!(found.verdict, Verdict::Fatal);
        assert!(found.message.contains("in namespace other"), "{}", found.message);
        let own = LiveObject::new(Kind::Ingress, serde_json::to_value(ingress).expect("JSON"));
        assert_eq!(host(&key, ingress, &Ok(vec![own])).verdict, Verdict::Ok);
        let refused = ClusterError::Forbidden { object: "Ingress".to_owned(), message: "no".to_owned() };
        assert_eq!(host(&key, ingress, &Err(refused)).verdict, Verdict::Unknown);
    }
}
