//! What is wrong with an object of any kind.

use cht_manifests::Kind;
use serde_json::Value;

use super::{Problems, access, data, names, network, storage, workload};

/// What is wrong with an object by itself.
pub(crate) fn object(kind: Kind, object: &Value) -> Problems {
    let mut problems = Problems::default();
    names::metadata(kind, object, &mut problems);
    let problems_of = match kind {
        Kind::Deployment => workload::deployment,
        Kind::Job => workload::job,
        Kind::Service => network::service,
        Kind::Ingress => network::ingress,
        Kind::NetworkPolicy => network::policy,
        Kind::PodDisruptionBudget => workload::budget,
        Kind::PersistentVolume => storage::volume,
        Kind::PersistentVolumeClaim => storage::claim,
        Kind::Role => access::role,
        Kind::RoleBinding => access::role_binding,
        Kind::Secret => data::secret,
        Kind::ConfigMap => data::config,
        Kind::Namespace
        | Kind::ServiceAccount
        | Kind::BackendConfig
        | Kind::FrontendConfig
        | Kind::ReplicaSet
        | Kind::Pod
        | Kind::Event
        | Kind::StorageClass
        | Kind::Node
        | Kind::Lease
        | Kind::IngressClass => return problems,
    };
    problems_of(object, &mut problems);
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::json::text;

    fn message(kind: Kind, value: &Value) -> Option<String> {
        let name = text(value, "/metadata/name").unwrap_or_default().to_owned();
        object(kind, value).message(kind, &name)
    }

    fn deployment(name: &str, container: &Value) -> Value {
        json!({"metadata": {"name": name}, "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "strategy": {"type": "Recreate"},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"restartPolicy": "Always", "containers": [container]},
            },
        }})
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let message = message(Kind::Deployment, &deployment("Web_3", &json!({"name": "Web", "image": ""}))).unwrap();
        assert!(
            message.starts_with("Deployment.apps \"Web_3\" is invalid: [metadata.name: Invalid value"),
            "{message}"
        );
        assert!(message.contains("spec.template.spec.containers[0].name: Invalid value: \"Web\""), "{message}");
        assert!(message.ends_with("spec.template.spec.containers[0].image: Required value]"), "{message}");
    }

    #[test]
    fn a_good_deployment_has_no_problem() {
        assert_eq!(message(Kind::Deployment, &deployment("web", &json!({"name": "web", "image": "x"}))), None);
    }

    #[test]
    fn mounts_need_their_volume_and_probes_a_port() {
        let container = json!({"name": "a", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/"}],
            "readinessProbe": {"httpGet": {"scheme": "HTTP"}}});
        let message = message(Kind::Deployment, &deployment("web", &container)).unwrap();
        assert!(message.contains("volumeMounts[0].name: Not found: \"v\""), "{message}");
        assert!(message.contains("readinessProbe.httpGet.port: Invalid value: 0"), "{message}");
    }

    #[test]
    fn names_and_labels_follow_the_rules_of_dns() {
        assert_eq!(message(Kind::ConfigMap, &json!({"metadata": {"name": "a.b-c"}})), None);
        for name in ["", "A", "-a", "a_b", "a..b", &"a".repeat(254)] {
            assert!(message(Kind::ConfigMap, &json!({"metadata": {"name": name}})).is_some(), "{name}");
        }
        assert!(message(Kind::Namespace, &json!({"metadata": {"name": "a.b"}})).is_some());
        assert!(
            message(Kind::Service, &json!({"metadata": {"name": "1a"}, "spec": {"ports": [{"port": 1}]}})).is_some()
        );
        let labelled = json!({"metadata": {"name": "a", "labels": {"x.y/z": "b c"}}});
        assert!(message(Kind::ConfigMap, &labelled).unwrap().contains("\"b c\""));
    }

    #[test]
    fn claims_and_volumes_need_a_size() {
        let claim = json!({"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "much"}}}});
        assert!(message(Kind::PersistentVolumeClaim, &claim).unwrap().contains("\"much\""));
        let volume = json!({"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"],
            "capacity": {"storage": "1Gi"}, "local": {"path": "/x"}}});
        assert!(message(Kind::PersistentVolume, &volume).unwrap().contains("Local volume requires node affinity"));
    }

    #[test]
    fn a_tls_secret_has_both_halves() {
        let secret = json!({"metadata": {"name": "s"}, "type": "kubernetes.io/tls", "data": {"tls.crt": "eA=="}});
        assert_eq!(
            message(Kind::Secret, &secret).as_deref(),
            Some("Secret \"s\" is invalid: data[tls.key]: Required value")
        );
    }
}
