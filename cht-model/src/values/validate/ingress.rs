//! How people reach the instance, on each platform.

use super::certificate::{self, Asked};
use super::release::Line;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{
    AlbIngress, CertificateArn, GceIngress, HostName, IngressClassName, K3sIngress, Platform, PlatformKind, Profile,
    TlsSecret,
};

const HOST: &str = "ingress.host";
const CLASS_NAME: &str = "ingress.class_name";

pub(super) fn platform(reader: &mut Reader, line: Line, kind: PlatformKind, profile: Read<Profile>) -> Read<Platform> {
    let class_name = class_name(reader, kind, profile);
    match kind {
        PlatformKind::K3s => Ok(Platform::K3s(k3s(reader, line, class_name)?)),
        PlatformKind::Eks => Ok(Platform::Eks(eks(reader)?)),
        PlatformKind::Gke => Ok(Platform::Gke(gke(reader)?)),
    }
}

/// The class, where it is one's choice.
fn class_name(reader: &mut Reader, kind: PlatformKind, profile: Read<Profile>) -> Read<Option<IngressClassName>> {
    let ignored_by = match (kind, profile?) {
        (PlatformKind::K3s, Profile::Production) => return reader.name(CLASS_NAME),
        (PlatformKind::K3s, Profile::Chart) => "with profile: chart".to_owned(),
        (PlatformKind::Eks | PlatformKind::Gke, _) => format!("on {kind}"),
    };
    reader.warn_of_no_effect(CLASS_NAME, &ignored_by, "remove it");
    Ok(None)
}

fn k3s(reader: &mut Reader, line: Line, class_name: Read<Option<IngressClassName>>) -> Read<K3sIngress> {
    if line == Line::V4 {
        let host = reader.required_name(HOST);
        return Ok(K3sIngress { host: Some(host?), tls: TlsSecret::Used, class_name: class_name? });
    }
    let host = reader.name::<HostName>(HOST);
    let tls = match certificate::asked(reader)? {
        Some(Asked::Files | Asked::LocalIp) => TlsSecret::Used,
        Some(Asked::LoadBalancer) | None => TlsSecret::WhenPresent,
    };
    Ok(K3sIngress { host: host?.filter(|host| host.as_str() != "localhost"), tls, class_name: class_name? })
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
