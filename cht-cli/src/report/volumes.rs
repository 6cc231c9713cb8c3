//! Where the data is, for people.

use cht_k8s::{ClaimedVolume, LeftVolume, MountedBy, Volumes};

use super::table::{or_dash, table};

/// Claims, then folders, then what was left.
pub(crate) fn text(namespace: &str, volumes: &Volumes) -> String {
    let mut parts = Vec::new();
    if volumes.claims.is_empty() {
        parts.push(format!("no claims in namespace {namespace}\n"));
    } else {
        let heading = ["CLAIM", "PHASE", "SIZE", "CLASS", "VOLUME", "RECLAIM", "MOUNTED BY", "DATA"];
        parts.push(table(heading, &volumes.claims.iter().map(claim).collect::<Vec<_>>()));
    }
    if !volumes.folders.is_empty() {
        let rows: Vec<_> = volumes
            .folders
            .iter()
            .map(|folder| [folder.component.to_string(), folder.path.clone(), or_dash(folder.node.as_ref())])
            .collect();
        parts
            .push(format!("folders that are used without a claim:\n{}", table(["COMPONENT", "FOLDER", "NODE"], &rows)));
    }
    if !volumes.left.is_empty() {
        let heading = ["VOLUME", "PHASE", "SIZE", "CLASS", "RECLAIM", "DATA"];
        let rows: Vec<_> = volumes.left.iter().map(left).collect();
        let hints = volumes.left.iter().map(|left| ["hint: ", &left.volume, ": ", &left.hint, "\n"].concat());
        let hints = hints.collect::<String>();
        parts.push(format!("volumes that no claim has:\n{}{hints}", table(heading, &rows)));
    }
    parts.join("\n")
}

fn claim(claim: &ClaimedVolume) -> [String; 8] {
    let mounted: Vec<_> = claim.mounted_by.iter().map(mounted).collect();
    [
        claim.claim.clone(),
        claim.phase.clone(),
        size(claim),
        or_dash(claim.class.as_ref()),
        or_dash(claim.volume.as_ref()),
        or_dash(claim.reclaim_policy.as_ref()),
        if mounted.is_empty() { "nobody".to_owned() } else { mounted.join(", ") },
        or_dash(claim.place.as_ref()),
    ]
}

/// The size that there is, with the one that is asked for where that is another.
pub(super) fn size(claim: &ClaimedVolume) -> String {
    match (&claim.size, &claim.asked) {
        (Some(size), Some(asked)) if size != asked => format!("{size} of {asked}"),
        (Some(size), _) | (None, Some(size)) => size.clone(),
        (None, None) => "-".to_owned(),
    }
}

/// `couchdb-1 on alpha`
pub(super) fn mounted(by: &MountedBy) -> String {
    let who = by.component.as_ref().map_or_else(|| by.pod.clone(), ToString::to_string);
    match &by.node {
        Some(node) => format!("{who} on {node}"),
        None => who,
    }
}

fn left(volume: &LeftVolume) -> [String; 6] {
    [
        volume.volume.clone(),
        volume.phase.clone(),
        or_dash(volume.size.as_ref()),
        or_dash(volume.class.as_ref()),
        or_dash(volume.reclaim_policy.as_ref()),
        or_dash(volume.place.as_ref()),
    ]
}
