//! What the server says about whoever asks.

use cht_k8s::Access;
use cht_manifests::Kind;

use super::World;

/// Administrators may do whatever they are asked about, and the rules of a namespace show what is in it.
pub async fn an_administrator_may_do_everything(world: &World) {
    let namespace = &world.namespace;
    let accesses = [
        Access::everything(),
        Access::to("create", Kind::Deployment, namespace),
        Access::to_part("get", Kind::Pod, "log", namespace),
        Access::to("patch", Kind::PersistentVolume, ""),
        Access::everywhere("list", Kind::Ingress),
    ];
    let before = world.cluster.requests();
    for access in &accesses {
        assert_eq!(world.cluster.may(access).await, Ok(true), "{access}");
    }
    let rules = world.cluster.rules(namespace).await.expect("rules");
    assert_eq!(world.cluster.requests() - before, accesses.len() as u64 + 1);
    assert!(rules.show(&accesses[1]) && rules.show(&accesses[2]), "{rules:?}");
    // What is true of a namespace need not be true of the cluster.
    assert!(!rules.show(&accesses[3]) && !rules.show(&accesses[4]));
}
