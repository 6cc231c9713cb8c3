//! Reading single objects and lists.

use cht_k8s::{ClusterError, ServerVersion};
use cht_manifests::{Kind, ObjectKey};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PersistentVolume;
use serde_json::json;

use super::World;
use super::objects::{config_map, deployment, service, volume};

/// What is not there is nothing, and no error, wherever it is looked for.
pub async fn an_absent_object_is_nothing(world: &World) {
    for key in [
        world.key(Kind::Service, "absent"),
        world.key(Kind::Deployment, "absent"),
        ObjectKey::new(Kind::Service, &world.reserved, "absent"),
        ObjectKey::new(Kind::PersistentVolume, "", &world.reserved),
        ObjectKey::new(Kind::Namespace, "", &world.reserved),
    ] {
        assert_eq!(world.cluster.get(&key).await, Ok(None), "{key}");
    }
}

/// An object is read as it was answered when it was applied.
pub async fn an_object_is_read_as_it_was_written(world: &World) {
    for object in [
        config_map(&world.namespace, "settings", json!({ "a": "1" })),
        service(&world.namespace, "front"),
        volume(&world.namespace, "by-hand", "1Gi"),
    ] {
        let applied = world.apply(&object).await;
        let read = world.live(&object).await;
        assert_eq!((read.key(), read.uid()), (object.key(), applied.uid()));
        assert!(!read.is_terminating());
        let mut expected = applied.value().clone();
        if object.kind() == Kind::PersistentVolume {
            // A controller may have written down its phase by now.
            assert!(read.decode::<PersistentVolume>().is_ok());
            expected["metadata"]["resourceVersion"] = json!(read.resource_version());
            for part in ["status", "metadata"] {
                expected[part] = read.value()[part].clone();
            }
        }
        assert_eq!(read.value(), &expected);
    }
}

/// Every kind can be listed, but for optional ones, and in a namespace that is not there, there is nothing of any.
pub async fn every_kind_is_served(world: &World) {
    for kind in Kind::ALL {
        let listing = world.cluster.list(kind, Some(&world.reserved)).await;
        if kind.is_optional() && matches!(listing, Err(ClusterError::NotServed { .. })) {
            // Neither can a single one be looked for then.
            let one = world.cluster.get(&ObjectKey::new(kind, &world.reserved, "absent")).await;
            assert_eq!(one, Err(ClusterError::NotServed { kind }));
            continue;
        }
        let listing = listing.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(!listing.resource_version.is_empty(), "{kind}");
        assert!(listing.items.iter().all(|item| item.kind() == kind));
        if kind.is_namespaced() {
            assert_eq!(listing.items, [], "{kind}");
        }
    }
}

/// A list has the objects of its kind and its namespace; without a namespace, those of all.
pub async fn a_list_has_what_was_asked_for(world: &World) {
    let front = world.apply(&service(&world.namespace, "front")).await;
    let back = world.apply(&service(&world.namespace, "back")).await;
    world.apply(&config_map(&world.namespace, "front", json!({}))).await;

    let mut listed = world.cluster.list(Kind::Service, Some(&world.namespace)).await.expect("a list").items;
    listed.sort_by_key(|object| object.name().to_owned());
    let of =
        |object: &cht_k8s::LiveObject| (object.key(), object.uid().to_owned(), object.resource_version().to_owned());
    assert_eq!(listed.iter().map(of).collect::<Vec<_>>(), [of(&back), of(&front)]);

    let everywhere = world.cluster.list(Kind::Service, None).await.expect("a list").items;
    let uids: Vec<_> = everywhere.iter().map(cht_k8s::LiveObject::uid).collect();
    assert!(uids.contains(&front.uid()) && uids.contains(&back.uid()));
    assert_eq!(world.cluster.list(Kind::Service, Some(&world.reserved)).await.expect("a list").items, []);
}

/// Objects outside namespaces are listed whichever namespace is named.
pub async fn volumes_are_listed_without_a_namespace(world: &World) {
    let made = world.apply(&volume(&world.namespace, "by-hand", "1Gi")).await;
    for namespace in [None, Some(world.namespace.as_str())] {
        let listed = world.cluster.list(Kind::PersistentVolume, namespace).await.expect("a list").items;
        assert!(listed.iter().any(|volume| volume.uid() == made.uid()), "{namespace:?}");
    }
}

/// What a list holds has the shape of its type, although lists leave out each item's kind.
pub async fn a_listed_object_can_be_decoded(world: &World) {
    world.apply(&deployment(&world.namespace, "app", "example.org/app:1")).await;
    let listed = world.cluster.list(Kind::Deployment, Some(&world.namespace)).await.expect("a list").items;
    let decoded: Deployment = listed[0].decode().expect("a Deployment");
    assert_eq!(decoded.spec.expect("a specification").replicas, Some(1));
    assert_eq!(listed[0].key(), world.key(Kind::Deployment, "app"));
}

/// The server's version is one that this project works with, and its time is that of its clock, which goes on meanwhile.
pub async fn the_server_is_known(world: &World) {
    let server = world.cluster.server_info().await.expect("an answer");
    assert!(server.version >= ServerVersion::OLDEST, "{server}");
    let apart = world.cluster.clock().now().duration_since(server.time.expect("a time")).abs();
    // It is cut to the second, and two clocks of one machine are one.
    assert!(apart.as_secs() < 30, "{apart:?}");
}

/// Every call is one request, whatever comes of it.
pub async fn requests_are_counted(world: &World) {
    let settings = config_map(&world.namespace, "settings", json!({ "a": "1" }));
    let before = world.cluster.requests();
    let made = world.apply(&settings).await;
    world.live(&settings).await;
    assert_eq!(world.get(&world.key(Kind::Service, "absent")).await, None);
    let listing = world.cluster.list(Kind::ConfigMap, Some(&world.namespace)).await.expect("a list");
    drop(world.cluster.watch(Kind::ConfigMap, &world.namespace, &listing.resource_version).await);
    assert!(world.cluster.delete(&settings.key(), "another").await.is_err());
    world.delete(&made).await;
    assert_eq!(world.cluster.requests() - before, 7);
}
