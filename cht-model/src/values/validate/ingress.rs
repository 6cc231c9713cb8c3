//! How people reach the instance, on each platform.

use super::certificate::{self, Asked};
use super::release::Line;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{AlbIngress, CertificateArn, GceIngress, HostName, K3sIngress, Platform, PlatformKind, TlsSecret};

const HOST: &str = "ingress.host";

pub(super) fn platform(reader: &mut Reader, line: Line, kind: PlatformKind) -> Read<Platform> {
    match kind {
        PlatformKind::K3s => Ok(Platform::K3s(k3s(reader, line)?)),
        PlatformKind::Eks => Ok(Platform::Eks(eks(reader)?)),
        PlatformKind::Gke => Ok(Platform::Gke(gke(reader)?)),
    }
}

fn k3s(reader: &mut Reader, line: Line) -> Read<K3sIngress> {
    if line == Line::V4 {
        return Ok(K3sIngress { host: Some(reader.required_name(HOST)?), tls: TlsSecret::Used });
    }
    let host = reader.name::<HostName>(HOST);
    let tls = match certificate::asked(reader)? {
        Some(Asked::Files | Asked::LocalIp) => TlsSecret::Used,
        Some(Asked::LoadBalancer) | None => TlsSecret::WhenPresent,
    };
    Ok(K3sIngress { host: host?.filter(|host| host.as_str() != "localhost"), tls })
}

fn eks(reader: &mut Reader) -> Read<AlbIngress> {
    let host = reader.required_name(HOST);
    let group_name = reader.required_name("ingress.annotations.groupname");
    let tags = text(reader, "ingress.annotations.tags");
    let certificate_arn = certificate_arn(reader);
    Ok(AlbIngress { host: host?, group_name: group_name?, tags: tags?, certificate_arn: certificate_arn? })
}

fn gke(reader: &mut Reader) -> Read<Option<GceIngress>> {
    if !reader.boolean("ingress.gcp.enabled")?.unwrap_or(true) {
        return Ok(None);
    }
    let host = reader.required_name(HOST);
    let static_ip_name = text(reader, "ingress.gcp.staticIpName");
    let managed_certificate_name = text(reader, "ingress.gcp.managedCertificateName");
    Ok(Some(GceIngress {
        host: host?,
        static_ip_name: static_ip_name?,
        managed_certificate_name: managed_certificate_name?,
    }))
}

fn text(reader: &mut Reader, path: &str) -> Read<Option<String>> {
    Ok(reader.filled(path)?.map(|text| text.as_str().to_owned()))
}

fn certificate_arn(reader: &mut Reader) -> Read<Option<CertificateArn>> {
    let Some(text) = reader.filled("ingress.annotations.certificate")? else { return Ok(None) };
    text.as_str().parse().map(Some).map_err(|_| reader.invalid(&text, "the ARN of a certificate, arn:…"))
}
