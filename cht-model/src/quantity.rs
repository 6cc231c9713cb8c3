//! Sizes as Kubernetes writes them: `10Gi`, `500M`, `1.5Ti`.

use std::fmt;
use std::str::FromStr;

/// A size of storage or memory, more than zero bytes, kept as it was written.
#[derive(Debug, Clone)]
pub struct Quantity {
    text: String,
    bytes: u128,
}

/// Why a text is not a size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a size: write a number with a unit, for example 100Gi")]
pub struct InvalidQuantity {
    /// The text as it was given.
    pub text: String,
}

const UNITS: [(&str, u128); 12] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];

/// The units that a size may have.
pub(crate) fn units() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|(suffix, _)| *suffix)
}

impl Quantity {
    /// The size as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// So many mebibytes, written in the largest unit without a fraction.
    pub(crate) fn mebibytes(number: u32) -> Self {
        let text = if number.is_multiple_of(1024) { format!("{}Gi", number / 1024) } else { format!("{number}Mi") };
        Self { text, bytes: u128::from(number) << 20 }
    }

    /// The size in bytes, rounded up.
    pub fn bytes(&self) -> u128 {
        self.bytes
    }
}

impl FromStr for Quantity {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let (number, unit) =
            UNITS.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit))).unwrap_or((text, 1));
        bytes(number, unit)
            .filter(|bytes| *bytes > 0)
            .map(|bytes| Self { text: text.to_owned(), bytes })
            .ok_or_else(|| InvalidQuantity { text: text.to_owned() })
    }
}

fn bytes(number: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.len() <= 18 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let fraction_bytes = fraction.parse::<u128>().ok()?.checked_mul(unit)?.div_ceil(scale);
    whole.parse::<u128>().ok()?.checked_mul(unit)?.checked_add(fraction_bytes)
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_compare_by_bytes() {
        let size = |text: &str| text.parse::<Quantity>().expect("a size");
        assert_eq!(size("1Gi"), size("1024Mi"));
        assert_eq!(size("1.5Ki").bytes(), 1536);
        assert!(size("100Gi") > size("100G"));
        assert_eq!(size("0.1").bytes(), 1);
        assert_eq!((Quantity::mebibytes(2048).as_str(), Quantity::mebibytes(2048)), ("2Gi", size("2Gi")));
        assert_eq!((Quantity::mebibytes(1536).as_str(), Quantity::mebibytes(1536)), ("1536Mi", size("1.5Gi")));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for bad in [
            "",
            "Gi",
            "10 Gi",
            "0",
            "0Gi",
            "-1Gi",
            "1GiB",
            "ten",
            "1e3",
            "1.",
            ".5Gi",
            "<storage-size>",
            "9999999999999999999Ei",
        ] {
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
    }
}
