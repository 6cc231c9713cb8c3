//! The certificate: whether it is there, for how long it holds, and for which names.

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use crate::tls::{CertificateFault, CertificateState, CertificateStatus};

/// So long before its end a certificate has to be renewed.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// For how long what holds from one time to another still does.
pub(super) fn expiry(check: Check, what: &str, holds: [Timestamp; 2], now: Timestamp, hint: &str) -> Finding {
    let [not_before, not_after] = holds;
    let left = not_after.duration_since(now);
    if now < not_before {
        Finding::fatal(check, format!("{what} holds from {} on only", day(not_before)), hint)
    } else if !left.is_positive() {
        Finding::fatal(check, format!("{what} ran out on {}", day(not_after)), hint)
    } else if left < SOON {
        let days = left.as_hours() / 24;
        Finding::warning(check, format!("{what} runs out on {}, in {days} days", day(not_after)), hint)
    } else {
        Finding::ok(check, format!("{what} holds until {}", day(not_after)))
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// What the certificate is worth that the ingress serves.
pub(super) fn judge(seen: &Answer<CertificateStatus>) -> Vec<Finding> {
    let status = match seen {
        Ok(status) => status,
        Err(error) => return vec![Finding::unanswered(Check::TlsSecret, error)],
    };
    let CertificateStatus { place, hosts, .. } = status;
    let (missing, renew) = hints(status.source);
    let is_there = Finding::ok(Check::TlsSecret, format!("{place} holds a certificate with its key"));
    match &status.state {
        CertificateState::Elsewhere => {
            let why = format!("the certificate is kept elsewhere ({place}): look at it there");
            vec![Finding::unknown(Check::TlsSecret, why)]
        }
        CertificateState::NotUsed => {
            vec![Finding::ok(Check::TlsSecret, format!("the values name no certificate, and there is no {place}"))]
        }
        CertificateState::Missing => {
            let message = format!("{place} is not there: HTTPS has no certificate of its own, and browsers warn");
            vec![Finding::warning(Check::TlsSecret, message, missing)]
        }
        CertificateState::Right | CertificateState::EndsSoon => {
            let holds = status.certificate.as_ref().zip(status.not_after);
            let holds = holds.map(|(certificate, not_after)| [certificate.not_before, not_after]);
            let expiry = holds.map(|holds| expiry(Check::TlsExpiry, "the certificate", holds, status.now, renew));
            let host = (!hosts.is_empty())
                .then(|| Finding::ok(Check::TlsHost, format!("the certificate is for {}", hosts.join(", "))));
            [is_there].into_iter().chain(expiry).chain(host).collect()
        }
        CertificateState::Unfit(fault) => match fault {
            CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. } => {
                vec![is_there, Finding::fatal(Check::TlsExpiry, fault.to_string(), renew)]
            }
            CertificateFault::OtherHost { .. } => {
                let hint = "get a certificate for ingress.host, or correct ingress.host in the values";
                vec![is_there, Finding::warning(Check::TlsHost, fault.to_string(), hint)]
            }
            _ => vec![Finding::fatal(Check::TlsSecret, fault.to_string(), renew)],
        },
    }
}

/// What to do where a certificate is missing, and where it has to be replaced, by where the values have it from.
fn hints(source: Option<&str>) -> (&'static str, &'static str) {
    match source {
        Some("specify-file-path" | "my-ip-co" | "self-signed") => {
            ("cht deploy makes it", "cht tls renew makes it anew from where the values have it")
        }
        Some("cert-manager") => (
            "cert-manager makes it: kubectl describe certificate, in the instance's namespace, says why it has not",
            "cert-manager renews it: kubectl describe certificate, in the instance's namespace, says why it has not",
        ),
        _ => (
            "cht tls set --cert FILE --key FILE, or let the values name a source (cert_source)",
            "cht tls set --cert FILE --key FILE, with a certificate that holds for longer",
        ),
    }
}

#[cfg(test)]
mod tests;
