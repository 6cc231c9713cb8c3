//! Two instances that claim one host: nothing is written of the second, whichever namespace the first is in.

use cht_k8s::{Change, Cluster, ClusterError, plan};
use cht_manifests::{Kind, Object, ObjectKey, manifests};

use crate::site::{Site, at_once, on_a_site};

/// Puts an ingress of another instance of these values beside, as `kubectl apply` does, and answers its key.
async fn beside(site: &Site, name: &str) -> ObjectKey {
    let instance = site.example("k3d.yaml").instance();
    let ingress = manifests(&instance).iter().find_map(|manifest| match &manifest.object {
        Object::Ingress(ingress) => Some((**ingress).clone()),
        _ => None,
    });
    let mut ingress = ingress.expect("an ingress");
    ingress.metadata.name = Some(name.to_owned());
    let object = Object::from(ingress);
    site.cluster.apply(&object, cht_k8s::ApplyMode::Respect).await.expect("applied");
    object.key()
}

#[tokio::test]
async fn a_host_is_claimed_once() {
    on_a_site(at_once(), async |site: &Site| {
        let values = site.example("k3d.yaml");
        let namespace = manifests(&values.instance()).iter().next().expect("the namespace").object.clone();
        site.cluster.apply(&namespace, cht_k8s::ApplyMode::Respect).await.expect("applied");
        let by = Box::new(beside(site, "another").await);

        let planned = plan(&*site.cluster, values.instance()).await.expect("a plan");
        let object = ObjectKey::new(Kind::Ingress, &site.namespace, "api-ingress");
        let host = format!("{}.example.org", site.namespace);
        assert_eq!(planned.refusals(), [ClusterError::HostTaken { object, host, by }]);

        let other = values.set("ingress.host", &format!("other.{}.example.org", site.namespace));
        let planned = plan(&*site.cluster, other.instance()).await.expect("a plan");
        assert_eq!(planned.refusals(), []);
        let ingress = planned.steps().iter().find(|step| step.manifest.object.kind() == Kind::Ingress);
        assert_eq!(ingress.expect("an ingress").change, Change::Create);
    })
    .await;
}
