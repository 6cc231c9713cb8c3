//! Settings of the services around CouchDB.

use super::release::Line;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{Api, Logging, Port, Sentinel, ServiceType};

const BUILDS_URL: &str = "https://staging.dev.medicmobile.org/_couch/builds_4";

pub(super) fn api(reader: &mut Reader, line: Line) -> Read<Api> {
    let port = port(reader, "api.port", 5988);
    let types = [ServiceType::ClusterIp, ServiceType::NodePort, ServiceType::LoadBalancer];
    let service_type = reader.choice("api.service.type", &types.map(|kind| (kind.as_str(), kind)));
    let builds_url = builds_url(reader);
    let logging = logging(reader, line, "api");
    Ok(Api {
        port: port?,
        service_type: service_type?.unwrap_or(ServiceType::ClusterIp),
        builds_url: builds_url?,
        logging: logging?,
    })
}

pub(super) fn sentinel(reader: &mut Reader, line: Line) -> Read<Sentinel> {
    Ok(Sentinel { logging: logging(reader, line, "sentinel")? })
}

pub(super) fn port(reader: &mut Reader, path: &str, default: u16) -> Read<Port> {
    let number = reader.number(path)?.unwrap_or(default);
    Ok(Port::new(number).expect("the range starts at 1, and so do the defaults"))
}

fn builds_url(reader: &mut Reader) -> Read<String> {
    let Some(text) = reader.filled("upstream_servers.builds_url")? else { return Ok(BUILDS_URL.to_owned()) };
    let host = ["https://", "http://"].iter().find_map(|scheme| text.as_str().strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace) => {
            Ok(text.as_str().to_owned())
        }
        _ => Err(reader.invalid(&text, "an address that starts with https:// or http://")),
    }
}

fn logging(reader: &mut Reader, line: Line, service: &str) -> Read<Option<Logging>> {
    if line == Line::V4 {
        return Ok(None);
    }
    let mut text = |key: &str, default: &str| -> Read<String> {
        let text = reader.filled(&format!("{service}.{key}"))?;
        Ok(text.map_or_else(|| default.to_owned(), |text| text.as_str().to_owned()))
    };
    let node_env = text("node_env", "production");
    let log_level = text("log_level", "info");
    Ok(Some(Logging { node_env: node_env?, log_level: log_level? }))
}
