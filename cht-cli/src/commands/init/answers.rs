//! Flags and answers to what a new instance shall be.

use std::num::NonZeroU8;

use cht_model::starter::{GkeIngress, ReleaseVersion, Site, Spread, Starter, Storage};
use cht_model::{Environment, InvalidName, NamespaceName, NodeName, PlatformKind, Quantity};
use clap::ValueEnum;

use super::fit;
use super::questions::{Gap, Questions};
use crate::cli::{Init, PlatformArg, filled, node_count};

/// What is known when the platform's own questions are asked.
pub(super) struct Setting {
    pub(super) kind: PlatformKind,
    pub(super) v4: bool,
    pub(super) environment: Environment,
    pub(super) count: NonZeroU8,
}

impl Setting {
    /// Whether CouchDB keeps its data in a folder without a claim.
    pub(super) fn has_folder(&self) -> bool {
        self.kind == PlatformKind::K3s && self.v4 && self.count.get() == 1
    }
}

/// What the instance shall be. Every flag that is missing is noted before it gives up.
pub(super) fn starter(flags: &Init, questions: &mut Questions) -> Result<Starter, Gap> {
    let platform = flags.platform.or_else(|| flags.local.then_some(PlatformArg::K3s));
    let platform = questions.needed(platform, "--platform", "Platform: k3s, eks or gke", |answer| {
        PlatformArg::from_str(answer, true).map_err(|_| format!("{answer:?} is none of k3s, eks and gke"))
    });
    let kind = platform.map(PlatformKind::from);
    let v4_runs_there = kind != Ok(PlatformKind::Gke);
    let version =
        questions.or_default(flags.cht_version.clone(), "Version of CHT", ReleaseVersion::usual(), |answer| {
            let version: ReleaseVersion = answer.parse().map_err(|error: InvalidName| error.to_string())?;
            if version.is_v4() && !v4_runs_there { Err("CHT 4 does not run on gke".to_owned()) } else { Ok(version) }
        });
    let namespace =
        questions.needed(flags.namespace.clone(), "--namespace", "Kubernetes namespace", str::parse::<NamespaceName>);
    let project = match &namespace {
        Ok(namespace) => {
            let default = namespace.as_str().parse().expect("namespaces and projects follow the same rule");
            questions.or_default(flags.project.clone(), "Name of the instance", default, str::parse)
        }
        Err(gap) => Err(*gap),
    };
    let (kind, version) = (kind?, version?);
    let local = match kind {
        PlatformKind::K3s => questions.whether(flags.local, "Is it on this machine, for development?")?,
        PlatformKind::Eks | PlatformKind::Gke => false,
    };
    let environment = if local { Environment::Local } else { Environment::Remote };
    let named = u8::try_from(flags.node_names.len()).ok().and_then(NonZeroU8::new);
    let count = questions.or_default(flags.nodes.or(named), "Number of CouchDB nodes", NonZeroU8::MIN, node_count)?;
    let setting = Setting { kind, v4: version.is_v4(), environment, count };
    questions.refuse(fit::misfits(flags, &setting))?;
    let spread = spread(flags, &setting, questions);
    let site = site(flags, &setting, namespace.as_ref().map_err(|gap| *gap), questions);
    let storage = storage(flags, &setting, namespace.as_ref().map_err(|gap| *gap), questions);
    questions.settled()?;
    Ok(Starter {
        schema: flags.schema.clone(),
        project: project?,
        namespace: namespace?,
        version,
        site: site?,
        spread: spread?,
        storage: storage?,
        credentials: None,
    })
}

fn spread(flags: &Init, setting: &Setting, questions: &mut Questions) -> Result<Spread, Gap> {
    if setting.count.get() == 1 {
        return Ok(Spread::Single);
    }
    let count = usize::from(setting.count.get());
    let given = (!flags.node_names.is_empty()).then(|| flags.node_names.clone());
    let question = format!("Kubernetes nodes that they run on, {count} names with commas");
    let parse = |answer: &str| names(answer, count);
    let names = match (setting.kind, setting.v4) {
        (PlatformKind::K3s, true) => Some(questions.needed(given, "--node-names", &question, parse)?),
        (PlatformKind::K3s, false) => questions.optional(given, &question, "any", parse)?,
        (PlatformKind::Eks | PlatformKind::Gke, _) => given,
    };
    Ok(names.map_or(Spread::Anywhere(setting.count), Spread::On))
}

fn names(answer: &str, count: usize) -> Result<Vec<NodeName>, String> {
    let names = answer.split(',').map(|name| name.trim().parse());
    let names: Vec<NodeName> = names.collect::<Result<_, _>>().map_err(|error: InvalidName| error.to_string())?;
    if names.len() == count {
        Ok(names)
    } else {
        Err(format!("the number of names is {}, that of the nodes is {count}", names.len()))
    }
}

fn site(
    flags: &Init,
    setting: &Setting,
    namespace: Result<&NamespaceName, Gap>,
    questions: &mut Questions,
) -> Result<Site, Gap> {
    const HOST: &str = "Host name that people open";
    match setting.kind {
        PlatformKind::K3s => {
            let host = if setting.v4 {
                Some(questions.needed(flags.host.clone(), "--host", HOST, str::parse)?)
            } else {
                questions.optional(flags.host.clone(), HOST, "every name", str::parse)?
            };
            Ok(Site::K3s { environment: setting.environment, host })
        }
        PlatformKind::Eks => {
            let host = questions.needed(flags.host.clone(), "--host", HOST, str::parse);
            let default = namespace?.as_str().parse().expect("a namespace may be the name of a group");
            let group =
                questions.or_default(flags.group.clone(), "Load balancer group, for sharing it", default, str::parse);
            let question = "ARN of the load balancer's certificate";
            let certificate =
                questions.optional(flags.certificate.clone(), question, "one that fits the host", str::parse);
            Ok(Site::Eks { host: host?, group: group?, certificate: certificate? })
        }
        PlatformKind::Gke if flags.no_ingress => Ok(Site::Gke(None)),
        PlatformKind::Gke => {
            let host = questions.needed(flags.host.clone(), "--host or --no-ingress", HOST, str::parse)?;
            let address = "Name of a reserved global address";
            let static_ip = questions.optional(flags.static_ip.clone(), address, "none", filled)?;
            let certificate = "Name of a managed certificate";
            let managed = questions.optional(flags.managed_certificate.clone(), certificate, "none", filled)?;
            Ok(Site::Gke(Some(GkeIngress { host, static_ip, managed_certificate: managed })))
        }
    }
}

fn storage(
    flags: &Init,
    setting: &Setting,
    namespace: Result<&NamespaceName, Gap>,
    questions: &mut Questions,
) -> Result<Storage, Gap> {
    if setting.has_folder() {
        let default = format!("/var/lib/{}-couchdb1", namespace?).parse().expect("an absolute path");
        let question = "Folder of the machine that CouchDB keeps its data in";
        return questions.or_default(flags.disk_path.clone(), question, default, str::parse).map(Storage::Folder);
    }
    let usual = match setting.environment {
        Environment::Local => "10Gi",
        Environment::Remote => "100Gi",
    };
    let usual: Quantity = usual.parse().expect("both are sizes");
    let size =
        questions.or_default(flags.storage_size.clone(), "Size of each CouchDB node's volume", usual, str::parse)?;
    let class = match setting.kind {
        PlatformKind::Eks => {
            // Every cluster of EKS has this class.
            let usual = "gp2".parse().expect("the name of a class");
            Some(questions.or_default(flags.storage_class.clone(), "StorageClass of the volumes", usual, str::parse)?)
        }
        PlatformKind::K3s | PlatformKind::Gke => flags.storage_class.clone(),
    };
    Ok(Storage::Claims { size, class })
}
