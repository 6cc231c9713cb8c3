//! What k3d complains about when it fails, by the words of the container engine behind it.

/// The ports among `tried` that are taken, and whether any is.
pub(super) fn taken_ports(stderr: &str, tried: &[u16]) -> Option<Vec<u16>> {
    let said = stderr.to_lowercase();
    let words = [
        "port is already allocated",
        "address already in use",
        "ports are not available",
        "cannot expose privileged port",
        "failed to bind host port",
    ];
    let lines = || said.lines().filter(|line| words.iter().any(|words| line.contains(words)));
    lines().next()?;
    Some(tried.iter().copied().filter(|port| lines().any(|line| names(line, *port))).collect())
}

/// Whether a line names a port, as `0.0.0.0:80` or `privileged port 80`.
fn names(line: &str, port: u16) -> bool {
    [format!(":{port}"), format!("port {port}")].iter().any(|written| {
        line.match_indices(written.as_str()).any(|(at, _)| {
            let rest = &line[at + written.len()..];
            !rest.starts_with(|c: char| c.is_ascii_digit())
        })
    })
}

/// Whether there is no room left.
pub(super) fn disk_is_full(stderr: &str) -> bool {
    stderr.to_lowercase().contains("no space left on device")
}

/// Whether there is such a cluster already.
pub(super) fn is_there(stderr: &str) -> bool {
    stderr.contains("a cluster with that name already exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_named_in_many_ways() {
        let tried = [80, 443, 6550];
        let taken = |said: &str| taken_ports(said, &tried);
        for said in [
            "ERRO[0012] Failed Cluster Start: Error response from daemon: driver failed programming external connectivity \
             on endpoint k3d-cht-serverlb (139c): Bind for 0.0.0.0:443 failed: port is already allocated",
            "Error starting userland proxy: listen tcp4 127.0.0.1:443: bind: address already in use",
            "failed to bind host port for 127.0.0.1:443:172.18.0.3:443/tcp: address already in use",
            "Ports are not available: exposing port TCP 0.0.0.0:443 -> 0.0.0.0:0: listen tcp 0.0.0.0:443: bind: permission",
            "cannot expose privileged port 443, you can add 'net.ipv4.ip_unprivileged_port_start=443'",
        ] {
            assert_eq!(taken(said), Some(vec![443]), "{said}");
        }
        assert_eq!(taken("Bind for 0.0.0.0:8080 failed: port is already allocated"), Some(Vec::new()));
        assert_eq!(taken("no space left on device 0.0.0.0:80"), None);
    }
}
