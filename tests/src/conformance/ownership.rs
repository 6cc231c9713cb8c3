//! Who owns a field: managers that agree share it, one that wants something else is told whose it is.

use cht_k8s::{ApplyMode, ClusterError, FieldConflict, LiveObject};
use cht_manifests::Object;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::{Value, json};

use super::World;
use super::fields::{at, ours, owned};
use super::objects::{changed, config_map, deployment, only, pod};

fn settings(world: &World, data: Value) -> Object {
    config_map(&world.namespace, "settings", data)
}

async fn apply_as_other(world: &World, object: &Object) {
    world.backstage.apply_as("other", object.to_value()).await;
}

fn conflicts(answer: Result<LiveObject, ClusterError>) -> Vec<FieldConflict> {
    match answer {
        Err(ClusterError::FieldConflict { fields, .. }) => fields,
        other => panic!("a conflict was due: {other:?}"),
    }
}

fn conflict(manager: &str, field: &str) -> FieldConflict {
    FieldConflict { manager: manager.to_owned(), field: field.to_owned() }
}

/// A field that two managers want the same value for belongs to both, and stays until both have given it up.
pub async fn managers_that_agree_share(world: &World) {
    apply_as_other(world, &settings(world, json!({ "a": "1" }))).await;
    let applied = world.apply(&settings(world, json!({ "a": "1", "b": "2" }))).await;
    assert_eq!(ours(&applied), json!({ "f:data": { "f:a": {}, "f:b": {} } }));
    assert_eq!(owned(&applied, "other", "Apply"), Some(json!({ "f:data": { "f:a": {} } })));

    let applied = world.apply(&settings(world, json!({ "b": "2" }))).await;
    assert_eq!(at(&applied, "/data"), &json!({ "a": "1", "b": "2" }));
    let nothing = only(&settings(world, json!({})), json!({}));
    world.backstage.apply_as("other", nothing).await;
    assert_eq!(at(&world.live(&settings(world, json!({}))).await, "/data"), &json!({ "b": "2" }));
}

/// A field that another manager has with another value is left alone, and its owner is named. Nothing else is written
/// either.
pub async fn managers_that_disagree_conflict(world: &World) {
    apply_as_other(world, &settings(world, json!({ "a": "theirs", "b": "theirs" }))).await;
    let before = world.live(&settings(world, json!({}))).await;
    let answer = world.try_apply(&settings(world, json!({ "a": "ours", "b": "ours", "c": "ours" }))).await;
    let mut fields = conflicts(answer);
    fields.sort_by(|one, other| one.field.cmp(&other.field));
    assert_eq!(fields, [conflict("other", ".data.a"), conflict("other", ".data.b")]);
    assert_eq!(world.live(&settings(world, json!({}))).await.value(), before.value());
}

/// A conflict within a list names the item by its key.
pub async fn a_conflict_names_the_item(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    apply_as_other(world, &app).await;
    let upgraded = changed::<Deployment>(&app, |value| {
        pod(value)["containers"][0]["image"] = json!("example.org/app:2");
    });
    assert_eq!(
        conflicts(world.try_apply(&upgraded).await),
        [conflict("other", ".spec.template.spec.containers[name=\"app\"].image")]
    );
}

/// With force the field is ours, and its former owner has no say in it any more.
pub async fn force_takes_over(world: &World) {
    apply_as_other(world, &settings(world, json!({ "a": "theirs", "b": "theirs" }))).await;
    let wanted = settings(world, json!({ "a": "ours" }));
    let applied = world.cluster.apply(&wanted, ApplyMode::Force).await.expect("forced");
    assert_eq!(at(&applied, "/data"), &json!({ "a": "ours", "b": "theirs" }));
    assert_eq!(owned(&applied, "other", "Apply"), Some(json!({ "f:data": { "f:b": {} } })));
    world.backstage.apply_as("other", only(&wanted, json!({}))).await;
    let applied = world.apply(&wanted).await;
    assert_eq!(at(&applied, "/data"), &json!({ "a": "ours" }));
    assert_eq!(owned(&applied, "other", "Apply"), None);
}

/// Fields of others that we say nothing about stay as they are, also when we change ours.
pub async fn fields_of_others_stay(world: &World) {
    world.apply(&settings(world, json!({ "a": "1" }))).await;
    let label = json!({ "metadata": { "labels": { "team": "other" } }, "data": { "b": "theirs" } });
    world.backstage.apply_as("other", only(&settings(world, json!({})), label)).await;
    let applied = world.apply(&settings(world, json!({ "a": "2" }))).await;
    assert_eq!(at(&applied, "/data"), &json!({ "a": "2", "b": "theirs" }));
    assert_eq!(applied.label("team"), Some("other"));
}

/// What someone has changed in an editor is his: an apply with another value is told so, and says who it is.
pub async fn an_edited_field_belongs_to_its_editor(world: &World) {
    let applied = world.apply(&settings(world, json!({ "a": "ours", "b": "ours" }))).await;
    let mut edited = applied.value().clone();
    edited["data"]["a"] = json!("theirs");
    world.backstage.update_as("kubectl-edit", edited).await;

    let live = world.live(&settings(world, json!({}))).await;
    assert_eq!(ours(&live), json!({ "f:data": { "f:b": {} } }));
    let theirs = owned(&live, "kubectl-edit", "Update").expect("the editor's fields");
    assert_eq!(theirs["f:data"]["f:a"], json!({}));
    let wanted = settings(world, json!({ "a": "ours", "b": "ours" }));
    assert_eq!(conflicts(world.try_apply(&wanted).await), [conflict("kubectl-edit", ".data.a")]);

    let applied = world.cluster.apply(&wanted, ApplyMode::Force).await.expect("forced");
    assert_eq!(at(&applied, "/data/a"), "ours");
    assert_eq!(ours(&applied), json!({ "f:data": { "f:a": {}, "f:b": {} } }));
}

/// A field that someone has taken out in an editor comes back when it is applied again: nobody owns its absence.
pub async fn a_field_that_was_taken_out_comes_back(world: &World) {
    let applied = world.apply(&settings(world, json!({ "a": "1", "b": "2" }))).await;
    let mut edited = applied.value().clone();
    edited["data"].as_object_mut().expect("a map").remove("a");
    world.backstage.update_as("kubectl-edit", edited).await;
    let live = world.live(&settings(world, json!({}))).await;
    assert_eq!(at(&live, "/data"), &json!({ "b": "2" }));
    assert_eq!(ours(&live), json!({ "f:data": { "f:b": {} } }));
    let applied = world.apply(&settings(world, json!({ "a": "1", "b": "2" }))).await;
    assert_eq!(at(&applied, "/data"), &json!({ "a": "1", "b": "2" }));
}

/// An object that was made without server-side apply is taken on by the first apply, without conflict where they agree.
pub async fn an_object_of_another_tool_is_taken_on(world: &World) {
    let theirs = settings(world, json!({ "a": "1", "b": "theirs" }));
    world.backstage.update_as("helm", theirs.to_value()).await;
    let applied = world.apply(&settings(world, json!({ "a": "1" }))).await;
    assert_eq!(ours(&applied), json!({ "f:data": { "f:a": {} } }));
    assert_eq!(at(&applied, "/data"), &json!({ "a": "1", "b": "theirs" }));
    let wanted = settings(world, json!({ "a": "1", "b": "ours" }));
    assert_eq!(conflicts(world.try_apply(&wanted).await), [conflict("helm", ".data.b")]);
    // A value that only they have written cannot be taken out by leaving it unsaid.
    let applied = world.apply(&changed::<ConfigMap>(&wanted, |value| value["data"] = json!({}))).await;
    assert_eq!(at(&applied, "/data"), &json!({ "a": "1", "b": "theirs" }));
}
