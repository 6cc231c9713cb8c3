//! The platform by name, whether it is this machine, and how much is made of it.

use super::release::Line;
use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Environment, PlatformKind, Profile};

/// The platform, if the release line has it.
pub(super) fn kind(reader: &mut Reader, line: Line) -> Read<PlatformKind> {
    let choices = PlatformKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = reader.choice("cluster_type", &choices)?.ok_or_else(|| reader.missing("cluster_type", None))?;
    if (line, kind) == (Line::V4, PlatformKind::Gke) {
        let finding = reader.finding("cluster_type", Code::Unsupported, "is gke, which 4.x does not run on");
        return Err(reader.report.error(finding.expected("k3s-k3d or eks, or CHT 5")));
    }
    Ok(kind)
}

pub(super) fn environment(reader: &mut Reader) -> Read<Environment> {
    let choices = [("local", Environment::Local), ("remote", Environment::Remote)];
    Ok(reader.choice("environment", &choices)?.unwrap_or(Environment::Remote))
}

pub(super) fn profile(reader: &mut Reader) -> Read<Profile> {
    let choices = Profile::ALL.map(|profile| (profile.as_str(), profile));
    Ok(reader.choice("profile", &choices)?.unwrap_or(Profile::Production))
}

/// Warns of a key of production alone, where it is written.
pub(super) fn warn_of_chart(reader: &mut Reader, path: &str) {
    if reader.has(path) {
        let finding = reader.finding(path, Code::NoEffect, "has no effect with profile: chart");
        reader.report.warning(finding.hint("remove it, or write profile: production"));
    }
}
