//! Applying objects: what comes of a first, a second and a changed apply, and what is not accepted.

use cht_k8s::ClusterError;
use cht_manifests::{Kind, Object};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde_json::{Value, json};

use super::World;
use super::fields::{at, ours};
use super::objects::{changed, claim, config_map, deployment, job, object, pod, service};

/// A new object gets what only the server gives.
pub async fn a_new_object_gets_its_identity(world: &World) {
    let applied = world.apply(&deployment(&world.namespace, "app", "example.org/app:1")).await;
    assert!(!applied.uid().is_empty());
    assert!(!applied.resource_version().is_empty());
    assert_eq!(at(&applied, "/metadata/generation"), 1);
    let created = applied.text("/metadata/creationTimestamp").expect("a time of creation");
    assert!(created.parse::<k8s_openapi::jiff::Timestamp>().is_ok(), "{created}");
    assert_eq!(applied.value()["kind"], "Deployment");
    assert_eq!(applied.value()["apiVersion"], "apps/v1");
}

/// The fields that were applied are ours, and no others: not those that the server fills in.
pub async fn exactly_the_applied_fields_are_ours(world: &World) {
    let settings =
        changed::<ConfigMap>(&config_map(&world.namespace, "settings", json!({ "a": "1", "b": "" })), |value| {
            value["metadata"]["labels"] = json!({ "tier": "front" });
        });
    let applied = world.apply(&settings).await;
    assert_eq!(
        ours(&applied),
        json!({ "f:data": { "f:a": {}, "f:b": {} }, "f:metadata": { "f:labels": { "f:tier": {} } } })
    );

    let applied = world.apply(&deployment(&world.namespace, "app", "example.org/app:1")).await;
    let containers = json!({ "k:{\"name\":\"app\"}": { ".": {}, "f:image": {}, "f:name": {} } });
    let fields = ours(&applied);
    assert_eq!(fields["f:spec"]["f:template"]["f:spec"], json!({ "f:containers": containers }));
    assert_eq!(fields["f:spec"]["f:replicas"], json!({}));
    assert!(fields["f:spec"].get("f:strategy").is_none());
    assert!(fields.get("f:status").is_none());
    assert_eq!(fields.get("f:metadata").and_then(|metadata| metadata.get("f:name")), None);
}

/// Applying the same again changes nothing, for each kind.
pub async fn applying_the_same_again_changes_nothing(world: &World) {
    let namespace = &world.namespace;
    let metadata = json!({ "metadata": { "name": "same", "labels": { "a": "1" } } });
    let with = |fields: Value| {
        let mut value = metadata.clone();
        value.as_object_mut().expect("a map").extend(fields.as_object().cloned().expect("a map"));
        value
    };
    let objects: [Object; 9] = [
        config_map(namespace, "same", json!({ "a": "1" })),
        object::<Secret>(namespace, with(json!({ "data": { "a": "MQ==" } }))),
        object::<ServiceAccount>(namespace, metadata.clone()),
        object::<Role>(
            namespace,
            with(json!({ "rules": [{ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"] }] })),
        ),
        object::<RoleBinding>(
            namespace,
            with(json!({
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "same" },
                "subjects": [{ "kind": "ServiceAccount", "name": "same", "namespace": namespace }],
            })),
        ),
        service(namespace, "same"),
        claim(namespace, "same", "no-such-class", "1Gi"),
        deployment(namespace, "same", "example.org/app:1"),
        job(namespace, "same", "example.org/job:1"),
    ];
    for object in &objects {
        world.apply(object).await;
    }
    for object in &objects {
        // Controllers write to some of them, so the version to keep is the one that is read in between.
        let mut same = false;
        for _ in 0..20 {
            let before = world.live(object).await;
            let after = world.apply(object).await;
            same = before.resource_version() == after.resource_version();
            if same {
                break;
            }
        }
        assert!(same, "{}", object.key());
    }
}

/// A changed specification makes a new generation, a changed label does not; either makes a new version.
pub async fn only_a_changed_specification_is_a_new_generation(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    let first = world.apply(&app).await;
    let labelled = changed::<Deployment>(&app, |value| value["metadata"]["labels"] = json!({ "tier": "front" }));
    let second = world.apply(&labelled).await;
    assert_ne!(second.resource_version(), first.resource_version());
    assert_eq!(at(&second, "/metadata/generation"), 1);
    assert_eq!(second.label("tier"), Some("front"));

    let upgraded = changed::<Deployment>(&labelled, |value| {
        pod(value)["containers"][0]["image"] = json!("example.org/app:2");
    });
    let third = world.apply(&upgraded).await;
    assert_ne!(third.resource_version(), second.resource_version());
    assert_eq!(at(&third, "/metadata/generation"), 2);
    assert_eq!(third.uid(), first.uid());
    assert_eq!(third.text("/spec/template/spec/containers/0/image"), Some("example.org/app:2"));
}

/// A field that was applied and is not any more goes away.
pub async fn a_field_that_is_given_up_goes_away(world: &World) {
    let settings =
        changed::<ConfigMap>(&config_map(&world.namespace, "settings", json!({ "a": "1", "b": "2" })), |value| {
            value["metadata"]["labels"] = json!({ "tier": "front" });
        });
    world.apply(&settings).await;
    let applied = world.apply(&config_map(&world.namespace, "settings", json!({ "b": "2" }))).await;
    assert_eq!(at(&applied, "/data"), &json!({ "b": "2" }));
    assert_eq!(applied.label("tier"), None);
    assert_eq!(ours(&applied), json!({ "f:data": { "f:b": {} } }));
}

/// A field that was applied and is not any more gets the server's default back.
pub async fn a_default_comes_back(world: &World) {
    let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        value["spec"]["revisionHistoryLimit"] = json!(3);
        value["spec"]["strategy"] = json!({ "type": "Recreate" });
    });
    let applied = world.apply(&app).await;
    assert_eq!(at(&applied, "/spec/revisionHistoryLimit"), 3);
    assert_eq!(at(&applied, "/spec/strategy"), &json!({ "type": "Recreate" }));
    let applied = world.apply(&deployment(&world.namespace, "app", "example.org/app:1")).await;
    assert_eq!(at(&applied, "/spec/revisionHistoryLimit"), 10);
    assert_eq!(
        at(&applied, "/spec/strategy"),
        &json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } })
    );
}

/// What the values leave out, the server fills in.
pub async fn the_server_fills_in_defaults(world: &World) {
    let applied = world.apply(&deployment(&world.namespace, "app", "example.org/app:1")).await;
    for (pointer, default) in [
        ("/spec/progressDeadlineSeconds", json!(600)),
        ("/spec/template/spec/restartPolicy", json!("Always")),
        ("/spec/template/spec/dnsPolicy", json!("ClusterFirst")),
        ("/spec/template/spec/terminationGracePeriodSeconds", json!(30)),
        ("/spec/template/spec/containers/0/imagePullPolicy", json!("IfNotPresent")),
        ("/spec/template/spec/containers/0/terminationMessagePath", json!("/dev/termination-log")),
    ] {
        assert_eq!(at(&applied, pointer), &default, "{pointer}");
    }
    let applied = world.apply(&service(&world.namespace, "front")).await;
    assert_eq!(at(&applied, "/spec/type"), "ClusterIP");
    assert_eq!(at(&applied, "/spec/ports/0/targetPort"), 80);
    assert!(applied.text("/spec/clusterIP").is_some_and(|address| !address.is_empty()));
    let applied = world.apply(&claim(&world.namespace, "data", "no-such-class", "1Gi")).await;
    assert_eq!(at(&applied, "/spec/volumeMode"), "Filesystem");
    assert_eq!(at(&applied, "/status/phase"), "Pending");
    let secret = object::<Secret>(&world.namespace, json!({ "metadata": { "name": "keys" }, "data": { "a": "MQ==" } }));
    assert_eq!(at(&world.apply(&secret).await, "/type"), "Opaque");
}

/// Images that may change are pulled each time, unless told otherwise.
pub async fn the_image_decides_when_it_is_pulled(world: &World) {
    for (name, image, policy) in [
        ("fixed", "example.org/app:1", "IfNotPresent"),
        ("latest", "example.org/app:latest", "Always"),
        ("untagged", "example.org/app", "Always"),
    ] {
        let applied = world.apply(&deployment(&world.namespace, name, image)).await;
        assert_eq!(at(&applied, "/spec/template/spec/containers/0/imagePullPolicy"), policy, "{image}");
    }
}

/// What no object of its kind may be is refused, and nothing is made of it.
pub async fn what_cannot_be_is_not_accepted(world: &World) {
    let namespace = &world.namespace;
    let bad_app =
        |change: fn(&mut Value)| changed::<Deployment>(&deployment(namespace, "bad", "example.org/app:1"), change);
    let bad_front = |change: fn(&mut Value)| changed::<Service>(&service(namespace, "bad"), change);
    let cases = [
        ("a name in capitals", config_map(namespace, "Bad", json!({}))),
        ("a Service's name that starts with a digit", service(namespace, "1bad")),
        ("a label's value with a slash", bad_app(|value| value["metadata"]["labels"] = json!({ "a": "b/c" }))),
        (
            "a label's value that is too long",
            bad_app(|value| value["metadata"]["labels"] = json!({ "a": "b".repeat(64) })),
        ),
        ("a key with a slash", config_map(namespace, "bad", json!({ "a/b": "1" }))),
        (
            "a selector that does not select",
            bad_app(|value| value["spec"]["selector"]["matchLabels"]["app"] = json!("other")),
        ),
        ("no containers", bad_app(|value| pod(value)["containers"] = json!([]))),
        ("a container without an image", bad_app(|value| pod(value)["containers"][0]["image"] = json!(""))),
        ("a restart policy of Jobs", bad_app(|value| pod(value)["restartPolicy"] = json!("Never"))),
        (
            "a mount without a volume",
            bad_app(|value| {
                pod(value)["containers"][0]["volumeMounts"] = json!([{ "name": "data", "mountPath": "/data" }]);
            }),
        ),
        ("a port that is too high", bad_front(|value| value["spec"]["ports"][0]["port"] = json!(70_000))),
        (
            "two ports without names",
            bad_front(|value| {
                value["spec"]["ports"] = json!([{ "port": 1, "protocol": "TCP" }, { "port": 2, "protocol": "TCP" }]);
            }),
        ),
        (
            "rolling parameters beside Recreate",
            bad_app(|value| {
                value["spec"]["strategy"] = json!({ "type": "Recreate", "rollingUpdate": { "maxSurge": 1 } });
            }),
        ),
        (
            "a Job that always restarts",
            changed::<k8s_openapi::api::batch::v1::Job>(&job(namespace, "bad", "example.org/job:1"), |value| {
                pod(value)["restartPolicy"] = json!("Always");
            }),
        ),
        (
            "a claim without a size",
            changed::<k8s_openapi::api::core::v1::PersistentVolumeClaim>(
                &claim(namespace, "bad", "any", "1Gi"),
                |value| value["spec"]["resources"] = json!({}),
            ),
        ),
    ];
    for (what, object) in cases {
        let answer = world.try_apply(&object).await;
        assert!(matches!(answer, Err(ClusterError::Invalid { .. })), "{what}: {answer:?}");
        assert_eq!(world.get(&object.key()).await, None, "{what}");
    }
}

/// A selector of a Service is one value: what it was before is not mixed with what it shall be.
pub async fn a_services_selector_is_replaced(world: &World) {
    let front = service(&world.namespace, "front");
    world.apply(&front).await;
    let other = changed::<Service>(&front, |value| value["spec"]["selector"] = json!({ "tier": "front" }));
    assert_eq!(at(&world.apply(&other).await, "/spec/selector"), &json!({ "tier": "front" }));
}

/// An object's key in answers is the one that was asked for.
pub async fn the_answer_has_the_objects_key(world: &World) {
    let applied = world.apply(&config_map(&world.namespace, "settings", json!({}))).await;
    assert_eq!(applied.key(), world.key(Kind::ConfigMap, "settings"));
    assert_eq!(applied.kind(), Kind::ConfigMap);
}
