//! Where the certificate comes from.

use super::release::Line;
use crate::values::code::Code;
use crate::values::read::{Reader, Text};
use crate::values::report::Read;
use crate::values::source::Source;
use crate::{CertificateSource, FilePath, PlatformKind, Profile, SecretName, TLS_SECRET};

/// The values of `cert_source`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Files,
    LocalIp,
    SelfSigned,
    CertManager,
    ExistingSecret,
    LoadBalancer,
}

const KEY: &str = "cert_source";
const CERTIFICATE: &str = "certificate_crt_file_path";
const PRIVATE_KEY: &str = "certificate_key_file_path";
const ISSUER: &str = "certificate_issuer";
const SECRET: &str = "certificate_secret";
const HOST: &str = "ingress.host";

/// The certificate's source, as far as the platform's ingress takes its certificate from it.
pub(super) fn read(
    reader: &mut Reader,
    sources: &[Source],
    (line, kind): (Line, PlatformKind),
    profile: Read<Profile>,
) -> Read<Option<CertificateSource>> {
    let choices = [
        ("specify-file-path", Asked::Files),
        ("my-ip-co", Asked::LocalIp),
        ("self-signed", Asked::SelfSigned),
        ("cert-manager", Asked::CertManager),
        ("existing-secret", Asked::ExistingSecret),
        ("eks-medic", Asked::LoadBalancer),
    ];
    let asked = reader.choice(KEY, &choices)?;
    for (key, source, of) in
        [(ISSUER, Asked::CertManager, "cert-manager"), (SECRET, Asked::ExistingSecret, "existing-secret")]
    {
        if asked != Some(source) {
            reader.warn_of_no_effect(key, &format!("without cert_source: {of}"), "remove it");
        }
    }
    match (asked, kind) {
        (None, _) => Ok(None),
        (Some(Asked::LoadBalancer), PlatformKind::Eks) => Ok(Some(CertificateSource::LoadBalancer)),
        (Some(asked), PlatformKind::K3s) => k3s(reader, sources, asked, line, profile),
        (Some(asked), PlatformKind::Eks | PlatformKind::Gke) => {
            let instead = match kind {
                PlatformKind::Gke => "the certificate is ingress.gcp.managedCertificateName",
                _ => "the load balancer's certificate is ingress.annotations.certificate",
            };
            let is_of_charts = matches!(asked, Asked::Files | Asked::LocalIp | Asked::LoadBalancer);
            if is_of_charts {
                // The charts' own samples have them on any platform.
                let finding = reader.finding(KEY, Code::NoEffect, format!("has no effect on {kind}"));
                reader.report.warning(finding.hint(instead));
                return Ok(None);
            }
            let finding =
                reader.finding(KEY, Code::Invalid, format!("is for the ingress of k3s-k3d, and this is {kind}"));
            Err(reader.report.error(finding.hint(format!("remove it: {instead}"))))
        }
    }
}

fn k3s(
    reader: &mut Reader,
    sources: &[Source],
    asked: Asked,
    line: Line,
    profile: Read<Profile>,
) -> Read<Option<CertificateSource>> {
    Ok(Some(match asked {
        Asked::LoadBalancer => {
            let finding = reader.finding(KEY, Code::NoEffect, "has no effect on k3s-k3d");
            reader.report.warning(finding.hint(
                "write specify-file-path, my-ip-co, self-signed, cert-manager or existing-secret, or create the Secret \
                 api-tls-secret",
            ));
            return Ok(None);
        }
        Asked::LocalIp => CertificateSource::LocalIp,
        Asked::SelfSigned => CertificateSource::SelfSigned,
        Asked::Files => {
            let certificate = reader.required(CERTIFICATE);
            let key = reader.required(PRIVATE_KEY);
            let path = |text: Text| FilePath { written: text.as_str().to_owned(), place: text.place(sources) };
            CertificateSource::Files { certificate: path(certificate?), key: path(key?) }
        }
        Asked::CertManager => {
            let issuer = reader.required_name(ISSUER);
            let host = has_host(reader, line);
            needs_production(reader, profile)?;
            host?;
            CertificateSource::CertManager(issuer?)
        }
        Asked::ExistingSecret => {
            let secret = reader.name_or::<SecretName>(SECRET, TLS_SECRET)?;
            if secret.as_str() != TLS_SECRET {
                needs_production(reader, profile)?;
            }
            CertificateSource::ExistingSecret(secret)
        }
    }))
}

/// The ingress of the charts names no issuer, and one Secret only.
fn needs_production(reader: &mut Reader, profile: Read<Profile>) -> Read<()> {
    if profile? == Profile::Production {
        return Ok(());
    }
    let finding = reader.finding(KEY, Code::Invalid, "is none that the charts' ingress can have");
    Err(reader.report.error(finding.hint("write profile: production, or create the Secret api-tls-secret yourself")))
}

/// cert-manager has certificates for the hosts of an ingress; on 4.x every ingress has one.
fn has_host(reader: &mut Reader, line: Line) -> Read<()> {
    match reader.peek(HOST) {
        Some("localhost") => {
            let finding = reader.finding(HOST, Code::Invalid, "is \"localhost\", for which nobody issues certificates");
            Err(reader.report.error(finding.hint("write the host that people open, or cert_source: self-signed")))
        }
        None if line != Line::V4 => {
            Err(reader.missing(HOST, Some("cert-manager has certificates issued for the host of the ingress")))
        }
        _ => Ok(()),
    }
}
