//! What machines have and pods request: processors in thousandths, memory in bytes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

const UNITS: [(&str, f64); 16] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
    ("", 1.0),
];

/// How many thousandths a quantity is, rounded up; nothing for what is none. Kubernetes writes them in many ways.
fn thousandths(text: &str) -> Option<u128> {
    let (number, factor) = UNITS.iter().find_map(|(unit, factor)| {
        let number = text.strip_suffix(unit)?.parse::<f64>().ok()?;
        (number.is_finite() && number >= 0.0).then_some((number, *factor))
    })?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
    Some((number * factor * 1000.0).ceil() as u128)
}

/// An amount of processors and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    /// In thousandths.
    pub(super) cpu: u128,
    /// In bytes.
    pub(super) memory: u128,
}

impl Amount {
    /// What a map of resources says; what it leaves out is none.
    pub(super) fn of(resources: &BTreeMap<String, Quantity>) -> Self {
        let amount = |name: &str| resources.get(name).and_then(|quantity| thousandths(&quantity.0)).unwrap_or_default();
        Self { cpu: amount("cpu"), memory: amount("memory").div_ceil(1000) }
    }

    /// What a pod requests, as the scheduler counts it: all containers together, or the largest that runs before them.
    pub(super) fn requested(pod: &PodSpec) -> Self {
        let requests = |resources: &Option<k8s_openapi::api::core::v1::ResourceRequirements>| {
            resources.as_ref().and_then(|resources| resources.requests.as_ref()).map(Self::of).unwrap_or_default()
        };
        let together =
            pod.containers.iter().map(|container| requests(&container.resources)).fold(Self::default(), Self::plus);
        let before = pod.init_containers.iter().flatten().map(|container| requests(&container.resources));
        before.fold(together, |most, one| Self { cpu: most.cpu.max(one.cpu), memory: most.memory.max(one.memory) })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { cpu: self.cpu + other.cpu, memory: self.memory + other.memory }
    }

    pub(super) fn times(self, count: u64) -> Self {
        Self { cpu: self.cpu * u128::from(count), memory: self.memory * u128::from(count) }
    }

    /// What is left of it.
    pub(super) fn minus(self, other: Self) -> Self {
        Self { cpu: self.cpu.saturating_sub(other.cpu), memory: self.memory.saturating_sub(other.memory) }
    }

    /// Whether the other has room in it.
    pub(super) fn holds(self, other: Self) -> bool {
        self.cpu >= other.cpu && self.memory >= other.memory
    }

    /// Whether it is nothing.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl std::fmt::Display for Amount {
    /// `1.5 CPUs and 3.2 GiB`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tenths, without floating point.
        let tenths = |amount: u128, unit: u128| {
            let tenths = (amount * 10 + unit / 2) / unit;
            if tenths.is_multiple_of(10) {
                (tenths / 10).to_string()
            } else {
                format!("{}.{}", tenths / 10, tenths % 10)
            }
        };
        write!(f, "{} CPUs and {} GiB", tenths(self.cpu, 1000), tenths(self.memory, 1 << 30))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_writes_them() {
        for (text, expected) in [
            ("500m", Some(500)),
            ("2", Some(2000)),
            ("0.5", Some(500)),
            ("1Ki", Some(1_024_000)),
            ("1k", Some(1_000_000)),
            ("100n", Some(1)),
            ("1e3", Some(1_000_000)),
            ("-1", None),
            ("", None),
            ("much", None),
            ("inf", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }

    #[test]
    fn a_pod_requests_what_its_containers_do_or_what_runs_before_them() {
        let pod = |init: &str| -> PodSpec {
            let container =
                |cpu: &str| json!({ "name": "c", "resources": { "requests": { "cpu": cpu, "memory": "1Gi" } } });
            let value =
                json!({ "containers": [container("1"), container("500m")], "initContainers": [container(init)] });
            serde_json::from_value(value).expect("a pod")
        };
        assert_eq!(Amount::requested(&pod("1")), Amount { cpu: 1500, memory: 2 << 30 });
        assert_eq!(Amount::requested(&pod("4")), Amount { cpu: 4000, memory: 2 << 30 });
    }

    #[test]
    fn amounts_read_well() {
        assert_eq!(Amount { cpu: 1500, memory: 3 << 30 }.to_string(), "1.5 CPUs and 3 GiB");
        assert_eq!(Amount { cpu: 1960, memory: 512 << 20 }.to_string(), "2 CPUs and 0.5 GiB");
    }
}
