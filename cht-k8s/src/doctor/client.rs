//! This machine: its kubeconfig, and the way to the API server. Pure: whoever connects says what came of it.

use k8s_openapi::jiff::Timestamp;

use super::check::Check;
use super::finding::Finding;
use super::tls::expiry;
use crate::tls::Certificate;
use crate::{ClusterError, ServerInfo};

/// What this machine has to reach the cluster with.
#[derive(Clone, Default)]
pub struct ClientFacts {
    /// The contexts of the kubeconfig.
    pub contexts: Vec<String>,
    /// The user's certificate, PEM, where the kubeconfig has one.
    pub certificate: Option<Vec<u8>>,
    /// The variables that name a proxy and are set.
    pub proxies: Vec<String>,
}

/// What came of connecting.
#[derive(Debug)]
pub enum Connection {
    /// There is no usable configuration, and why.
    NotConfigured(String),
    /// This is the server, and what it answered.
    Tried {
        /// The server's address.
        server: String,
        /// What it said, or why there is none.
        answer: Result<ServerInfo, ClusterError>,
    },
}

/// What keeps this machine from the cluster.
pub fn client(facts: &ClientFacts, connection: &Connection, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(certificate(facts, now));
    let is_through = match connection {
        Connection::NotConfigured(why) => {
            findings.push(Finding::fatal(Check::ClientConfig, why, not_configured(facts)));
            false
        }
        Connection::Tried { server, answer } => {
            findings.push(Finding::ok(Check::ClientConfig, format!("the cluster is {server}")));
            findings.extend(tried(server, answer));
            answer.is_ok()
        }
    };
    findings.extend(proxies(facts, is_through));
    findings
}

fn not_configured(facts: &ClientFacts) -> String {
    let name = "name a kubeconfig with --kubeconfig FILE, or try it all without a cluster: --sandbox";
    match &facts.contexts[..] {
        [] => name.to_owned(),
        contexts => format!("the kubeconfig has the contexts {}: choose one with --context", contexts.join(", ")),
    }
}

fn certificate(facts: &ClientFacts, now: Timestamp) -> Option<Finding> {
    let check = Check::ClientCertificate;
    let hint =
        "get a new kubeconfig from whoever runs the cluster; on k3s, restarting it renews /etc/rancher/k3s/k3s.yaml";
    Some(match Certificate::first_in(facts.certificate.as_ref()?) {
        Some(Certificate { not_before, not_after, .. }) => {
            expiry(check, "the user's certificate", [not_before, not_after], now, hint)
        }
        None => Finding::fatal(check, "the kubeconfig's client certificate cannot be read", hint),
    })
}

fn proxies(facts: &ClientFacts, is_through: bool) -> Option<Finding> {
    let check = Check::ClientProxy;
    let set = facts.proxies.join(", ");
    match (facts.proxies.is_empty(), is_through) {
        (true, _) => None,
        (false, true) => Some(Finding::ok(check, format!("{set} is set, and the server is reached"))),
        (false, false) => Some(Finding::warning(
            check,
            format!("{set} is set: a proxy may keep this machine from the server"),
            "unset it for this command, or give the kubeconfig's cluster a proxy-url that leads there",
        )),
    }
}

fn tried(server: &str, answer: &Result<ServerInfo, ClusterError>) -> Vec<Finding> {
    let reached = || Finding::ok(Check::ClientServer, "the API server answers");
    match answer {
        Ok(_) => vec![reached(), Finding::ok(Check::ClientCredentials, "the server accepts this user")],
        Err(ClusterError::Unreachable { reason }) => {
            vec![Finding::fatal(Check::ClientServer, format!("{server} cannot be reached: {reason}"), hint(reason))]
        }
        Err(ClusterError::Unauthorized { message }) => vec![
            reached(),
            Finding::fatal(
                Check::ClientCredentials,
                format!("the server does not accept this user: {message}"),
                "sign in again (`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`), or get a new kubeconfig",
            ),
        ],
        // Whom it refuses its version, it knows.
        Err(ClusterError::Forbidden { .. }) => vec![reached()],
        Err(error) => vec![Finding::fatal(
            Check::ClientServer,
            error.to_string(),
            "the server is there and does not work: wait, or ask whoever runs the cluster",
        )],
    }
}

/// What to do where a connection fails, by the words of the connection.
fn hint(reason: &str) -> &'static str {
    let reason = reason.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&["refused"]) {
        "nothing listens there: start the cluster (`k3d cluster start`, `systemctl start k3s`), or correct the port in the kubeconfig"
    } else if says(&["lookup", "resolve", "dns", "name or service not known"]) {
        "the server's name does not resolve here: connect to its network or VPN, or correct it in the kubeconfig"
    } else if says(&["expired", "notvalidafter"]) {
        "a certificate has run out: renew it, or correct this machine's clock"
    } else if says(&["certificate", "issuer", "tls"]) {
        "the server's certificate is not the one that the kubeconfig expects: get the cluster's current kubeconfig"
    } else if says(&["no answer", "timed out", "deadline"]) {
        "something between here and there swallows the packets: a firewall, or a VPN that is not connected"
    } else {
        "check the network between this machine and the server"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ServerVersion;
    use crate::doctor::Verdict;

    const SERVER: ServerInfo = ServerInfo { version: ServerVersion::OLDEST, time: None };

    fn tried(answer: Result<ServerInfo, ClusterError>) -> Connection {
        Connection::Tried { server: "https://192.0.2.1:6443".to_owned(), answer }
    }

    fn unreachable(reason: &str) -> Connection {
        tried(Err(ClusterError::Unreachable { reason: reason.to_owned() }))
    }

    #[test]
    fn each_way_to_fail_has_its_hint() {
        let message = || "no".to_owned();
        for (connection, check, hint) in [
            (Connection::NotConfigured("no cluster".to_owned()), Check::ClientConfig, "--kubeconfig"),
            (
                unreachable("tcp connect error: Connection refused (os error 111)"),
                Check::ClientServer,
                "nothing listens",
            ),
            (unreachable("failed to lookup address information"), Check::ClientServer, "does not resolve"),
            (unreachable("invalid peer certificate: Expired"), Check::ClientServer, "has run out"),
            (unreachable("invalid peer certificate: UnknownIssuer"), Check::ClientServer, "current kubeconfig"),
            (unreachable("no answer within 30 seconds"), Check::ClientServer, "firewall"),
            (unreachable("connection reset by peer"), Check::ClientServer, "the network"),
            (tried(Err(ClusterError::Unauthorized { message: message() })), Check::ClientCredentials, "sign in again"),
            (
                tried(Err(ClusterError::Unavailable { status: 503, message: message(), retry_after: None })),
                Check::ClientServer,
                "does not work",
            ),
        ] {
            let found = client(&ClientFacts::default(), &connection, Timestamp::UNIX_EPOCH);
            let fatal: Vec<_> = found.iter().filter(|finding| finding.verdict == Verdict::Fatal).collect();
            assert_eq!(fatal.len(), 1, "{found:?}");
            assert_eq!(fatal[0].check, check);
            assert!(fatal[0].hint.as_ref().is_some_and(|text| text.contains(hint)), "{found:?}");
        }
        let fine = client(&ClientFacts::default(), &tried(Ok(SERVER)), Timestamp::UNIX_EPOCH);
        assert!(fine.iter().all(|finding| finding.verdict == Verdict::Ok), "{fine:?}");
    }

    #[test]
    fn a_proxy_counts_where_the_server_is_not_reached() {
        let facts = ClientFacts { proxies: vec!["HTTPS_PROXY".to_owned()], ..ClientFacts::default() };
        for (connection, verdict) in
            [(tried(Ok(SERVER)), Verdict::Ok), (unreachable("connection reset"), Verdict::Warning)]
        {
            let found = client(&facts, &connection, Timestamp::UNIX_EPOCH);
            let proxy = found.iter().find(|finding| finding.check == Check::ClientProxy).expect("a finding");
            assert_eq!(proxy.verdict, verdict);
        }
    }

    #[test]
    fn contexts_are_named_where_one_is_missing() {
        let facts = ClientFacts { contexts: vec!["alpha".to_owned(), "beta".to_owned()], ..ClientFacts::default() };
        let found = client(&facts, &Connection::NotConfigured("no context gamma".to_owned()), Timestamp::UNIX_EPOCH);
        assert!(found[0].hint.as_ref().is_some_and(|hint| hint.contains("alpha, beta")), "{found:?}");
    }

    #[test]
    fn a_certificate_that_is_none_is_named() {
        let facts = ClientFacts { certificate: Some(b"none".to_vec()), ..ClientFacts::default() };
        let found = client(&facts, &tried(Ok(SERVER)), Timestamp::UNIX_EPOCH);
        assert_eq!((found[0].check, found[0].verdict), (Check::ClientCertificate, Verdict::Fatal));
    }
}
