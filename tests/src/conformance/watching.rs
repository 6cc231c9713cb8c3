//! Watching what happens after a list.

use cht_k8s::{ClusterError, LiveObject, Watch, WatchEvent};
use cht_manifests::{Kind, Object};
use futures::StreamExt as _;
use serde_json::json;

use super::World;
use super::objects::{config_map, namespace, service};
use super::world::in_time;

/// What happened to which object, without what only differs between clusters.
#[derive(Debug, PartialEq, Eq)]
enum Happened {
    Changed(String, String),
    Deleted(String, String),
}

fn changed(name: &str, value: &str) -> Happened {
    Happened::Changed(name.to_owned(), value.to_owned())
}

fn deleted(name: &str, value: &str) -> Happened {
    Happened::Deleted(name.to_owned(), value.to_owned())
}

fn settings(namespace: &str, name: &str, value: &str) -> Object {
    let mut settings = config_map(namespace, name, json!({ "a": value })).to_value();
    settings["metadata"]["labels"] = json!({ "watched": "yes" });
    super::objects::global::<k8s_openapi::api::core::v1::ConfigMap>(settings)
}

async fn version(world: &World, namespace: &str) -> String {
    world.cluster.list(Kind::ConfigMap, Some(namespace)).await.expect("a list").resource_version
}

async fn watch(world: &World, namespace: &str, since: &str) -> Watch {
    world.cluster.watch(Kind::ConfigMap, namespace, since).await.expect("a watch")
}

/// The next of our objects' changes, with the version that another watch goes on from.
async fn next(world: &World, watch: &mut Watch) -> (Happened, String) {
    loop {
        let event = in_time(&*world.cluster, "the next change", watch.next()).await;
        let value =
            |object: &LiveObject| (object.name().to_owned(), object.text("/data/a").unwrap_or_default().to_owned());
        let (object, happened) = match event.expect("the watch goes on").expect("no error") {
            WatchEvent::Changed(object) => {
                let (name, value) = value(&object);
                (object, Happened::Changed(name, value))
            }
            WatchEvent::Deleted(object) => {
                let (name, value) = value(&object);
                (object, Happened::Deleted(name, value))
            }
            WatchEvent::Bookmark(_) => continue,
        };
        // A cluster may make ConfigMaps of its own.
        if object.label("watched").is_some() {
            return (happened, object.resource_version().to_owned());
        }
    }
}

/// What happens after the list comes in its order: nothing from before, nothing twice, nothing left out.
pub async fn changes_come_in_order(world: &World) {
    world.apply(&settings(&world.namespace, "before", "0")).await;
    let since = version(world, &world.namespace).await;
    let mut watch = watch(world, &world.namespace, &since).await;
    let one = world.apply(&settings(&world.namespace, "one", "1")).await;
    world.apply(&settings(&world.namespace, "two", "1")).await;
    world.apply(&settings(&world.namespace, "one", "2")).await;
    // Applying the same again is no change.
    world.apply(&settings(&world.namespace, "one", "2")).await;
    world.delete(&one).await;
    world.apply(&settings(&world.namespace, "one", "3")).await;
    for expected in
        [changed("one", "1"), changed("two", "1"), changed("one", "2"), deleted("one", "2"), changed("one", "3")]
    {
        assert_eq!(next(world, &mut watch).await.0, expected);
    }
}

/// A watch that starts late sees what has happened since the list.
pub async fn a_late_watch_catches_up(world: &World) {
    let since = version(world, &world.namespace).await;
    let one = world.apply(&settings(&world.namespace, "one", "1")).await;
    world.delete(&one).await;
    let mut watch = watch(world, &world.namespace, &since).await;
    assert_eq!(next(world, &mut watch).await.0, changed("one", "1"));
    assert_eq!(next(world, &mut watch).await.0, deleted("one", "1"));
}

/// The version of anything that was seen, a deletion too, is one that another watch goes on from.
pub async fn every_event_is_a_place_to_go_on_from(world: &World) {
    let since = version(world, &world.namespace).await;
    let one = world.apply(&settings(&world.namespace, "one", "1")).await;
    world.delete(&one).await;
    world.apply(&settings(&world.namespace, "two", "1")).await;

    let mut first = watch(world, &world.namespace, &since).await;
    let (_, after_creation) = next(world, &mut first).await;
    let (_, after_deletion) = next(world, &mut first).await;
    let mut second = watch(world, &world.namespace, &after_creation).await;
    assert_eq!(next(world, &mut second).await.0, deleted("one", "1"));
    let mut third = watch(world, &world.namespace, &after_deletion).await;
    assert_eq!(next(world, &mut third).await.0, changed("two", "1"));
}

/// An empty list has a version as well.
pub async fn an_empty_list_is_a_place_to_go_on_from(world: &World) {
    let listing = world.cluster.list(Kind::Service, Some(&world.namespace)).await.expect("a list");
    assert_eq!(listing.items, []);
    let made = world.apply(&service(&world.namespace, "front")).await;
    let mut watch =
        world.cluster.watch(Kind::Service, &world.namespace, &listing.resource_version).await.expect("a watch");
    let event = in_time(&*world.cluster, "the new Service", watch.next()).await.expect("the watch goes on");
    assert!(matches!(event, Ok(WatchEvent::Changed(object)) if object.value() == made.value()));
}

/// A namespace that is not there can be watched, and shows what is made in it later; other namespaces do not show.
pub async fn a_namespace_can_be_watched_before_it_is_there(world: &World) {
    let since = version(world, &world.reserved).await;
    let mut watch = watch(world, &world.reserved, &since).await;
    world.apply(&settings(&world.namespace, "elsewhere", "1")).await;
    world.apply(&namespace(&world.reserved)).await;
    world.apply(&settings(&world.reserved, "one", "1")).await;
    assert_eq!(next(world, &mut watch).await.0, changed("one", "1"));
}

/// Two watches see the same.
pub async fn watches_do_not_disturb_each_other(world: &World) {
    let since = version(world, &world.namespace).await;
    let mut first = watch(world, &world.namespace, &since).await;
    let mut second = watch(world, &world.namespace, &since).await;
    drop(watch(world, &world.namespace, &since).await);
    world.apply(&settings(&world.namespace, "one", "1")).await;
    for watch in [&mut first, &mut second] {
        assert_eq!(next(world, watch).await.0, changed("one", "1"));
    }
}

/// A version from long ago has expired, at once or within the watch; a server that remembers everything since goes on from
/// there. Nothing is ever left out in silence.
pub async fn an_old_version_expires_or_goes_on(world: &World) {
    world.apply(&settings(&world.namespace, "one", "1")).await;
    let mut watch = match world.cluster.watch(Kind::ConfigMap, &world.namespace, "1").await {
        Err(ClusterError::Expired) => return,
        other => other.expect("a watch, or one that has expired"),
    };
    loop {
        match in_time(&*world.cluster, "the change", watch.next()).await {
            Some(Err(ClusterError::Expired)) => {
                assert!(watch.next().await.is_none(), "nothing follows an error");
                return;
            }
            Some(Ok(WatchEvent::Changed(object))) if object.name() == "one" => return,
            Some(Ok(_)) => {}
            other => panic!("neither expired nor complete: {other:?}"),
        }
    }
}

/// Who knows the version in a list's answer knows the state: what a watch shows from there on makes the next list.
pub async fn a_list_and_its_watch_make_the_next_list(world: &World) {
    let mut follow = world.follow(Kind::ConfigMap).await;
    for (name, value) in [("one", "1"), ("two", "1"), ("one", "2"), ("three", "1")] {
        world.apply(&settings(&world.namespace, name, value)).await;
    }
    let two = world.live(&settings(&world.namespace, "two", "")).await;
    world.delete(&two).await;
    world.apply(&settings(&world.namespace, "last", "1")).await;
    while follow.objects().iter().all(|object| object.name() != "last") {
        follow.next("the last object").await;
    }
    let mut listed = world.cluster.list(Kind::ConfigMap, Some(&world.namespace)).await.expect("a list").items;
    listed.sort_by_key(LiveObject::key);
    let versions = |objects: &[LiveObject]| {
        objects.iter().map(|one| (one.key(), one.resource_version().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(versions(&follow.objects()), versions(&listed));
}
