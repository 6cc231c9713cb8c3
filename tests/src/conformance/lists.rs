//! Lists within objects whose items have keys: each item is a field of its own.

use cht_k8s::ClusterError;
use cht_manifests::Object;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use super::World;
use super::fields::at;
use super::objects::{changed, deployment, only, pod, service};

fn with_env(world: &World, env: Value) -> Object {
    changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        pod(value)["containers"][0]["env"] = env;
    })
}

async fn env_after(world: &World, env: Value) -> Value {
    let applied = world.apply(&with_env(world, env)).await;
    at(&applied, "/spec/template/spec/containers/0/env").clone()
}

/// Variables are added, changed and taken away one by one.
pub async fn variables_come_and_go_by_name(world: &World) {
    let (a, b) = (json!({ "name": "A", "value": "1" }), json!({ "name": "B", "value": "2" }));
    assert_eq!(env_after(world, json!([a])).await, json!([a]));
    assert_eq!(env_after(world, json!([a, b])).await, json!([a, b]));
    let changed = json!({ "name": "A", "value": "3" });
    assert_eq!(env_after(world, json!([changed, b])).await, json!([changed, b]));
    assert_eq!(env_after(world, json!([b])).await, json!([b]));
    assert_eq!(env_after(world, json!([])).await, Value::Null);
}

/// A variable that gets its value from elsewhere loses the value that it had.
pub async fn a_variable_takes_its_value_from_elsewhere(world: &World) {
    env_after(world, json!([{ "name": "A", "value": "1" }])).await;
    let reference = json!({ "name": "A", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "a" } } });
    assert_eq!(env_after(world, json!([reference])).await, json!([reference]));
}

/// Another manager's variables stay where they are when ours change.
pub async fn variables_of_others_stay(world: &World) {
    let (a, theirs) = (json!({ "name": "A", "value": "1" }), json!({ "name": "THEIRS", "value": "x" }));
    let app = with_env(world, json!([a]));
    world.apply(&app).await;
    let containers = json!([{ "name": "app", "env": [theirs] }]);
    let fields = json!({ "spec": { "template": { "spec": { "containers": containers } } } });
    world.backstage.apply_as("other", only(&app, fields)).await;
    assert_eq!(env_after(world, json!([a])).await, json!([a, theirs]));
    assert_eq!(env_after(world, json!([])).await, json!([theirs]));
}

/// The ports of a Service are told apart by number and protocol.
pub async fn ports_come_and_go_by_number(world: &World) {
    let front = service(&world.namespace, "front");
    let ports_after = async |ports: Value| {
        let front = changed::<Service>(&front, |value| value["spec"]["ports"] = ports);
        let applied = world.apply(&front).await;
        let ports = at(&applied, "/spec/ports").as_array().cloned().unwrap_or_default();
        ports
            .iter()
            .map(|port| (port["name"].clone(), port["port"].clone(), port["targetPort"].clone()))
            .collect::<Vec<_>>()
    };
    let http = json!({ "name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080 });
    let admin = json!({ "name": "admin", "port": 81, "protocol": "TCP", "targetPort": 8081 });
    let is_http = (json!("http"), json!(80), json!(8080));
    let is_admin = (json!("admin"), json!(81), json!(8081));
    assert_eq!(ports_after(json!([http])).await, std::slice::from_ref(&is_http));
    assert_eq!(ports_after(json!([http, admin])).await, [is_http, is_admin.clone()]);
    let moved = json!({ "name": "web", "port": 80, "protocol": "TCP", "targetPort": 9090 });
    assert_eq!(ports_after(json!([moved, admin])).await, [(json!("web"), json!(80), json!(9090)), is_admin.clone()]);
    assert_eq!(ports_after(json!([admin])).await, [is_admin]);
}

/// A container's port without a protocol is TCP, and applying it again changes nothing.
pub async fn a_containers_port_is_tcp_by_default(world: &World) {
    let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
        pod(value)["containers"][0]["ports"] = json!([{ "containerPort": 80 }]);
    });
    let applied = world.apply(&app).await;
    assert_eq!(
        at(&applied, "/spec/template/spec/containers/0/ports"),
        &json!([{ "containerPort": 80, "protocol": "TCP" }])
    );
    assert_eq!(at(&world.apply(&app).await, "/metadata/generation"), 1);
}

/// A Service's port without a protocol is TCP, or refused by servers that cannot tell it from others without one.
pub async fn a_services_port_is_tcp_or_refused(world: &World) {
    let front = changed::<Service>(&service(&world.namespace, "front"), |value| {
        value["spec"]["ports"] = json!([{ "name": "http", "port": 80 }]);
    });
    match world.try_apply(&front).await {
        Ok(applied) => assert_eq!(at(&applied, "/spec/ports/0/protocol"), "TCP"),
        Err(error) => {
            assert!(matches!(error, ClusterError::Invalid { .. }), "{error:?}");
            assert_eq!(world.get(&front.key()).await, None);
        }
    }
}

/// A command is one value: the whole of it is replaced.
pub async fn a_command_is_replaced(world: &World) {
    let command_after = async |command: Value| {
        let app = changed::<Deployment>(&deployment(&world.namespace, "app", "example.org/app:1"), |value| {
            pod(value)["containers"][0]["command"] = command;
        });
        at(&world.apply(&app).await, "/spec/template/spec/containers/0/command").clone()
    };
    assert_eq!(command_after(json!(["a", "b"])).await, json!(["a", "b"]));
    assert_eq!(command_after(json!(["c"])).await, json!(["c"]));
}

/// A container that is not wanted any more goes away, and the other stays.
pub async fn containers_come_and_go_by_name(world: &World) {
    let app = deployment(&world.namespace, "app", "example.org/app:1");
    let two = changed::<Deployment>(&app, |value| {
        let beside = json!({ "name": "beside", "image": "example.org/beside:1" });
        pod(value)["containers"].as_array_mut().expect("a list").push(beside);
    });
    let names = |applied: &cht_k8s::LiveObject| {
        let containers = at(applied, "/spec/template/spec/containers").as_array().cloned().unwrap_or_default();
        containers.iter().map(|container| container["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&world.apply(&two).await), ["app", "beside"]);
    assert_eq!(names(&world.apply(&app).await), ["app"]);
}
