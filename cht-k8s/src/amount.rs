//! Amounts of processors and memory.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;

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

/// An amount of processors and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Amount {
    /// In thousandths of a processor.
    pub cpu_millis: u64,
    /// In bytes.
    pub memory_bytes: u64,
}

impl Amount {
    /// What a map of resources says; what it leaves out is none.
    pub(crate) fn of(resources: &BTreeMap<String, Quantity>) -> Self {
        let get = |name: &str| resources.get(name).map_or("", |quantity| quantity.0.as_str());
        Self::read(get("cpu"), get("memory"))
    }

    /// From two quantities; what is none counts as nothing.
    pub(crate) fn read(cpu: &str, memory: &str) -> Self {
        Self {
            cpu_millis: times(cpu, 1000.0).unwrap_or_default(),
            memory_bytes: times(memory, 1.0).unwrap_or_default(),
        }
    }

    /// What a pod requests, as the scheduler counts it.
    pub(crate) fn requested(pod: &PodSpec) -> Self {
        Self::of_pod(pod, |resources| resources.requests.as_ref())
    }

    /// What a pod may use at most, where its containers are limited.
    pub(crate) fn limited(pod: &PodSpec) -> Self {
        Self::of_pod(pod, |resources| resources.limits.as_ref())
    }

    /// All containers together, or the largest that runs before them.
    fn of_pod(pod: &PodSpec, part: fn(&ResourceRequirements) -> Option<&BTreeMap<String, Quantity>>) -> Self {
        let amount =
            |container: &Container| container.resources.as_ref().and_then(part).map(Self::of).unwrap_or_default();
        let together = pod.containers.iter().map(amount).sum();
        pod.init_containers.iter().flatten().map(amount).fold(together, |most: Self, one| Self {
            cpu_millis: most.cpu_millis.max(one.cpu_millis),
            memory_bytes: most.memory_bytes.max(one.memory_bytes),
        })
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        [self, other].into_iter().sum()
    }

    pub(crate) fn times(self, count: u64) -> Self {
        Self {
            cpu_millis: self.cpu_millis.saturating_mul(count),
            memory_bytes: self.memory_bytes.saturating_mul(count),
        }
    }

    /// What is left of it.
    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            cpu_millis: self.cpu_millis.saturating_sub(other.cpu_millis),
            memory_bytes: self.memory_bytes.saturating_sub(other.memory_bytes),
        }
    }

    /// Whether the other has room in it.
    pub(crate) fn holds(self, other: Self) -> bool {
        self.cpu_millis >= other.cpu_millis && self.memory_bytes >= other.memory_bytes
    }

    /// Whether it is nothing.
    pub(crate) fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl std::fmt::Display for Amount {
    /// `1.5 CPUs and 3.2 GiB`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tenths, without floating point.
        let tenths = |amount: u64, unit: u64| {
            let tenths = (amount.saturating_mul(10) + unit / 2) / unit;
            if tenths.is_multiple_of(10) {
                (tenths / 10).to_string()
            } else {
                format!("{}.{}", tenths / 10, tenths % 10)
            }
        };
        write!(f, "{} CPUs and {} GiB", tenths(self.cpu_millis, 1000), tenths(self.memory_bytes, 1 << 30))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), |sum, one| Self {
            cpu_millis: sum.cpu_millis.saturating_add(one.cpu_millis),
            memory_bytes: sum.memory_bytes.saturating_add(one.memory_bytes),
        })
    }
}

/// So many times a quantity, rounded up; nothing for what is none. Kubernetes writes them in many ways.
fn times(text: &str, factor: f64) -> Option<u64> {
    let (number, unit) = UNITS.iter().find_map(|(unit, size)| {
        let number = text.strip_suffix(unit)?.parse::<f64>().ok()?;
        (number.is_finite() && number >= 0.0).then_some((number, *size))
    })?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
    Some((number * unit * factor).ceil() as u64)
}

/// The bytes that a quantity stands for.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    times(text, 1.0)
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
            ("250000n", Some(1)),
            ("1500u", Some(2)),
            ("1e3", Some(1_000_000)),
            ("-1", None),
            ("", None),
            ("much", None),
            ("inf", None),
        ] {
            assert_eq!(times(text, 1000.0), expected, "{text}");
        }
        assert_eq!(
            (bytes("1.5Ki"), bytes("10Gi"), bytes("128974848")),
            (Some(1536), Some(10 << 30), Some(128_974_848))
        );
    }

    #[test]
    fn a_pod_counts_what_its_containers_do_or_what_runs_before_them() {
        let pod = |init: &str| -> PodSpec {
            let of = |cpu: &str| json!({ "name": "c", "resources": { "requests": { "cpu": cpu, "memory": "1Gi" } } });
            let value = json!({ "containers": [of("1"), of("500m")], "initContainers": [of(init)] });
            serde_json::from_value(value).expect("a pod")
        };
        let amount = |cpu_millis| Amount { cpu_millis, memory_bytes: 2 << 30 };
        assert_eq!(Amount::requested(&pod("1")), amount(1500));
        assert_eq!(Amount::requested(&pod("4")), amount(4000));
        assert_eq!(Amount::limited(&pod("4")), Amount::default());
    }

    #[test]
    fn amounts_read_well() {
        assert_eq!(Amount { cpu_millis: 1500, memory_bytes: 3 << 30 }.to_string(), "1.5 CPUs and 3 GiB");
        assert_eq!(Amount { cpu_millis: 1960, memory_bytes: 512 << 20 }.to_string(), "2 CPUs and 0.5 GiB");
    }
}
