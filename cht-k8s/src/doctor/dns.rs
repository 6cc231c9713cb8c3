//! The host's name: whether it leads to the ingress.

use std::collections::BTreeSet;
use std::net::IpAddr;

use cht_manifests::ObjectKey;
use k8s_openapi::api::networking::v1::Ingress;

use super::check::Check;
use super::finding::Finding;
use super::look::Answer;
use super::outside::Names;
use crate::LiveObject;

/// Where the ingress is reached, as its controller has written it: addresses and names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Doors {
    pub(super) addresses: BTreeSet<IpAddr>,
    pub(super) names: BTreeSet<String>,
}

/// Where the instance's own ingress is reached, as far as it is there already.
pub(super) fn doors(own: &ObjectKey, ingresses: &Answer<Vec<LiveObject>>) -> Doors {
    let Ok(all) = ingresses else { return Doors::default() };
    let live = all.iter().find(|live| live.key() == *own).and_then(|live| live.decode::<Ingress>().ok());
    let balancer = live.and_then(|ingress| ingress.status?.load_balancer).and_then(|balancer| balancer.ingress);
    let mut doors = Doors::default();
    for door in balancer.into_iter().flatten() {
        doors.addresses.extend(door.ip.and_then(|ip| ip.parse::<IpAddr>().ok()));
        doors.names.extend(door.hostname);
    }
    doors
}

/// What is known of a name: its addresses, and those of the ingress's names.
pub(super) struct Resolved {
    pub(super) host: Result<BTreeSet<IpAddr>, String>,
    pub(super) doors: BTreeSet<IpAddr>,
}

/// Resolves the host, and the names that the ingress is reached by.
pub(super) async fn resolve(names: &dyn Names, host: &str, doors: &Doors) -> Resolved {
    let found = names.addresses(host).await.map(BTreeSet::from_iter);
    let mut of_doors = doors.addresses.clone();
    for name in &doors.names {
        // A load balancer whose name nobody knows yet is compared with nothing.
        of_doors.extend(names.addresses(name).await.into_iter().flatten());
    }
    Resolved { host: found, doors: of_doors }
}

/// Whether the name leads to the ingress.
pub(super) fn judge(host: &str, resolved: &Resolved) -> Vec<Finding> {
    let list = |all: &BTreeSet<IpAddr>| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let found = match &resolved.host {
        Ok(found) if !found.is_empty() => found,
        Ok(_) => return vec![unresolved(host, "it has no address", resolved)],
        Err(why) => return vec![unresolved(host, why, resolved)],
    };
    let leads_somewhere = Finding::ok(Check::HostResolves, format!("{host} resolves to {}", list(found)));
    let address = if resolved.doors.is_empty() {
        Finding::unknown(
            Check::HostAddress,
            "the ingress has no address yet, so where the name leads cannot be compared",
        )
    } else if found.is_disjoint(&resolved.doors) {
        Finding::warning(
            Check::HostAddress,
            format!("{host} resolves to {}, and the ingress is reached at {}", list(found), list(&resolved.doors)),
            "point the host's DNS record at the ingress; with a proxy or a NAT in between this is as it should be",
        )
    } else {
        Finding::ok(Check::HostAddress, format!("{host} leads to the ingress"))
    };
    vec![leads_somewhere, address]
}

fn unresolved(host: &str, why: &str, resolved: &Resolved) -> Finding {
    let doors: Vec<_> = resolved.doors.iter().map(ToString::to_string).collect();
    let to = if doors.is_empty() { "the ingress's address".to_owned() } else { doors.join(", ") };
    Finding::warning(
        Check::HostResolves,
        format!("{host} does not resolve from this machine: {why}"),
        format!("make a DNS record of {host} to {to}; people reach the instance by that name"),
    )
}

#[cfg(test)]
mod tests {
    use cht_manifests::Kind;
    use futures::executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::doctor::Verdict;
    use crate::doctor::testing::{Book, verdicts};

    #[test]
    fn a_name_has_to_lead_to_the_ingress() {
        let book = Book::of(&[
            ("cht.example.org", "192.0.2.1"),
            ("lb.example.org", "192.0.2.1"),
            ("far.example.org", "192.0.2.9"),
        ]);
        let doors = |addresses: &[&str], names: &[&str]| Doors {
            addresses: addresses.iter().map(|one| one.parse().expect("an address")).collect(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (host, doors, expected) in [
            ("cht.example.org", doors(&["192.0.2.1"], &[]), &[Verdict::Ok, Verdict::Ok][..]),
            ("cht.example.org", doors(&[], &["lb.example.org"]), &[Verdict::Ok, Verdict::Ok]),
            ("cht.example.org", doors(&["192.0.2.2"], &[]), &[Verdict::Ok, Verdict::Warning]),
            ("cht.example.org", doors(&[], &["far.example.org"]), &[Verdict::Ok, Verdict::Warning]),
            ("cht.example.org", doors(&[], &["unknown.example.org"]), &[Verdict::Ok, Verdict::Unknown]),
            ("cht.example.org", doors(&[], &[]), &[Verdict::Ok, Verdict::Unknown]),
            ("nobody.example.org", doors(&["192.0.2.1"], &[]), &[Verdict::Warning]),
        ] {
            let found = judge(host, &block_on(resolve(&book, host, &doors)));
            assert_eq!(verdicts(&found), expected, "{host} {doors:?}: {found:?}");
        }
    }

    #[test]
    fn the_ingress_tells_where_it_is_reached() {
        let key = ObjectKey::new(Kind::Ingress, "ns", "api-ingress");
        let balancer = json!({ "ingress": [{ "ip": "192.0.2.1" }, { "hostname": "lb.example.org" }] });
        let live = json!({
            "metadata": { "name": "api-ingress", "namespace": "ns" },
            "status": { "loadBalancer": balancer },
        });
        let found = doors(&key, &Ok(vec![LiveObject::new(Kind::Ingress, live)]));
        assert_eq!(found.addresses, BTreeSet::from(["192.0.2.1".parse().expect("an address")]));
        assert_eq!(found.names, BTreeSet::from(["lb.example.org".to_owned()]));
        assert_eq!(doors(&key, &Ok(Vec::new())), Doors::default());
    }
}
