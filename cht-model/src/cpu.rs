//! Shares of processors as Kubernetes writes them: `500m`, `2`, `0.5`.

use std::fmt;
use std::str::FromStr;

/// A share of processors, more than none, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(u64);

/// Why a text is not a share of processors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a number of CPUs: write for example 500m or 2")]
pub struct InvalidCpu {
    /// The text as it was given.
    pub text: String,
}

/// What a share of processors looks like.
pub(crate) const FORM: &str = r"[0-9]{1,9}(m|\.[0-9]{1,18})?";

impl Cpu {
    /// So many thousandths of a processor.
    pub(crate) const fn thousandths(number: u64) -> Self {
        Self(number)
    }
}

impl FromStr for Cpu {
    type Err = InvalidCpu;

    fn from_str(text: &str) -> Result<Self, InvalidCpu> {
        let thousandths = match text.strip_suffix('m') {
            Some(number) => whole(number, 9),
            None => processors(text),
        };
        thousandths.filter(|thousandths| *thousandths > 0).map(Self).ok_or_else(|| InvalidCpu { text: text.to_owned() })
    }
}

/// Processors with a fraction, rounded up to a thousandth: Kubernetes knows no smaller share.
fn processors(text: &str) -> Option<u64> {
    let (number, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok().filter(|digits| *digits <= 18)?);
    let fraction = u128::from(whole(fraction, 18)?) * 1000;
    let thousandths = u64::try_from(fraction.div_ceil(scale.into())).ok()?;
    Some(whole(number, 9)? * 1000 + thousandths)
}

fn whole(digits: &str, longest: usize) -> Option<u64> {
    let are_digits = (1..=longest).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    are_digits.then(|| digits.parse().ok()).flatten()
}

impl fmt::Display for Cpu {
    /// As servers write it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}", self.0 / 1000) } else { write!(f, "{}m", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_a_share_is_the_same_share() {
        for (written, shown) in [
            ("500m", "500m"),
            ("0.5", "500m"),
            ("1.250", "1250m"),
            ("2", "2"),
            ("2000m", "2"),
            ("0.0001", "1m"),
            ("0.000000000000000001", "1m"),
            ("999999999.999999999999999999", "1000000000"),
        ] {
            assert_eq!(written.parse::<Cpu>().expect(written).to_string(), shown, "{written}");
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for bad in ["", "0", "0m", "0.0", "-1", "1.", ".5", "1.5m", "1Gi", "m", "1 m", "1e3", "1234567890", "+1", "two"]
        {
            assert!(bad.parse::<Cpu>().is_err(), "{bad}");
        }
    }
}
