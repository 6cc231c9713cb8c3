//! The release line: from the version, else from `release_line`, else from the dialect that the values are written in.

use semver::Version;

use crate::values::code::Code;
use crate::values::read::{Reader, Text};
use crate::values::report::{Finding, Read};
use crate::{Nouveau, Release, V4, V5};

/// A release line, before its own settings are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    V4,
    V5(Nouveau),
}

impl Line {
    const NEWEST: Self = Self::V5(Nouveau::PerNode);

    fn of(major: u64, minor: u64) -> Option<Self> {
        match (major, minor) {
            (..4, _) => None,
            (4, _) => Some(Self::V4),
            (5, ..3) => Some(Self::V5(Nouveau::Shared)),
            _ => Some(Self::NEWEST),
        }
    }

    /// What `release_line` says for it.
    fn key(self) -> &'static str {
        match self {
            Self::V4 => "4.x",
            Self::V5(Nouveau::Shared) => "5.2",
            Self::V5(Nouveau::PerNode) => "5.3",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V4 => "4.x",
            Self::V5(Nouveau::Shared) => "5.0 to 5.2",
            Self::V5(Nouveau::PerNode) => "5.3 and later",
        }
    }
}

/// What a version's text is.
enum Written {
    Release(Version),
    Branch,
}

/// The key that says the version: `chtversion`, or `cht_image_tag` for values that have only that.
fn version_key(reader: &Reader) -> &'static str {
    if reader.has("chtversion") { "chtversion" } else { "cht_image_tag" }
}

/// The version as it was written.
pub(super) fn version<'v>(reader: &mut Reader<'v>) -> Read<Text<'v>> {
    let key = version_key(reader);
    let Some(text) = reader.filled(key)? else { return Err(reader.missing("chtversion", None)) };
    match classify(reader, &text)? {
        Written::Branch if key == "cht_image_tag" => {
            Err(reader.missing("chtversion", Some("it can be left out when cht_image_tag is a release's version")))
        }
        Written::Branch if !reader.has("cht_image_tag") => {
            let hint = "the images of a branch have tags of their own: set it to the one that was built";
            Err(reader.missing("cht_image_tag", Some(hint)))
        }
        Written::Branch => Ok(text),
        Written::Release(version) => {
            advise(reader, &text, &version);
            Ok(text)
        }
    }
}

/// The release line. Where the values leave it open, or name none that exists, their dialect says it, so that whatever
/// else they hold can be checked.
pub(super) fn line(reader: &mut Reader) -> Line {
    let asked = asked(reader);
    let Ok(Some(text)) = reader.filled(version_key(reader)) else {
        return asked.ok().flatten().unwrap_or_else(|| dialect(reader));
    };
    match classify(reader, &text) {
        Ok(Written::Release(version)) => {
            let Some(line) = Line::of(version.major, version.minor) else {
                let finding =
                    text.finding(Code::Unsupported, format!("is {}, before Kubernetes was supported", text.shown()));
                reader.report.error(finding.expected("4.0.0 or later"));
                return dialect(reader);
            };
            if let Ok(Some(asked)) = asked
                && asked != line
            {
                let what = format!("says {}, but the version belongs to {}", asked.name(), line.name());
                let finding = reader.finding("release_line", Code::Conflict, what);
                reader.report.error(finding.hint("remove it: a release's version is enough"));
            }
            line
        }
        Ok(Written::Branch) => asked.ok().flatten().unwrap_or_else(|| assumed(reader, &text)),
        Err(_) => asked.ok().flatten().unwrap_or_else(|| dialect(reader)),
    }
}

/// The line with its own settings.
pub(super) fn release(reader: &mut Reader, line: Line) -> Read<Release> {
    match line {
        Line::V4 => Ok(Release::V4(V4 { upgrade_service: reader.name_or("upgrade_service.tag", "0.32")? })),
        Line::V5(nouveau) => Ok(Release::V5(V5 { nouveau })),
    }
}

fn classify(reader: &mut Reader, text: &Text) -> Read<Written> {
    if let Ok(version) = Version::parse(text.as_str()) {
        return Ok(Written::Release(version));
    }
    let bare = text.as_str().trim_start_matches('v');
    if Version::parse(bare).is_ok() {
        let finding = text.finding(Code::Invalid, format!("is {}", text.shown()));
        return Err(reader.report.error(finding.expected("a version without 'v'")));
    }
    if bare.starts_with(|c: char| c.is_ascii_digit()) && bare.chars().all(|c| c.is_ascii_digit() || c == '.') {
        let finding = text.finding(Code::Invalid, format!("is {}", text.shown()));
        return Err(reader.report.error(finding.expected("a version with three parts, for example 5.3.0")));
    }
    Ok(Written::Branch)
}

/// The line that `release_line` asks for.
fn asked(reader: &mut Reader) -> Read<Option<Line>> {
    let Some(text) = reader.filled("release_line")? else { return Ok(None) };
    let parts: Vec<_> = text.as_str().split('.').collect();
    let line = match parts[..] {
        ["5"] | ["5", "x"] => Some(Line::NEWEST),
        ["4"] | ["4", "x"] => Some(Line::V4),
        [major @ ("4" | "5"), minor] | [major @ ("4" | "5"), minor, "x"] => {
            major.parse().ok().zip(minor.parse().ok()).and_then(|(major, minor)| Line::of(major, minor))
        }
        _ => None,
    };
    line.map(Some).ok_or_else(|| reader.invalid(&text, "4.x, 5.0, 5.1, 5.2 or 5.3"))
}

/// The line of a branch: by its name when that says it (`5.2.x`), else by the dialect.
fn assumed(reader: &mut Reader, branch: &Text) -> Line {
    let mut numbers = branch.as_str().split('.').map_while(|part| part.parse().ok());
    let by_name = numbers.next().zip(numbers.next()).and_then(|(major, minor)| Line::of(major, minor));
    let line = by_name.unwrap_or_else(|| dialect(reader));
    let reason = if by_name.is_some() { "by its name" } else { "by the keys that the values have" };
    let what = format!("is a branch, {}, and {reason} its release line is {}", branch.shown(), line.name());
    let hint = format!("say it with release_line: \"{}\"", line.key());
    reader.report.warning(branch.finding(Code::Assumed, what).hint(hint));
    line
}

fn dialect(reader: &Reader) -> Line {
    let of_v4 = ["couchdb.clusteredCouch_enabled", "upgrade_service.tag"];
    if of_v4.iter().any(|key| reader.has(key)) { Line::V4 } else { Line::NEWEST }
}

fn advise(reader: &mut Reader, text: &Text, version: &Version) {
    let finding: Option<Finding> = if (version.major, version.minor, version.patch) == (5, 0, 0) {
        let what = "is 5.0.0, which ran Nouveau on CouchDB's volume from a pod of its own; it is deployed like 5.0.1";
        Some(text.finding(Code::Discouraged, what).hint("use 5.0.1 or later"))
    } else if version.major > 5 {
        let what = format!("is {}, newer than the release lines known here; it is deployed like 5.3", text.shown());
        Some(text.finding(Code::Assumed, what))
    } else {
        None
    };
    if let Some(finding) = finding {
        reader.report.warning(finding);
    }
}
