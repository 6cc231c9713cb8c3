//! The certificate: whether it is there, for how long it holds, and for which names.

use cht_manifests::Manifests;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;

use super::check::Check;
use super::finding::Finding;
use super::ingress;
use super::look::Answer;

/// The Secret that the certificate is in.
pub(super) const SECRET: &str = "api-tls-secret";
const CERTIFICATE: &str = "tls.crt";
/// So long before its end a certificate has to be renewed.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What matters of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// The hosts that it is for, as it writes them.
    pub(super) names: Vec<String>,
}

impl Certificate {
    /// The first certificate of a text: that of the server, or of the user.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let (pem, _) = Pem::read(std::io::Cursor::new(text)).map_err(|_| "it holds no PEM block".to_owned())?;
        let certificate = pem.parse_x509().map_err(|_| "its first PEM block is no certificate".to_owned())?;
        let time = |seconds: i64| Timestamp::from_second(seconds).map_err(|error| error.to_string());
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let alternative = alternative.iter().flat_map(|names| &names.value.general_names);
        let names = alternative.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        let names: Vec<_> = names.collect();
        let validity = certificate.validity();
        Ok(Self { from: time(validity.not_before.timestamp())?, until: time(validity.not_after.timestamp())?, names })
    }

    fn is_for(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.names.iter().map(|name| name.to_ascii_lowercase()).any(|name| {
            // A star stands for one part of a name.
            name == host
                || name
                    .strip_prefix("*.")
                    .is_some_and(|domain| host.split_once('.').is_some_and(|(_, rest)| rest == domain))
        })
    }

    /// Whether it holds now, and for how long still.
    pub(super) fn expiry(&self, check: Check, what: &str, now: Timestamp, hint: &str) -> Finding {
        let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
        let left = self.until.duration_since(now);
        if now < self.from {
            Finding::fatal(check, format!("{what} holds from {} on only", day(self.from)), hint)
        } else if left.is_negative() {
            Finding::fatal(check, format!("{what} ran out on {}", day(self.until)), hint)
        } else if left < SOON {
            let days = left.as_hours() / 24;
            Finding::warning(check, format!("{what} runs out on {}, in {days} days", day(self.until)), hint)
        } else {
            Finding::ok(check, format!("{what} holds until {}", day(self.until)))
        }
    }
}

/// What the certificate in the Secret is worth, as far as the ingress uses one.
pub(super) fn judge(manifests: &Manifests, secret: &Answer<Option<Secret>>, now: Timestamp) -> Vec<Finding> {
    let Some((_, ingress)) = ingress::of(manifests) else { return Vec::new() };
    let spec = ingress.spec.as_ref();
    let is_elsewhere = spec.and_then(|spec| spec.ingress_class_name.as_deref()) == Some("alb")
        || ingress.metadata.annotations.iter().flatten().any(|(_, value)| value == "gce");
    if is_elsewhere {
        return vec![Finding::unknown(
            Check::TlsSecret,
            "the load balancer has the certificate: look at it where it is kept",
        )];
    }
    let is_used = spec.and_then(|spec| spec.tls.as_ref()).is_some_and(|tls| !tls.is_empty());
    let hosts = spec.into_iter().flat_map(|spec| spec.rules.iter().flatten()).find_map(|rule| rule.host.as_deref());
    let secret = match secret {
        Ok(Some(secret)) => secret,
        Ok(None) if is_used => {
            return vec![Finding::warning(
                Check::TlsSecret,
                format!("Secret/{SECRET} is not there: HTTPS has no certificate of its own, and browsers warn"),
                format!("kubectl create secret tls {SECRET} --cert FILE --key FILE, in the instance's namespace"),
            )];
        }
        Ok(None) => {
            return vec![Finding::ok(
                Check::TlsSecret,
                format!("the values name no certificate, and there is no Secret/{SECRET}"),
            )];
        }
        Err(error) => return vec![Finding::unanswered(Check::TlsSecret, error)],
    };
    let text =
        secret.data.as_ref().and_then(|data| data.get(CERTIFICATE)).map(|text| text.0.as_slice()).unwrap_or_default();
    let certificate = match Certificate::read(text) {
        Ok(certificate) => certificate,
        Err(why) => {
            return vec![Finding::fatal(
                Check::TlsSecret,
                format!("Secret/{SECRET} holds no certificate in {CERTIFICATE}: {why}"),
                "make the Secret anew from the certificate with its chain, and its key, both PEM",
            )];
        }
    };
    let renew = "renew the certificate, and replace what the Secret holds";
    let expiry = certificate.expiry(Check::TlsExpiry, "the certificate", now, renew);
    [Finding::ok(Check::TlsSecret, format!("Secret/{SECRET} holds a certificate")), expiry]
        .into_iter()
        .chain(hosts.map(|host| names(&certificate, host)))
        .collect()
}

fn names(certificate: &Certificate, host: &str) -> Finding {
    let check = Check::TlsHost;
    if certificate.is_for(host) {
        return Finding::ok(check, format!("the certificate is for {host}"));
    }
    let names = if certificate.names.is_empty() { "no host".to_owned() } else { certificate.names.join(", ") };
    Finding::warning(
        check,
        format!("the certificate is for {names}, and not for {host}: browsers and phones will not trust it"),
        "get a certificate for ingress.host, or correct ingress.host in the values",
    )
}

#[cfg(test)]
mod tests;
