//! Where the certificate comes from.

use crate::values::code::Code;
use crate::values::read::Reader;
use crate::values::report::Read;
use crate::{CertificateSource, PlatformKind};

/// The values of `cert_source`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Files,
    LocalIp,
    LoadBalancer,
}

const KEY: &str = "cert_source";

pub(super) fn asked(reader: &mut Reader) -> Read<Option<Asked>> {
    let choices =
        [("specify-file-path", Asked::Files), ("my-ip-co", Asked::LocalIp), ("eks-medic", Asked::LoadBalancer)];
    reader.choice(KEY, &choices)
}

/// The certificate's source, if the platform's ingress takes its certificate from a Secret.
pub(super) fn read(reader: &mut Reader, kind: PlatformKind) -> Read<Option<CertificateSource>> {
    let Some(asked) = asked(reader)? else { return Ok(None) };
    match (asked, kind) {
        (Asked::LoadBalancer, PlatformKind::Eks) => Ok(Some(CertificateSource::LoadBalancer)),
        (Asked::LoadBalancer, _) | (_, PlatformKind::Eks | PlatformKind::Gke) => {
            let finding = reader.finding(KEY, Code::NoEffect, format!("has no effect on {kind}"));
            let hint = match kind {
                PlatformKind::K3s => "write specify-file-path or my-ip-co, or create the Secret api-tls-secret",
                PlatformKind::Eks => "the load balancer's certificate is ingress.annotations.certificate",
                PlatformKind::Gke => "the certificate is ingress.gcp.managedCertificateName",
            };
            reader.report.warning(finding.hint(hint));
            Ok(None)
        }
        (Asked::LocalIp, PlatformKind::K3s) => Ok(Some(CertificateSource::LocalIp)),
        (Asked::Files, PlatformKind::K3s) => {
            let certificate = reader.required("certificate_crt_file_path");
            let key = reader.required("certificate_key_file_path");
            let (certificate, key) = (certificate?.as_str().to_owned(), key?.as_str().to_owned());
            Ok(Some(CertificateSource::Files { certificate, key }))
        }
    }
}
