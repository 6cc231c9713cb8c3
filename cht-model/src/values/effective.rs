//! The values that count, after all layers and defaults: what each key has, and where that comes from.

mod defaults;

use std::fmt::{self, Write};

use super::check::{Checked, Invalid};
use super::document::{Map, Node, Scalar, Value};
use super::keys::{self, Key, Lines};
use super::load::Values;
use super::place::Place;
use super::write::scalar;
use crate::Instance;

/// What one key has. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveValue {
    /// The key's path with dots.
    pub key: String,
    /// The value.
    pub value: ShownValue,
    /// Where it comes from.
    pub origin: Origin,
}

/// A value as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownValue {
    /// The text; a reference such as `${env:NAME}` as it was written, not what it stands for.
    Text(String),
    /// A secret that the values hold.
    Hidden,
    /// A secret that the first deploy makes, and the cluster keeps.
    Generated,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was written there.
    Written(Place),
    /// Nobody wrote it.
    Default,
}

/// The values that count, in the order of the charts' own files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveValues(Vec<EffectiveValue>);

impl Values {
    /// The values that count, of every key that is written or has a default here.
    ///
    /// ```
    /// use cht_model::{Layer, Values};
    ///
    /// let text = "
    /// namespace: county-a
    /// chtversion: 5.3.0
    /// cluster_type: k3s-k3d
    /// couchdb:
    ///   couchdb_node_storage_size: 10Gi
    /// ";
    /// let values = Values::load(&[Layer::new("values.yaml", text), Layer::set("api.port=8080")])?;
    /// let effective = values.effective()?.value;
    /// let origin = |key: &str| effective.iter().find(|value| value.key == key).map(|value| value.origin.to_string());
    /// assert_eq!(origin("namespace").as_deref(), Some("values.yaml:2"));
    /// assert_eq!(origin("api.port").as_deref(), Some("--set api.port"));
    /// assert_eq!(origin("couchdb.db_name").as_deref(), Some("default"));
    /// assert!(effective.to_string().contains("\n  password: <made at the first deploy>"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`] when the values make no instance: what is missing has no default then.
    pub fn effective(&self) -> Result<Checked<EffectiveValues>, Invalid> {
        let Checked { value: instance, warnings } = self.validate()?;
        let keys =
            keys::KEYS.iter().flat_map(|key| self.paths(key, &instance).into_iter().map(move |path| (key, path)));
        let values = keys.filter_map(|(key, path)| self.effective_value(key, path, &instance)).collect();
        Ok(Checked { value: EffectiveValues(values), warnings })
    }

    /// The paths that a key stands for: a numbered one for each node, and for each number that is written.
    fn paths(&self, key: &Key, instance: &Instance) -> Vec<String> {
        let Some(stem) = key.path.strip_suffix('N') else { return vec![key.path.to_owned()] };
        let section = key.path.rsplit_once('.').and_then(|(section, _)| find(&self.root, section));
        let written = match section.map(|node| &node.value) {
            Some(Value::Map(map)) => map.0.iter().map(|entry| entry.key.as_str()).collect(),
            _ => Vec::new(),
        };
        let name = stem.rsplit_once('.').map_or(stem, |(_, name)| name);
        let mut numbers: Vec<usize> = (1..=instance.couchdb().topology.nodes().len()).collect();
        numbers.extend(written.iter().filter_map(|key| key.strip_prefix(name)?.parse::<usize>().ok()));
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|number| format!("{stem}{number}")).collect()
    }

    fn effective_value(&self, key: &Key, path: String, instance: &Instance) -> Option<EffectiveValue> {
        let default = || defaults::of(instance, &path);
        let node = find(&self.root, &path);
        let written = node.and_then(|node| match &node.value {
            Value::Scalar(scalar) => Some((scalar, node)),
            _ => None,
        });
        if let Some((scalar, node)) = written
            && counts(&path, scalar, default().as_ref())
        {
            let origin = Origin::Written(Place::new(node.span, self.sources[node.span.layer].origin()));
            return Some(EffectiveValue { value: shown(&path, scalar), key: path, origin });
        }
        // What the other line calls it is written, and counts.
        let by_other_name = match key.lines {
            Lines::V4(Some(other)) | Lines::V5(Some(other)) => find(&self.root, other).is_some(),
            _ => false,
        };
        let value = default().filter(|_| !by_other_name)?;
        Some(EffectiveValue { key: path, value, origin: Origin::Default })
    }
}

fn find<'m>(root: &'m Map, path: &str) -> Option<&'m Node> {
    let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut map = root;
    for part in section.split('.').filter(|part| !part.is_empty()) {
        let Value::Map(inner) = &map.get(part)?.node.value else { return None };
        map = inner;
    }
    map.get(key).map(|entry| &entry.node)
}

/// Whether what is written is what the instance has.
fn counts(path: &str, scalar: &Scalar, instance: Option<&ShownValue>) -> bool {
    let is_instances = || instance.is_none_or(|value| *value == ShownValue::Text(scalar.text.clone()));
    // An empty text counts as left out, but where it means something itself. The folders of a 4.x cluster without
    // existing data have names of their own, whatever is written.
    let may_not = scalar.text.is_empty() || path.starts_with("local_storage.");
    !may_not || is_instances()
}

fn shown(path: &str, scalar: &Scalar) -> ShownValue {
    let text = scalar.reference.as_ref().unwrap_or(&scalar.text);
    if keys::is_secret(path) && !scalar.reference.as_ref().is_some_and(|text| is_one_reference(text)) {
        return ShownValue::Hidden;
    }
    ShownValue::Text(text.clone())
}

/// Whether a text is a reference and nothing else: what stands beside one may be a part of a secret.
fn is_one_reference(text: &str) -> bool {
    let inner = ["${env:", "${file:"].iter().find_map(|kind| text.strip_prefix(kind)?.strip_suffix('}'));
    inner.is_some_and(|inner| !inner.contains(['{', '}']))
}

impl EffectiveValues {
    /// Each key with what it has.
    pub fn iter(&self) -> std::slice::Iter<'_, EffectiveValue> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a EffectiveValues {
    type Item = &'a EffectiveValue;
    type IntoIter = std::slice::Iter<'a, EffectiveValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `values.yaml:12`, `--set api.port`, or `default`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Written(place) => {
                f.write_str(place.origin())?;
                place.position().map_or(Ok(()), |position| write!(f, ":{}", position.line))
            }
        }
    }
}

/// A secret stands there as a placeholder, which no deploy takes for one.
impl fmt::Display for ShownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Hidden => f.write_str("<hidden>"),
            Self::Generated => f.write_str("<made at the first deploy>"),
        }
    }
}

/// The longest line that others are aligned with.
const WIDEST: usize = 60;

/// YAML, each value with its origin as a comment.
impl fmt::Display for EffectiveValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        let mut open: Vec<&str> = Vec::new();
        for EffectiveValue { key, value, origin } in self {
            let mut sections: Vec<_> = key.split('.').collect();
            let name = sections.pop().unwrap_or_default();
            let common = open.iter().zip(&sections).take_while(|(one, other)| one == other).count();
            for (depth, section) in sections.iter().enumerate().skip(common) {
                lines.push((format!("{}{section}:", indent(depth)), None));
            }
            let value = match value {
                ShownValue::Text(text) => scalar(text, None).0,
                other => other.to_string(),
            };
            lines.push((format!("{}{name}: {value}", indent(sections.len())), Some(origin)));
            open = sections;
        }
        let width = |line: &str| line.chars().count();
        let aligned = lines.iter().filter(|(_, origin)| origin.is_some()).map(|(line, _)| width(line));
        let column = aligned.filter(|width| *width <= WIDEST).max().unwrap_or(0);
        let mut text = String::new();
        for (line, origin) in lines {
            text.push_str(&line);
            if let Some(origin) = origin {
                let gap = column.saturating_sub(width(&line)) + 2;
                // A file's name may hold anything, and a comment must stay one line.
                let origin: String = origin.to_string().chars().filter(|c| !c.is_control()).collect();
                write!(text, "{:gap$}# {origin}", "")?;
            }
            text.push('\n');
        }
        f.write_str(&text)
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}
