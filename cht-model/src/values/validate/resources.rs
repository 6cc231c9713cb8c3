//! How much of a machine the programs are given: by the instance's size, and by what the values say of each.

use super::release::Line;
use crate::values::code::Code;
use crate::values::read::{Reader, wants};
use crate::values::report::Read;
use crate::{Cpu, Profile, Program, Quantity, Size, Sizing};

const SIZE: &str = "size";

/// What each program of an instance is given.
pub(super) fn read(reader: &mut Reader, line: Line, profile: Read<Profile>) -> Read<Sizing> {
    let size = reader.choice(SIZE, &Size::ALL.map(|size| (size.as_str(), size)));
    let mut sizing = Sizing::of(size.unwrap_or(None).unwrap_or(Size::Small));
    let mut read = size.map(|_| ());
    for program in programs(line) {
        read = override_program(reader, program, &mut sizing).and(read);
    }
    if let Ok(Profile::Chart) = profile {
        warn(reader, line);
    }
    read.map(|()| sizing)
}

/// The programs that a release line has. What is said of others is a key of the other line.
fn programs(line: Line) -> impl Iterator<Item = Program> {
    Program::ALL.into_iter().filter(move |program| match program {
        Program::Nouveau => line != Line::V4,
        Program::UpgradeService => line == Line::V4,
        _ => true,
    })
}

fn key(program: Program, kind: &str, of: &str) -> String {
    format!("{}.resources.{kind}.{of}", program.section())
}

fn override_program(reader: &mut Reader, program: Program, sizing: &mut Sizing) -> Read<()> {
    let memory = written(reader, program, "memory", |text| text.parse::<Quantity>().ok());
    let cpu = written(reader, program, "cpu", |text| text.parse::<Cpu>().ok());
    let resources = sizing.program_mut(program);
    let memory = memory?.beside(&resources.memory_request, Some(&resources.memory_limit));
    let cpu = cpu?.beside(&resources.cpu_request, resources.cpu_limit.as_ref());
    (resources.memory_request, resources.cpu_request, resources.cpu_limit) = (memory.0, cpu.0, cpu.1);
    if let Some(limit) = memory.1 {
        resources.memory_limit = limit;
    }
    Ok(())
}

/// What values say of one resource of a program.
struct Written<T> {
    request: Option<T>,
    limit: Option<T>,
}

impl<T: Ord + Clone> Written<T> {
    /// What comes of it with the size's own. Whoever says one of the two means it, and the other follows: a request is not
    /// above its limit.
    fn beside(self, request: &T, limit: Option<&T>) -> (T, Option<T>) {
        match (self.request, self.limit) {
            (Some(request), None) => {
                let limit = limit.map(|limit| limit.max(&request).clone());
                (request, limit)
            }
            (None, Some(most)) => (request.min(&most).clone(), Some(most)),
            (Some(request), Some(most)) => (request, Some(most)),
            (None, None) => (request.clone(), limit.cloned()),
        }
    }
}

fn written<T: Ord>(
    reader: &mut Reader,
    program: Program,
    of: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Read<Written<T>> {
    let (request_key, limit_key) = (key(program, "requests", of), key(program, "limits", of));
    let request = one(reader, &request_key, &parse);
    let limit = one(reader, &limit_key, &parse);
    let (request, limit) = (request?, limit?);
    if let (Some(request), Some(limit)) = (&request, &limit)
        && request > limit
    {
        let (wanted, most) = (reader.filled(&request_key)?, reader.filled(&limit_key)?);
        if let (Some(wanted), Some(most)) = (wanted, most) {
            let finding =
                wanted.finding(Code::Conflict, format!("is {}, more than {limit_key} allows", wanted.shown()));
            return Err(reader.report.error(finding.expected(format!("{} or less", most.as_str()))));
        }
    }
    Ok(Written { request, limit })
}

fn one<T>(reader: &mut Reader, key: &str, parse: impl Fn(&str) -> Option<T>) -> Read<Option<T>> {
    let Some(text) = reader.filled(key)? else { return Ok(None) };
    parse(text.as_str()).map(Some).ok_or_else(|| reader.invalid(&text, wants(key)))
}

/// The charts limit nothing.
fn warn(reader: &mut Reader, line: Line) {
    let of_programs = programs(line).flat_map(|program| {
        let kinds = ["requests", "limits"];
        kinds.into_iter().flat_map(move |kind| ["cpu", "memory"].map(|of| key(program, kind, of)))
    });
    for path in of_programs.chain([SIZE.to_owned()]) {
        super::platform::warn_of_chart(reader, &path);
    }
}
