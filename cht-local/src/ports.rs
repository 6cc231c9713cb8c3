//! The ports of this machine that lead to a cluster.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long this machine may take to answer itself.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where a cluster is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// Where HTTP is.
    pub http: u16,
    /// Where HTTPS is.
    pub https: u16,
}

/// All of the ports that are tried are taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("none of the ports {usual} and {} to {} of this machine is free", .range.start(), .range.end())]
pub struct NoPortFree {
    usual: u16,
    range: RangeInclusive<u16>,
}

impl Ports {
    /// The usual ports, or else the next ones that are free.
    ///
    /// # Errors
    ///
    /// When too many are taken.
    pub fn choose(free: &dyn Fn(u16) -> bool) -> Result<Self, NoPortFree> {
        Ok(Self { http: next(80, 8080..=8179, free)?, https: next(443, 8443..=8542, free)? })
    }

    /// `address`, an address of HTTPS, with the port that is not the usual one.
    pub fn reach(self, address: &str) -> String {
        if self.https == 443 { address.to_owned() } else { format!("{address}:{}", self.https) }
    }
}

fn next(usual: u16, range: RangeInclusive<u16>, free: &dyn Fn(u16) -> bool) -> Result<u16, NoPortFree> {
    let found = std::iter::once(usual).chain(range.clone()).find(|port| free(*port));
    found.ok_or(NoPortFree { usual, range })
}

/// Whether a port of an address of this machine seems to be free.
pub fn is_free(address: IpAddr, port: u16) -> bool {
    let bound = TcpListener::bind(SocketAddr::new(address, port));
    let bindable = match &bound {
        Ok(_) => true,
        // Low ports are the administrator's, which the container engine is.
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    };
    drop(bound);
    // What listens on one address only does not everywhere keep others from listening on all.
    let own = if address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address };
    bindable && TcpStream::connect_timeout(&SocketAddr::new(own, port), PATIENCE).is_err()
}

/// A port that nothing listens on now.
///
/// # Errors
///
/// When this machine has none to give.
pub(crate) fn any(address: IpAddr) -> std::io::Result<u16> {
    Ok(TcpListener::bind(SocketAddr::new(address, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(taken: &[u16]) -> Result<(u16, u16), NoPortFree> {
        Ports::choose(&|port| !taken.contains(&port)).map(|ports| (ports.http, ports.https))
    }

    #[test]
    fn the_usual_ports_come_first() {
        assert_eq!(chosen(&[]), Ok((80, 443)));
        assert_eq!(chosen(&[80]), Ok((8080, 443)));
        assert_eq!(chosen(&[80, 443, 8080, 8443, 8444]), Ok((8081, 8445)));
        let all: Vec<u16> = std::iter::once(443).chain(8443..=8542).collect();
        let none = chosen(&all).expect_err("all are taken");
        assert_eq!(none.to_string(), "none of the ports 443 and 8443 to 8542 of this machine is free");
    }

    #[test]
    fn an_address_has_the_port_that_is_not_usual() {
        let ports = |https| Ports { http: 80, https };
        assert_eq!(ports(443).reach("https://localhost"), "https://localhost");
        assert_eq!(ports(8443).reach("https://localhost"), "https://localhost:8443");
    }

    #[test]
    fn a_port_that_something_listens_on_is_taken() {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let listener = TcpListener::bind(SocketAddr::new(local, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert!(!is_free(local, port));
        assert!(!is_free(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port));
    }
}
