//! "Did you mean …": the known name closest to one that is not known.

use super::keys;

/// The longest path that is compared. No key is nearly that long, and comparing takes time.
const LONGEST: usize = 100;

/// The most slips in a name that is still known.
const FARTHEST: usize = 3;

/// The closest of some names, if one is close enough to be what was meant.
pub(crate) fn closest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    names
        .into_iter()
        // Comparing takes time: what differs in length by more than slips can make is not looked at.
        .filter(|name| lower.len().abs_diff(name.len()) <= FARTHEST || name.to_lowercase().starts_with(&lower))
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).clamp(1, FARTHEST))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How far a text is from a name; a beginning of at least three letters is as good as a slip.
fn distance(text: &str, name: &str) -> usize {
    if text.len() >= 3 && text != name && name.starts_with(text) { 1 } else { strsim::damerau_levenshtein(text, name) }
}

/// The known key that is most likely meant by one that is not known: misspelt, or in the wrong section.
pub(crate) fn key(path: &str) -> Option<String> {
    if path.len() > LONGEST {
        return None;
    }
    // Numbered keys are compared with their number: `node_1` is close to `node-1`.
    let number = path.trim_start_matches(|c: char| !c.is_ascii_digit());
    let known: Vec<String> = keys::KEYS
        .iter()
        .filter_map(|key| match key.path.strip_suffix('N') {
            None => Some(key.path.to_owned()),
            Some(stem) => Some(format!("{stem}{number}")).filter(|known| keys::find(known).is_some()),
        })
        .collect();
    let sections = keys::KEYS.iter().filter_map(|key| key.path.rsplit_once('.')).map(|(section, _)| section);
    let last = |path: &'_ str| path.rsplit_once('.').map_or(0, |(section, _)| section.len() + 1);
    let is_named_so = |known: &&String| known[last(known)..] == path[last(path)..];
    let is_near = |known: &&String| known.split('.').next() == path.split('.').next();
    let nearest = known.iter().filter(is_named_so).filter(is_near).min_by_key(|known| distance(path, known));
    // Every program has resources: another one's are not meant.
    let elsewhere = nearest.or_else(|| known.iter().filter(is_named_so).find(|known| !known.contains(".resources.")));
    elsewhere
        .cloned()
        .or_else(|| closest(path, known.iter().map(String::as_str).chain(sections)).map(str::to_owned))
        .filter(|found| found != path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_and_misplaced_keys_are_found() {
        for (written, meant) in [
            ("couchdb.clusteredCouch_enable", "couchdb.clusteredCouch_enabled"),
            ("couchdb.clusteredcouchenabled", "couchdb.clusteredCouchEnabled"),
            ("name_space", "namespace"),
            ("storage_class", "couchdb.storage_class"),
            ("nodes.node_2", "nodes.node-2"),
            ("local_storage.preExistingDiskpath-3", "local_storage.preExistingDiskPath-3"),
            ("couchDB", "couchdb"),
            ("api.resources.memory", "api.resources.limits.memory"),
            ("sentinel.resource.limits.cpu", "sentinel.resources.limits.cpu"),
            ("haproxy.size", "size"),
        ] {
            assert_eq!(key(written).as_deref(), Some(meant), "{written}");
        }
    }

    #[test]
    fn what_is_far_from_everything_gets_no_suggestion() {
        for written in ["replicas", "x", "", "nodeSelector", "memory"] {
            assert_eq!(key(written), None, "{written}");
        }
    }
}
