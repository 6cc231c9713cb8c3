//! How people reach the instance, on each platform.

use super::release::Line;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{
    AlbIngress, CertificateArn, CertificateSource, GceIngress, HostName, IngressClassName, K3sIngress, Platform,
    PlatformKind, Profile, SecretName, TLS_SECRET, TlsSecret,
};

const HOST: &str = "ingress.host";
const CLASS_NAME: &str = "ingress.class_name";

pub(super) fn platform(
    reader: &mut Reader,
    (line, kind): (Line, PlatformKind),
    profile: Read<Profile>,
    certificate: Read<Option<&CertificateSource>>,
) -> Read<Platform> {
    let class_name = class_name(reader, kind, profile);
    match kind {
        PlatformKind::K3s => Ok(Platform::K3s(k3s(reader, line, class_name, certificate)?)),
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

fn k3s(
    reader: &mut Reader,
    line: Line,
    class_name: Read<Option<IngressClassName>>,
    certificate: Read<Option<&CertificateSource>>,
) -> Read<K3sIngress> {
    let host = match line {
        Line::V4 => reader.required_name(HOST).map(Some),
        Line::V5(_) => reader.name::<HostName>(HOST).map(|host| host.filter(|host| host.as_str() != "localhost")),
    };
    let (host, class_name, certificate) = (host?, class_name?, certificate?);
    let tls = if line == Line::V4 || certificate.is_some() { TlsSecret::Used } else { TlsSecret::WhenPresent };
    let tls_secret = match certificate {
        Some(CertificateSource::ExistingSecret(secret)) => secret.clone(),
        _ => own_secret(),
    };
    let issuer = match certificate {
        Some(CertificateSource::CertManager(issuer)) => Some(issuer.clone()),
        _ => None,
    };
    Ok(K3sIngress { host, tls, tls_secret, issuer, class_name })
}

fn own_secret() -> SecretName {
    TLS_SECRET.parse().expect("the name follows the rules of names")
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
