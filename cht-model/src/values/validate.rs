//! Values to an instance: every concern is read, whatever the others said, so that all problems come out at once.

mod certificate;
mod couchdb;
mod credentials;
mod images;
mod ingress;
mod names;
mod network;
mod platform;
mod pods;
mod release;
mod resources;
mod services;
mod storage;
mod tolerations;
mod written;

use super::check::{Checked, Invalid};
use super::load::Values;
use super::read::Reader;
use super::report::Read;
use crate::Instance;

/// Checks values as a whole.
pub(super) fn instance(values: &Values) -> Result<Checked<Instance>, Invalid> {
    let mut reader = Reader::new(&values.root);
    let instance = read(&mut reader, values);
    let failed = reader.report.has_errors();
    let problems = reader.report.finish(&values.sources);
    match instance {
        Ok(value) if !failed => Ok(Checked { value, warnings: problems }),
        _ => Err(Invalid { problems }),
    }
}

/// Whether values are of 4.x.
pub(super) fn is_v4(values: &Values) -> bool {
    release::line(&mut Reader::new(&values.root)) == release::Line::V4
}

/// Reads everything before it gives up on anything.
fn read(reader: &mut Reader, values: &Values) -> Read<Instance> {
    let line = release::line(reader);
    written::check(reader, &values.root, line);
    let version = release::version(reader);
    let release = release::release(reader, line);
    let images = images::read(reader);
    let namespace = names::namespace(reader);
    let known_namespace = namespace.as_ref().map_err(|reported| *reported);
    let project = names::project(reader, known_namespace);
    let environment = platform::environment(reader);
    let profile = platform::profile(reader);
    let sizing = resources::read(reader, line, profile);
    let priority_class = pods::name(reader, pods::PRIORITY_CLASS, profile);
    let image_pull_secret = pods::name(reader, pods::IMAGE_PULL_SECRET, profile);
    let kind = platform::kind(reader, line);
    let certificate = kind.and_then(|kind| certificate::read(reader, &values.sources, (line, kind), profile));
    let source = certificate.as_ref().map(Option::as_ref).map_err(|reported| *reported);
    let platform = kind.and_then(|kind| ingress::platform(reader, (line, kind), profile, source));
    let couchdb = couchdb::read(reader, line, kind, known_namespace);
    let api = services::api(reader, line);
    let sentinel = services::sentinel(reader, line);
    let network =
        network::read(reader, profile, kind, api.as_ref().map(|api| api.service_type).map_err(|reported| *reported));
    Ok(Instance {
        project: project?,
        namespace: namespace?,
        version: version?.as_str().to_owned(),
        release: release?,
        environment: environment?,
        profile: profile?,
        sizing: sizing?,
        priority_class: priority_class?,
        image_pull_secret: image_pull_secret?,
        platform: platform?,
        certificate: certificate?,
        images: images?,
        couchdb: couchdb?,
        api: api?,
        sentinel: sentinel?,
        network: network?,
    })
}
