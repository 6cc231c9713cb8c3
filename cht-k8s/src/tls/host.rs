//! Whether a certificate is for a host.

/// Whether one of a certificate's names covers a host, as browsers have it: `*` stands for one label, the first.
pub(super) fn is_covered(host: &str, names: &[String]) -> bool {
    let host = host.to_ascii_lowercase();
    names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        let below = |suffix: &str| {
            let label = host.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
            label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
        };
        name == host || name.strip_prefix("*.").is_some_and(below)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cover_what_browsers_take_them_for() {
        let covers = |name: &str, host: &str| is_covered(host, &[name.to_owned()]);
        assert!(covers("cht.example.org", "cht.example.org") && covers("CHT.Example.org", "cht.example.ORG"));
        assert!(covers("*.example.org", "cht.example.org") && covers("*.example.org", "*.example.org"));
        assert!(covers("10.0.0.1", "10.0.0.1"));
        for (name, host) in [
            ("cht.example.org", "example.org"),
            ("*.example.org", "example.org"),
            ("*.example.org", "a.cht.example.org"),
            ("*.example.org", ".example.org"),
            ("*.example.org", "badexample.org"),
            ("cht.example.org", "*.example.org"),
            ("*", "localhost"),
        ] {
            assert!(!covers(name, host), "{name} {host}");
        }
        assert!(!is_covered("cht.example.org", &[]));
    }
}
