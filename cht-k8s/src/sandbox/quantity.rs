//! Sizes as Kubernetes writes them: `900Mi`, `1Gi`, `1e9`.

/// The number of bytes; nothing where it is not a quantity.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 12] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("m", 0.001),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("", 1.0),
    ];
    let (number, factor) = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))?;
    if !number.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let bytes = (number.parse::<f64>().ok()? * factor).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
    Some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_binary_decimal_or_none() {
        for (text, expected) in [
            ("900Mi", Some(943_718_400)),
            ("1Gi", Some(1 << 30)),
            ("1.5k", Some(1500)),
            ("1e3", Some(1000)),
            ("20G", Some(20_000_000_000)),
            ("0", Some(0)),
            ("", None),
            ("-1", None),
            ("Gi", None),
            ("1GB", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
