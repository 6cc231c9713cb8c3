//! What pods are made from: whether the registries have the images.

use std::collections::BTreeSet;

use cht_manifests::Manifests;
use futures::future::join_all;

use super::check::Check;
use super::finding::Finding;
use super::pods::wanted;
use super::registry::{self, Held};
use crate::web::Web;

/// The images of all containers, each once.
fn images(manifests: &Manifests) -> BTreeSet<String> {
    let pods = wanted(manifests);
    let containers =
        pods.iter().flat_map(|pod| pod.spec.containers.iter().chain(pod.spec.init_containers.iter().flatten()));
    containers.filter_map(|container| container.image.clone()).collect()
}

/// Asks the registries of all images.
pub(super) async fn ask(web: &dyn Web, manifests: &Manifests) -> Vec<(String, Held)> {
    let asked = images(manifests).into_iter().map(|image| async move {
        let held = registry::ask(web, &image).await;
        (image, held)
    });
    join_all(asked).await
}

/// One finding for all that came out alike. That this machine does not reach a registry does not mean that nodes do not.
pub(super) fn judge(asked: &[(String, Held)]) -> Vec<Finding> {
    let check = Check::ImageFound;
    let that = |is: &dyn Fn(&Held) -> bool| {
        let images: Vec<_> = asked.iter().filter(|(_, held)| is(held)).map(|(image, _)| image.as_str()).collect();
        (!images.is_empty()).then(|| images.join(", "))
    };
    let mut findings = Vec::new();
    if let Some(images) = that(&|held| *held == Held::No) {
        findings.push(Finding::fatal(
            check,
            format!("there is no such image: {images}"),
            "correct chtversion or cht_image_tag in the values; a branch's images are kept for some time only",
        ));
    }
    let why = asked.iter().find_map(|(_, held)| match held {
        Held::Unreachable(why) => Some(why.clone()),
        Held::Odd(status) => Some(format!("status {status}")),
        _ => None,
    });
    if let Some(why) = why {
        let images = that(&|held| matches!(held, Held::Unreachable(_) | Held::Odd(_))).unwrap_or_default();
        findings.push(Finding::warning(
            check,
            format!("the registry gave this machine no answer about {images}: {why}"),
            "the nodes pull the images, and may reach the registry all the same; look from one of them",
        ));
    }
    if let Some(images) = that(&|held| *held == Held::Private) {
        findings.push(Finding::unknown(check, format!("the registry tells only those who sign in about {images}")));
    }
    if let Some(images) = that(&|held| *held == Held::Yes) {
        findings.push(Finding::ok(check, format!("the registry has {images}")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use cht_manifests::manifests;
    use futures::executor::block_on;

    use super::*;
    use crate::doctor::Verdict;
    use crate::doctor::testing::{Registry, verdicts};
    use crate::health::testing::{K3D, instance};

    #[test]
    fn what_registries_say_is_weighed() {
        for (registry, expected) in [
            (Registry::with_tokens(200), &[Verdict::Ok][..]),
            (Registry::with_tokens(404), &[Verdict::Fatal]),
            (Registry::signed_in_only(), &[Verdict::Unknown]),
            (Registry::unreachable(), &[Verdict::Warning]),
            (Registry::open(503), &[Verdict::Warning]),
        ] {
            let asked = block_on(ask(&registry, &manifests(&instance(K3D, &[]))));
            let found = judge(&asked);
            assert_eq!(verdicts(&found), expected, "{found:?}");
            assert!(found[0].message.contains("public.ecr.aws/medic/cht-api:5.3.0"), "{found:?}");
        }
    }

    #[test]
    fn each_image_is_asked_about_once() {
        let images = images(&manifests(&instance(K3D, &[])));
        assert_eq!(images.len(), 6, "{images:?}");
    }
}
