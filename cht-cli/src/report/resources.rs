//! What is requested and used, for people.

use cht_k8s::{Amount, ClaimUse, ComponentUse, NodeUse, Resources};

use super::table::{or_dash, table};

/// Components, then nodes, then claims.
pub(crate) fn text(resources: &Resources) -> String {
    let heading = ["COMPONENT", "PODS", "REQUESTS", "LIMITS", "USED", "NODE"];
    let components = table(heading, &resources.components.iter().map(component).collect::<Vec<_>>());
    let heading = ["NODE", "ALLOCATABLE", "REQUESTED HERE", "REQUESTED IN ALL", "USED"];
    let nodes = table(heading, &resources.nodes.iter().map(node).collect::<Vec<_>>());
    let claims = table(["CLAIM", "SIZE", "USED"], &resources.claims.iter().map(claim).collect::<Vec<_>>());
    let parts = [(true, components), (!resources.nodes.is_empty(), nodes), (!resources.claims.is_empty(), claims)];
    parts.into_iter().filter_map(|(is_there, part)| is_there.then_some(part)).collect::<Vec<_>>().join("\n")
}

fn component(of: &ComponentUse) -> [String; 6] {
    [
        of.component.to_string(),
        of.pods.to_string(),
        amount(of.requests),
        amount(of.limits),
        used(of.used),
        if of.nodes.is_empty() { "-".to_owned() } else { of.nodes.join(", ") },
    ]
}

fn node(of: &NodeUse) -> [String; 5] {
    [
        of.node.clone(),
        amount(of.allocatable),
        part(of.requested_here, of.allocatable),
        of.requested.map_or_else(|| "not known".to_owned(), |requested| part(requested, of.allocatable)),
        used(of.used),
    ]
}

fn claim(of: &ClaimUse) -> [String; 3] {
    let used = match (of.used_bytes, of.size_bytes) {
        (None, _) => "not measured".to_owned(),
        (Some(used), Some(size)) if size > 0 => format!("{} ({})", bytes(used), percent(used, size)),
        (Some(used), _) => bytes(used),
    };
    [of.claim.clone(), or_dash(of.size_bytes.map(bytes)), used]
}

fn used(amount_used: Option<Amount>) -> String {
    amount_used.map_or_else(|| "not measured".to_owned(), amount)
}

/// `1.5 CPU, 3.2 GiB`
fn amount(amount: Amount) -> String {
    match amount {
        Amount { cpu_millis: 0, memory_bytes: 0 } => "-".to_owned(),
        Amount { cpu_millis, memory_bytes: 0 } => cpu(cpu_millis),
        Amount { cpu_millis: 0, memory_bytes } => bytes(memory_bytes),
        Amount { cpu_millis, memory_bytes } => format!("{}, {}", cpu(cpu_millis), bytes(memory_bytes)),
    }
}

/// An amount, and which part it is of another.
fn part(one: Amount, all: Amount) -> String {
    if all.cpu_millis == 0 || all.memory_bytes == 0 || one == Amount::default() {
        return amount(one);
    }
    let parts = (percent(one.cpu_millis, all.cpu_millis), percent(one.memory_bytes, all.memory_bytes));
    format!("{} ({}, {})", amount(one), parts.0, parts.1)
}

fn percent(one: u64, all: u64) -> String {
    format!("{} %", (u128::from(one) * 100 + u128::from(all) / 2) / u128::from(all))
}

fn cpu(millis: u64) -> String {
    format!("{} CPU", tenths(millis.into(), 1000, 100))
}

fn bytes(bytes: u64) -> String {
    let bytes = u128::from(bytes);
    match bytes {
        0..0x10_0000 => format!("{} KiB", tenths(bytes, 1 << 10, 10)),
        0x10_0000..0x4000_0000 => format!("{} MiB", tenths(bytes, 1 << 20, 10)),
        _ => format!("{} GiB", tenths(bytes, 1 << 30, 10)),
    }
}

/// So many units, with as many places after the point as the parts of one have, without floating point.
fn tenths(amount: u128, unit: u128, parts: u128) -> String {
    let rounded = (amount * parts + unit / 2) / unit;
    let (whole, rest) = (rounded / parts, rounded % parts);
    let places = if parts == 100 { 2 } else { 1 };
    let text = format!("{whole}.{rest:0places$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        let of = |cpu_millis, memory_bytes| Amount { cpu_millis, memory_bytes };
        assert_eq!(amount(of(1500, 3 << 30)), "1.5 CPU, 3 GiB");
        assert_eq!(amount(of(50, 256 << 20)), "0.05 CPU, 256 MiB");
        assert_eq!(amount(of(2000, 0)), "2 CPU");
        assert_eq!(amount(of(0, 1 << 10)), "1 KiB");
        assert_eq!(amount(of(0, 0)), "-");
        assert_eq!(part(of(500, 1 << 30), of(4000, 8 << 30)), "0.5 CPU, 1 GiB (13 %, 13 %)");
        assert_eq!(bytes(1536 << 20), "1.5 GiB");
    }
}
