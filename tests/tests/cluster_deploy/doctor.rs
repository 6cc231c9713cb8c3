//! What `cht doctor` finds on a real API server, and what a deploy refuses there.

use std::sync::Arc;

use cht_k8s::doctor::{Check, Examination, Report, Verdict, examine};
use cht_k8s::{Access, Cluster, Failure, KubeCluster};
use cht_manifests::Kind;
use k8s_openapi::api::core::v1::{Namespace, Node};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{DeleteParams, PostParams};
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::site::{Site, at_once, on_a_site};
use crate::values::Values;

/// The user that may do little.
const CLERK: &str = "cht-test-clerk";

async fn examined(cluster: Arc<dyn Cluster>, values: &Values, pre: bool) -> Report {
    examine(cluster, &values.instance(), &Examination { pre, outside: None }).await
}

/// What an administrator finds.
async fn found(site: &Site, values: &Values, pre: bool) -> Report {
    examined(Arc::<KubeCluster>::clone(&site.cluster), values, pre).await
}

fn verdict(report: &Report, check: Check) -> Verdict {
    let mut of_check = report.findings().iter().filter(|finding| finding.check == check);
    of_check.next().unwrap_or_else(|| panic!("{check} in {report:#?}")).verdict
}

fn decode<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("an object of its type")
}

/// The checks that a deploy is refused by, with nothing written.
async fn refused(site: &Site, values: &Values) -> Vec<Check> {
    let run = site.deploy(values).await;
    let Err(Failure::Preflight(findings)) = run.outcome.result else { panic!("{:#?}", run.outcome) };
    let namespaces = site.cluster.list(Kind::Namespace, None).await.expect("a list").items;
    assert!(namespaces.iter().all(|namespace| namespace.name() != site.namespace), "nothing was written");
    findings.iter().map(|finding| finding.check).collect()
}

#[tokio::test]
async fn an_administrator_finds_a_fit_cluster_and_a_healthy_instance() {
    on_a_site(at_once(), async |site: &Site| {
        let values = site.example("k3s-cluster.yaml");
        let pre = found(site, &values, true).await;
        assert_eq!(pre.fatal().collect::<Vec<_>>(), Vec::<&cht_k8s::doctor::Finding>::new());
        let fit = [
            Check::ServerVersion,
            Check::ClockSkew,
            Check::ApiKinds,
            Check::Namespace,
            Check::PermissionDeploy,
            Check::PermissionUninstall,
            Check::PermissionComfort,
            Check::NodeNames,
            Check::NodeTaints,
            Check::PodSize,
            Check::StorageClass,
            Check::IngressHost,
        ];
        for check in fit {
            assert_eq!(verdict(&pre, check), Verdict::Ok, "{check}: {pre:#?}");
        }
        // No controller serves ingresses here.
        assert_eq!(verdict(&pre, Check::IngressController), Verdict::Warning);

        site.deploy(&values).await.succeeded();
        let whole = found(site, &values, false).await;
        for check in [Check::InstanceHealth, Check::InstanceLock, Check::InstanceRevision, Check::VolumeRetained] {
            assert_eq!(verdict(&whole, check), Verdict::Ok, "{check}: {whole:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_cluster_lacks_refuses_a_deploy() {
    on_a_site(at_once(), async |site: &Site| {
        let classless = site.example("k3d.yaml").set("couchdb.storage_class", "no-such-class");
        assert_eq!(verdict(&found(site, &classless, true).await, Check::StorageClass), Verdict::Fatal);
        assert_eq!(refused(site, &classless).await, [Check::StorageClass]);

        let homeless = site.example("k3s-cluster.yaml").set("nodes.node-2", "no-such-node");
        assert_eq!(verdict(&found(site, &homeless, true).await, Check::NodeNames), Verdict::Fatal);
        assert_eq!(refused(site, &homeless).await, [Check::NodeNames]);
    })
    .await;
}

#[tokio::test]
async fn a_taint_that_nothing_tolerates_refuses_a_deploy() {
    on_a_site(at_once(), async |site: &Site| {
        let nodes: Api<Node> = Api::all(site.backdoor.client());
        let name = format!("{}-tainted", site.namespace);
        let taint = json!({ "key": "example.org/dedicated", "value": "db", "effect": "NoSchedule" });
        let labels = json!({ "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64" });
        let node = decode(json!({ "metadata": { "name": name, "labels": labels }, "spec": { "taints": [taint] } }));
        nodes.create(&PostParams::default(), &node).await.expect("a node");

        let values = site.example("k3s-cluster.yaml").set("nodes.node-2", &name);
        let report = found(site, &values, true).await;
        let checks = refused(site, &values).await;
        nodes.delete(&name, &DeleteParams::default()).await.expect("deleted");
        let taints = report.findings().iter().find(|finding| finding.check == Check::NodeTaints).expect("a finding");
        assert_eq!(taints.verdict, Verdict::Fatal, "{taints:?}");
        assert!(taints.message.contains("example.org/dedicated=db:NoSchedule"), "{taints:?}");
        assert!(checks.contains(&Check::NodeTaints), "{checks:?}");
    })
    .await;
}

/// The cluster as a user sees it who may only look at pods of the namespace.
async fn as_clerk(site: &Site) -> KubeCluster {
    let client = site.backdoor.client();
    let namespace = &site.namespace;
    let metadata = json!({ "name": "clerk" });
    let reads_pods = json!({ "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"] });
    let group = "rbac.authorization.k8s.io";
    let subject = json!({ "kind": "User", "name": CLERK, "apiGroup": group });
    let of = json!({ "kind": "Role", "name": "clerk", "apiGroup": group });
    let post = PostParams::default();
    let space: Namespace = decode(json!({ "metadata": { "name": namespace } }));
    Api::all(client.clone()).create(&post, &space).await.expect("a namespace");
    let role: Role = decode(json!({ "metadata": metadata, "rules": [reads_pods] }));
    Api::namespaced(client.clone(), namespace).create(&post, &role).await.expect("a role");
    let binding: RoleBinding = decode(json!({ "metadata": metadata, "subjects": [subject], "roleRef": of }));
    Api::namespaced(client, namespace).create(&post, &binding).await.expect("a binding");
    let mut config = site.backdoor.config().clone();
    config.auth_info.impersonate = Some(CLERK.to_owned());
    config.default_retry = false;
    KubeCluster::new(Client::try_from(config).expect("a client"), "the test cluster")
}

#[tokio::test]
async fn a_user_with_few_rights_is_told_which_are_missing() {
    on_a_site(at_once(), async |site: &Site| {
        let cluster = as_clerk(site).await;
        let namespace = &site.namespace;
        // Authorizers learn of a new Role a moment later.
        while cluster.may(&Access::to("list", Kind::Pod, namespace)).await != Ok(true) {
            tokio::task::yield_now().await;
        }
        assert_eq!(cluster.may(&Access::everything()).await, Ok(false));
        assert_eq!(cluster.may(&Access::to("create", Kind::Deployment, namespace)).await, Ok(false));
        let rules = cluster.rules(namespace).await.expect("rules");
        assert!(rules.show(&Access::to("watch", Kind::Pod, namespace)), "{rules:?}");
        assert!(!rules.show(&Access::to("delete", Kind::Pod, namespace)), "{rules:?}");

        let cluster: Arc<dyn Cluster> = Arc::new(cluster);
        let values = site.example("k3d.yaml");
        let report = examined(Arc::clone(&cluster), &values, false).await;
        for (check, expected) in [
            (Check::PermissionDeploy, Verdict::Fatal),
            (Check::PermissionStatus, Verdict::Warning),
            (Check::PermissionComfort, Verdict::Warning),
            (Check::NodesReady, Verdict::Unknown),
            (Check::StorageClass, Verdict::Unknown),
            (Check::IngressHost, Verdict::Unknown),
            (Check::InstanceDeployed, Verdict::Unknown),
            (Check::ServerVersion, Verdict::Ok),
        ] {
            assert_eq!(verdict(&report, check), expected, "{check}: {report:#?}");
        }
        let missing = report.findings().iter().find(|finding| finding.check == Check::PermissionDeploy);
        let missing = &missing.expect("a finding").message;
        assert!(missing.contains(&format!("list services in {namespace}")) || missing.contains("more"), "{missing}");
        assert!(!missing.contains("list pods"), "{missing}");
    })
    .await;
}
