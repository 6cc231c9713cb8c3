//! How a certificate is, for people and for programs.

use cht_k8s::tls::{Certificate, CertificateState, CertificateStatus, Replacement};
use serde_json::{Value, json};

use crate::exit::Exit;

/// A certificate's state, one fact to a line.
pub(crate) fn text(status: &CertificateStatus) -> String {
    let mut rows = vec![("source", source(status)), ("where", status.place.clone())];
    if let Some(certificate) = &status.certificate {
        rows.push(("subject", certificate.subject.clone()));
        rows.push(("names", list(&certificate.names)));
        rows.push(("issuer", certificate.issuer.clone()));
        rows.push(("from", certificate.not_before.to_string()));
    }
    if let Some((at, days)) = status.not_after.zip(status.days_left()) {
        let days = if days < 0 { format!("{} days ago", -days) } else { format!("in {days} days") };
        rows.push(("until", format!("{at}, {days}")));
    }
    if !status.hosts.is_empty() {
        rows.push(("hosts", list(&status.hosts)));
    }
    rows.push(("state", state(&status.state)));
    let line = |(name, value): &(&str, String)| format!("{:<9}{value}", format!("{name}:"));
    rows.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn source(status: &CertificateStatus) -> String {
    match (status.source, status.made_by.as_deref()) {
        (Some(source), Some(made_by)) if source == made_by => source.to_owned(),
        (Some(source), Some(made_by)) => format!("{source}; what is there is from {}", made_by.escape_debug()),
        (Some(source), None) => source.to_owned(),
        (None, Some(made_by)) => format!("none in the values; what is there is from {}", made_by.escape_debug()),
        (None, None) => "none in the values".to_owned(),
    }
}

fn state(state: &CertificateState) -> String {
    match state {
        CertificateState::Right => "right: it is the key's, and for the hosts".to_owned(),
        CertificateState::EndsSoon => "right, and ends within 30 days".to_owned(),
        CertificateState::Missing => {
            "missing: the ingress wants it; `cht deploy` makes it where cert_source says from \
                                      what, and `cht tls set` takes files"
                .to_owned()
        }
        CertificateState::NotUsed => {
            "none: the ingress controller serves its own, which browsers warn about; cert_source \
                                      in the values and `cht tls set` have another"
                .to_owned()
        }
        CertificateState::Unfit(fault) => format!("unfit: {fault}"),
        CertificateState::Elsewhere => "not looked at: it is not in the cluster".to_owned(),
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A certificate's state as a document.
pub(crate) fn json(status: &CertificateStatus, exit: Exit) -> Value {
    let fault = match &status.state {
        CertificateState::Unfit(fault) => Some(fault.to_string()),
        _ => None,
    };
    json!({
        "exit_code": exit.code(),
        "source": status.source,
        "place": status.place,
        "made_by": status.made_by,
        "hosts": status.hosts,
        "certificate": status.certificate.as_ref().map(certificate),
        "not_after": status.not_after.map(|at| at.to_string()),
        "days_left": status.days_left(),
        "state": status.state.as_str(),
        "fault": fault,
    })
}

/// What a certificate says, as a document.
pub(crate) fn certificate(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "names": certificate.names,
        "not_before": certificate.not_before.to_string(),
        "not_after": certificate.not_after.to_string(),
    })
}

/// What is replaced by what.
pub(crate) fn replacement(replacement: &Replacement) -> String {
    let line = |certificate: &Certificate| {
        let Certificate { subject, issuer, names, not_before, not_after, .. } = certificate;
        format!("{subject}, for {}, issued by {issuer}, from {not_before} until {not_after}", list(names))
    };
    let old = replacement.old.as_ref().map_or_else(|| "none that can be read".to_owned(), line);
    format!("old: {old}\nnew: {}", line(&replacement.new))
}
