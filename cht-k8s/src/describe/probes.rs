//! How a container is probed. Headers and arguments are left out: they may hold credentials.

use k8s_openapi::api::core::v1::{Container, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// One line for each probe.
pub(super) fn probes(container: &Container) -> Vec<String> {
    let probes = [
        ("started", &container.startup_probe),
        ("ready", &container.readiness_probe),
        ("alive", &container.liveness_probe),
    ];
    probes.into_iter().filter_map(|(what, probe)| Some(format!("{what}: {}", line(probe.as_ref()?)))).collect()
}

fn line(probe: &Probe) -> String {
    let how = if let Some(get) = &probe.http_get {
        format!("GET :{}{}", port(&get.port), get.path.as_deref().unwrap_or("/"))
    } else if let Some(socket) = &probe.tcp_socket {
        format!("a connection to :{}", port(&socket.port))
    } else if let Some(exec) = &probe.exec {
        format!("the command {}", exec.command.iter().flatten().next().map_or("", String::as_str))
    } else {
        "a probe of another sort".to_owned()
    };
    let period = probe.period_seconds.unwrap_or(10);
    let failures = probe.failure_threshold.unwrap_or(3);
    format!("{how} every {period} s, fails after {failures} times")
}

pub(super) fn port(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_probe_is_a_line_without_what_may_be_secret() {
        let container: Container = serde_json::from_value(json!({
            "name": "c",
            "startupProbe": { "exec": { "command": ["curl", "-u", "medic:canary"] }, "failureThreshold": 30 },
            "readinessProbe": { "httpGet": {
                "path": "/_up", "port": 5984, "httpHeaders": [{ "name": "Authorization", "value": "canary" }],
            } },
            "livenessProbe": { "tcpSocket": { "port": "http" }, "periodSeconds": 5 },
        }))
        .expect("a container");
        insta::assert_snapshot!(probes(&container).join("\n"), @r"
        started: the command curl every 10 s, fails after 30 times
        ready: GET :5984/_up every 10 s, fails after 3 times
        alive: a connection to :http every 5 s, fails after 3 times
        ");
    }
}
