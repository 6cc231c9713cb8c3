//! What an operator's policies ask of every pod in production.

use cht_manifests::manifests;
use serde_json::Value;

use crate::cases::Case;
use crate::rendered::{Rendered, containers, items, text};

/// Checks each container of every pod that is rendered in production, with its pod.
fn of_every_container(check: impl Fn(&str, &Value, &Value)) {
    for case in Case::all() {
        let rendered = Rendered::of(&manifests(&case.instance_with(&["profile=production"])));
        let templates = rendered.templates();
        assert!(templates.len() >= 5, "{case}");
        for (owner, template) in templates {
            for container in containers(template) {
                check(&format!("{case}: {owner}, {}", container["name"]), container, &template["spec"]);
            }
        }
    }
}

#[test]
fn images_are_of_one_version() {
    of_every_container(|place, container, _| {
        let image = text(&container["image"]);
        let name = image.rsplit('/').next().expect("a name");
        let tag = name.split_once(':').map(|(_, tag)| tag);
        assert!(tag.is_some_and(|tag| !tag.is_empty() && tag != "latest"), "{place}: {image}");
    });
}

#[test]
fn what_containers_take_is_asked_for_and_limited() {
    of_every_container(|place, container, _| {
        for (what, resource) in [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")] {
            assert!(container["resources"][what][resource].is_string(), "{place}: {what}.{resource}");
        }
    });
}

#[test]
fn pods_are_kept_from_the_machine_that_they_run_on() {
    of_every_container(|place, container, pod| {
        for field in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] {
            assert!(pod[field].is_null(), "{place}: {field}");
        }
        let context = &container["securityContext"];
        assert!(context["privileged"].is_null() && context["capabilities"]["add"].is_null(), "{place}");
        assert_eq!(context["allowPrivilegeEscalation"], false, "{place}");
        assert!(!items(&context["capabilities"]["drop"]).is_empty(), "{place}");
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{place}");
        assert!(items(&container["ports"]).iter().all(|port| port["hostPort"].is_null()), "{place}");
    });
}

/// The folder that CouchDB keeps its data in, on the lines that have it there, and the Job that makes it.
#[test]
fn folders_of_the_machine_are_mounted_for_data_alone() {
    of_every_container(|place, _, pod| {
        let of_the_machine = items(&pod["volumes"]).iter().any(|volume| volume["hostPath"].is_object());
        let is_for_data = place.contains("cht-couchdb") || place.contains("create-directory");
        assert!(!of_the_machine || is_for_data, "{place}");
    });
}

/// But for what talks to the API server, which is the upgrade service of 4.x.
#[test]
fn pods_have_no_token() {
    of_every_container(|place, _, pod| {
        let has_none = pod["automountServiceAccountToken"] == false;
        assert_eq!(has_none, pod["serviceAccountName"].is_null(), "{place}");
    });
}
