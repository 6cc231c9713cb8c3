//! Which flags go together.

use cht_model::PlatformKind::{self, Eks, Gke, K3s};

use super::answers::Setting;
use crate::cli::Init;

/// Why flags do not fit what is asked for, each in a sentence.
pub(super) fn misfits(flags: &Init, setting: &Setting) -> Vec<String> {
    let count = usize::from(setting.count.get());
    let on_folders = setting.kind == K3s && setting.v4;
    let mut misfits = Vec::new();
    if setting.v4 && setting.kind == Gke {
        misfits.push("CHT 4 does not run on gke: use CHT 5, or another platform".to_owned());
    }
    let names = flags.node_names.len();
    if count > 1 && names > 0 && names != count {
        misfits.push(format!("--node-names: the number of names is {names}, that of the nodes is {count}"));
    }
    let only_on = |kind: PlatformKind| format!("for {} only", platform(kind));
    let rules = [
        ("--local", flags.local, setting.kind == K3s, only_on(K3s)),
        ("--group", flags.group.is_some(), setting.kind == Eks, only_on(Eks)),
        ("--certificate", flags.certificate.is_some(), setting.kind == Eks, only_on(Eks)),
        ("--static-ip", flags.static_ip.is_some(), setting.kind == Gke, only_on(Gke)),
        ("--managed-certificate", flags.managed_certificate.is_some(), setting.kind == Gke, only_on(Gke)),
        ("--no-ingress", flags.no_ingress, setting.kind == Gke, only_on(Gke)),
        ("--node-names", names > 0, count > 1, "for several CouchDB nodes only".to_owned()),
        (
            "--disk-path",
            flags.disk_path.is_some(),
            setting.has_folder(),
            "for one node of CHT 4 on k3s only".to_owned(),
        ),
        (
            "--storage-size",
            flags.storage_size.is_some(),
            !setting.has_folder(),
            "not for one node of CHT 4 on k3s, which has a folder instead of a volume".to_owned(),
        ),
        (
            "--storage-class",
            flags.storage_class.is_some(),
            !on_folders,
            "not for CHT 4 on k3s, which keeps its data in folders".to_owned(),
        ),
    ];
    let wrong = rules.into_iter().filter(|(_, given, fits, _)| *given && !fits);
    misfits.extend(wrong.map(|(flag, _, _, place)| format!("{flag} is {place}")));
    misfits
}

/// The platform as `--platform` has it.
fn platform(kind: PlatformKind) -> &'static str {
    match kind {
        K3s => "k3s",
        Eks => "eks",
        Gke => "gke",
    }
}
