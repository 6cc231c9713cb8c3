//! What instances are made of values: both dialects, all platforms, every kind of storage.

use cht_model::{
    ApiClients, CertificateSource, Disk, ExistingVolume, Instance, Layer, NetworkAccess, Nouveau, Platform, PullPolicy,
    Release, ServiceType, TlsSecret, Toleration, TolerationEffect, Topology, Values, Volume,
};

use crate::fixture::{EKS, GKE, K3S, K3S_V4, check, instance, problems};

fn volumes(instance: &Instance) -> Vec<&Volume> {
    instance.couchdb().topology.nodes().iter().map(|node| &node.volume).collect()
}

fn existing(instance: &Instance) -> Vec<&ExistingVolume> {
    let mut existing = Vec::new();
    for volume in volumes(instance) {
        let Volume::Existing(volume) = volume else { panic!("{volume:?}") };
        existing.push(volume);
    }
    existing
}

#[test]
fn little_is_needed_and_the_rest_is_what_the_charts_have() {
    let instance = instance(K3S, "");
    insta::assert_debug_snapshot!(instance);
}

#[test]
fn every_setting_is_read() {
    let more = "\
project_name: my-county
cht_image_tag: 5.3.0-rc.1
cache_images: false
environment: local
upstream_servers: {docker_registry: 'localhost:5000/cht', builds_url: 'https://builds.example.org/x'}
api: {port: 8080, service: {type: NodePort}, node_env: test, log_level: debug}
sentinel: {node_env: test, log_level: warn}
haproxy: {port: 8081}
couchdb: {db_name: medic-test, storage_class: fast}
couchdb_data: {dataPathOnDiskForCouchDB: ''}
toleration: {key: example.org/only, operator: Exists, effect: NoExecute}
ingress: {host: county.example.org, class_name: nginx}
network_policy: {enabled: true, api_from: any}
cert_source: my-ip-co
";
    let instance = instance(K3S, more);
    insta::assert_debug_snapshot!(instance);
    assert_eq!(instance.images().pull_policy, PullPolicy::Always);
    assert_eq!(instance.api().service_type, ServiceType::NodePort);
}

#[test]
fn who_reaches_the_pods_is_restricted_where_the_platform_enforces_it() {
    let restricted = |api_from| NetworkAccess::Restricted { api_from };
    let (ingress, any) = (restricted(ApiClients::IngressControllers), restricted(ApiClients::Anyone));
    for (base, more, expected) in [
        (K3S, "", ingress),
        (K3S, "network_policy: {api_from: ingress}", ingress),
        (K3S, "network_policy: {api_from: any}", any),
        (K3S, "api: {service: {type: NodePort}}", any),
        (K3S, "api: {service: {type: LoadBalancer}}", any),
        (K3S, "network_policy: {enabled: false}", NetworkAccess::Open),
        (K3S, "profile: chart", NetworkAccess::Open),
        (K3S_V4, "", ingress),
        (EKS, "", NetworkAccess::Open),
        (EKS, "network_policy: {enabled: true}", any),
        (GKE, "", NetworkAccess::Open),
        (GKE, "network_policy: {enabled: true, api_from: any}", any),
    ] {
        assert_eq!(instance(base, &format!("{more}\n")).network(), expected, "{base}{more}");
    }
}

#[test]
fn versions_decide_the_line() {
    let nouveau = |version: &str| match check(K3S, &format!("chtversion: {version}\n")).value.release() {
        Release::V5(v5) => v5.nouveau,
        Release::V4(_) => panic!("{version}"),
    };
    for version in ["5.0.0", "5.0.1", "5.2.9", "5.2.0-beta.1"] {
        assert_eq!(nouveau(version), Nouveau::Shared, "{version}");
    }
    for version in ["5.3.0-dev.1", "5.3.0", "5.10.2", "6.0.0"] {
        assert_eq!(nouveau(version), Nouveau::PerNode, "{version}");
    }
    assert!(matches!(instance(K3S_V4, "chtversion: 4.0.0\n").release(), Release::V4(_)));
}

#[test]
fn a_branch_takes_its_line_from_release_line() {
    let of = |line: &str| {
        let more = format!("chtversion: my-branch\ncht_image_tag: my-branch-1\nrelease_line: {line}\n");
        instance(
            K3S,
            &format!("{more}ingress: {{host: a.example.org}}\nlocal_storage: {{preExistingDiskPath-1: /srv/a}}\n"),
        )
    };
    for line in ["5.0", "5.1", "5.2", "'5.2'", "5.2.x"] {
        assert!(matches!(of(line).release(), Release::V5(v5) if v5.nouveau == Nouveau::Shared), "{line}");
    }
    for line in ["5", "5.x", "5.3", "5.10"] {
        assert!(matches!(of(line).release(), Release::V5(v5) if v5.nouveau == Nouveau::PerNode), "{line}");
    }
    for line in ["4", "4.x", "4.22"] {
        assert!(matches!(of(line).release(), Release::V4(_)), "{line}");
    }
    assert_eq!((of("5").version(), of("5").images().tag.as_str()), ("my-branch", "my-branch-1"));
}

#[test]
fn a_branch_without_a_line_takes_it_from_its_name_or_the_dialect() {
    let branch = |base, name: &str| check(base, &format!("chtversion: {name}\ncht_image_tag: x\n"));
    assert!(matches!(branch(K3S, "5.2.x").value.release(), Release::V5(v5) if v5.nouveau == Nouveau::Shared));
    assert!(matches!(branch(K3S, "master").value.release(), Release::V5(v5) if v5.nouveau == Nouveau::PerNode));
    assert!(matches!(branch(K3S_V4, "master").value.release(), Release::V4(_)));
    assert_eq!(branch(K3S_V4, "master").warnings.len(), 1);
}

#[test]
fn the_image_tag_stands_in_for_the_version() {
    let instance = instance(K3S, "chtversion:\ncht_image_tag: 5.2.0\n");
    assert_eq!((instance.version(), instance.images().tag.as_str()), ("5.2.0", "5.2.0"));
    assert!(matches!(instance.release(), Release::V5(v5) if v5.nouveau == Nouveau::Shared));
}

#[test]
fn the_version_has_the_last_word_over_the_image_tag() {
    let instance = instance(K3S, "cht_image_tag: 5.2.0-dev.1\n");
    assert!(matches!(instance.release(), Release::V5(v5) if v5.nouveau == Nouveau::PerNode));
    assert_eq!(instance.images().reference("api"), "public.ecr.aws/medic/cht-api:5.2.0-dev.1");
}

#[test]
fn claims_have_the_platforms_class_unless_the_values_name_one() {
    for (base, class) in [(K3S, "local-path"), (EKS, "ebs-gp2"), (GKE, "standard-rwo")] {
        let shown = |instance: &Instance| format!("{:?}", volumes(instance)[0]);
        assert!(shown(&instance(base, "")).contains(&format!("StorageClassName(\"{class}\")")), "{class}");
        let own = instance(base, "couchdb: {storage_class: fast-ssd}\n");
        assert!(shown(&own).contains("StorageClassName(\"fast-ssd\")"), "{class}");
    }
}

#[test]
fn a_single_node_of_4_x_on_k3s_uses_a_folder() {
    let more = "couchdb: {clusteredCouch_enabled: false}\nlocal_storage: {preExistingDiskPath-1: /srv/data}\n";
    let folder = |more: &str| match volumes(&instance(K3S_V4, more))[..] {
        [Volume::HostPath { path, create }] => (path.to_string(), *create),
        ref others => panic!("{others:?}"),
    };
    assert_eq!(folder(more), ("/srv/data".to_owned(), true));
    let existing = format!("{more}couchdb_data: {{preExistingDataAvailable: true}}\n");
    assert_eq!(folder(&existing), ("/srv/data".to_owned(), false));
}

#[test]
fn a_cluster_of_4_x_on_k3s_has_local_disks() {
    let instance = instance(K3S_V4, "");
    insta::assert_debug_snapshot!(volumes(&instance));
}

#[test]
fn existing_data_of_4_x_on_k3s_is_where_the_values_say() {
    let existing_data = "couchdb_data: {preExistingDataAvailable: true, dataPathOnDiskForCouchDB: 'data%d'}\n";
    let named = "local_storage: {preExistingDiskPath-1: /srv/a, preExistingDiskPath-2: /srv/b}\n";
    let with_paths = instance(K3S_V4, &format!("{existing_data}{named}"));
    let paths: Vec<_> = existing(&with_paths)
        .into_iter()
        .map(|volume| match &volume.disk {
            Disk::Local { path, node } => (path.as_str(), node.as_str(), volume.create_directory),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths, [("/srv/a", "one", false), ("/srv/b", "two", false)]);
    let data: Vec<_> = with_paths.couchdb().topology.nodes().iter().map(|node| node.data_path.as_str()).collect();
    assert_eq!(data, ["data1", "data2"]);

    // Data that an earlier deploy made, in the folders that it made.
    let without = instance(K3S_V4, existing_data);
    assert!(existing(&without).iter().all(|volume| !volume.create_directory));
    assert!(format!("{:?}", volumes(&without)[1]).contains("/var/lib/county-couchdb2"));
}

#[test]
fn vsphere_disks_are_named_after_the_namespace() {
    let more = "k3s_use_vSphere_storage_class: true\nvSphere: {datastoreName: DS, diskPath: a/b}\n";
    let instance = instance(K3S_V4, more);
    let volume = existing(&instance)[1];
    assert!(matches!(&volume.disk, Disk::VSphere { volume_path, node }
        if volume_path == "[DS] a/b/county-couchdb2" && node.as_str() == "two"));
    assert_eq!(volume.class.as_ref().map(cht_model::StorageClassName::as_str), Some("vsphere-storage-class"));
    assert!(!volume.create_directory);
}

#[test]
fn existing_data_of_5_x_on_k3s_is_a_folder_of_a_node() {
    let more = "\
couchdb_data: {preExistingDataAvailable: true}
local_storage: {preExistingDiskPath-1: /srv/a}
nodes: {node-1: one}
";
    let pinned = instance(K3S, more);
    let volume = existing(&pinned)[0];
    assert!(matches!(&volume.disk, Disk::HostPath { path, node: Some(node) }
        if path.as_str() == "/srv/a" && node.as_str() == "one"));
    assert_eq!(volume.class, None);
    assert_eq!(pinned.couchdb().topology.nodes()[0].placement, None);
    let free = instance(K3S, &more.replace("one", "''"));
    assert!(matches!(&existing(&free)[0].disk, Disk::HostPath { node: None, .. }));
}

#[test]
fn existing_data_on_eks_is_a_volume_for_each_node() {
    let more = "\
couchdb_data: {preExistingDataAvailable: true, partition: 1}
ebs: {preExistingEBSVolumeID-1: vol-0a1, preExistingEBSVolumeID-2: vol-0a2, preExistingEBSVolumeSize: 100Gi}
";
    let of_v5 = instance(EKS, more);
    insta::assert_debug_snapshot!(volumes(&of_v5));
    let of_v4 = check(EKS, &format!("{more}chtversion: 4.22.0\n")).value;
    assert_eq!(existing(&of_v4)[0].capacity.as_str(), "10Gi", "the 4.x chart gives cluster volumes their claims' size");
    let single = check(EKS, &format!("{more}chtversion: 4.22.0\ncouchdb: {{clusteredCouchEnabled: false}}\n")).value;
    assert_eq!(existing(&single)[0].capacity.as_str(), "100Gi");
}

#[test]
fn existing_data_on_gke_is_a_disk_for_each_node() {
    let more = "\
couchdb: {persistent_disk: {size: 100Gi, diskName: only, diskName-1: first, diskName-2: second}}
couchdb_data: {preExistingDataAvailable: true}
clusteredCouch: {noOfCouchDBNodes: 2}
";
    let names = |instance: &Instance| {
        let name = |volume: &ExistingVolume| match &volume.disk {
            Disk::GcePersistentDisk { name, partition: 0 } => name.clone(),
            other => panic!("{other:?}"),
        };
        existing(instance).into_iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&instance(GKE, more)), ["only"]);
    assert_eq!(names(&instance(GKE, &format!("{more}ingress: {{}}\n"))), ["only"]);
    let clustered = more.replace("{persistent_disk", "{clusteredCouchEnabled: true, persistent_disk");
    assert_eq!(names(&instance(GKE, &clustered)), ["first", "second"]);
}

#[test]
fn clusters_run_where_the_values_say() {
    let placements = |more: &str| {
        let instance = instance(EKS, more);
        let nodes = instance.couchdb().topology.nodes().iter();
        nodes.map(|node| node.placement.as_ref().map(ToString::to_string)).collect::<Vec<_>>()
    };
    assert_eq!(placements(""), [None, None]);
    assert_eq!(placements("nodes: {node-1: a, node-2: b, node-3: c}\n"), [Some("a".to_owned()), Some("b".to_owned())]);
    assert_eq!(placements("nodes: {node-1: '', node-2: b}\n"), [None, Some("b".to_owned())]);
}

#[test]
fn either_lines_clustering_key_counts() {
    for (base, more) in [(K3S, "clusteredCouch_enabled: true"), (K3S, "clusteredCouchEnabled: True")] {
        let checked = check(base, &format!("couchdb: {{{more}}}\n"));
        assert!(matches!(checked.value.couchdb().topology, Topology::Clustered(_)), "{more}");
    }
    let both = check(K3S, "couchdb: {clusteredCouch_enabled: true, clusteredCouchEnabled: true}\n");
    assert!(matches!(both.value.couchdb().topology, Topology::Clustered(_)));
}

#[test]
fn k3s_answers_for_the_host_with_the_certificate_that_there_is() {
    let ingress = |base, more: &str| match instance(base, more).platform() {
        Platform::K3s(ingress) => (ingress.host.as_ref().map(ToString::to_string), ingress.tls),
        other => panic!("{other:?}"),
    };
    let files = "cert_source: specify-file-path\ncertificate_crt_file_path: a.crt\ncertificate_key_file_path: a.key\n";
    let host = Some("county.example.org".to_owned());
    assert_eq!(ingress(K3S_V4, ""), (host.clone(), TlsSecret::Used));
    assert_eq!(ingress(K3S, ""), (None, TlsSecret::WhenPresent));
    assert_eq!(ingress(K3S, "ingress: {host: localhost}\n"), (None, TlsSecret::WhenPresent));
    assert_eq!(ingress(K3S, "ingress: {host: county.example.org}\n"), (host, TlsSecret::WhenPresent));
    assert_eq!(ingress(K3S, files), (None, TlsSecret::Used));
    assert_eq!(ingress(K3S, "cert_source: my-ip-co\n"), (None, TlsSecret::Used));
    assert!(matches!(instance(K3S, files).certificate(), Some(CertificateSource::Files { certificate, key })
        if certificate.written == "a.crt" && key.written == "a.key"));
}

#[test]
fn each_source_of_a_certificate_names_the_secret_that_the_ingress_serves() {
    let ingress = |base, more: &str| match instance(base, more).platform() {
        Platform::K3s(ingress) => {
            (ingress.tls, ingress.tls_secret.to_string(), ingress.issuer.as_ref().map(ToString::to_string))
        }
        other => panic!("{other:?}"),
    };
    let used = |secret: &str, issuer: Option<&str>| (TlsSecret::Used, secret.to_owned(), issuer.map(str::to_owned));
    let own = "api-tls-secret";
    let host = "ingress: {host: county.example.org}\n";
    assert_eq!(ingress(K3S, "cert_source: self-signed\nprofile: chart\n"), used(own, None));
    assert_eq!(ingress(K3S, "cert_source: existing-secret\n"), used(own, None));
    assert_eq!(ingress(K3S_V4, "cert_source: existing-secret\ncertificate_secret: mine\n"), used("mine", None));
    let issued = |issuer: &str| format!("cert_source: cert-manager\ncertificate_issuer: {issuer}\n{host}");
    assert_eq!(ingress(K3S, &issued("letsencrypt")), used(own, Some("ClusterIssuer/letsencrypt")));
    assert_eq!(ingress(K3S, &issued("Issuer/own")), used(own, Some("Issuer/own")));
}

#[test]
fn paths_of_values_start_at_the_folder_of_their_file() {
    let files = "cert_source: specify-file-path\ncertificate_crt_file_path: a.crt\n";
    let layers = [
        Layer::new("counties/a/values.yaml", format!("{K3S}{files}")),
        Layer::set("certificate_key_file_path=/etc/a.key"),
    ];
    let instance = Values::load(&layers).expect("values").validate().expect("an instance").value;
    let Some(CertificateSource::Files { certificate, key }) = instance.certificate() else { panic!("files") };
    assert_eq!(certificate.path().to_str(), Some("counties/a/a.crt"));
    assert_eq!(certificate.place.to_string().split(':').next(), Some("counties/a/values.yaml"));
    assert_eq!(key.path().to_str(), Some("/etc/a.key"));
    let set = Layer::set("certificate_key_file_path=a.key");
    let instance = Values::load(&[layers[0].clone(), set]).expect("values").validate().expect("an instance").value;
    let Some(CertificateSource::Files { key, .. }) = instance.certificate() else { panic!("files") };
    assert_eq!(key.path().to_str(), Some("a.key"));
}

#[test]
fn gke_may_go_without_an_ingress() {
    let more = "ingress: {host: , gcp: {enabled: false}}\n";
    assert!(matches!(instance(GKE, more).platform(), Platform::Gke(None)));
}

#[test]
fn tolerations_are_taints_of_kubernetes() {
    let toleration = |more: &str| {
        let more = format!("toleration: {{key: only, {more}}}\n");
        instance(K3S, &more).couchdb().tolerations.first().cloned().expect("a toleration")
    };
    let expected =
        |value: Option<&str>, effect| Toleration { key: "only".to_owned(), value: value.map(str::to_owned), effect };
    let no_schedule = Some(TolerationEffect::NoSchedule);
    assert_eq!(toleration("operator: Equal, value: true, effect: NoSchedule"), expected(Some("true"), no_schedule));
    assert_eq!(toleration("value: 'x'"), expected(Some("x"), None));
    assert_eq!(toleration("operator: Exists"), expected(None, None));
    assert!(instance(K3S, "toleration: {key: '', operator: Equal, value: x}\n").couchdb().tolerations.is_empty());
}

#[test]
fn samples_are_no_problem_where_they_take_no_effect() {
    let more = "\
ebs: {preExistingEBSVolumeID-1: vol-0123456789abcdefg, preExistingEBSVolumeSize: <storage-size>}
certificate_crt_file_path: <path>
vSphere: {datastoreName: <datastore>, diskPath: '{{ path }}'}
k3s_use_vSphere_storage_class: <true or false>
couchdb: {persistent_disk: {size: <storage-size>}}
";
    assert!(problems(EKS, more).is_empty());
    assert!(problems(K3S, more).is_empty());
}
