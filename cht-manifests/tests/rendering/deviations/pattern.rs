//! Patterns in which `*` stands for any text.

/// Whether a text is as a pattern says.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn a_star_stands_for_any_text() {
    for (pattern, text) in [("a", "a"), ("*", ""), ("a*c", "abbc"), ("*b*", "abc"), ("a*b*c", "a1b2b3c"), ("a*", "a")] {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a", "ab"), ("a*c", "abd"), ("a*a", "a"), ("*b", "abc"), ("a*b*c", "acb")] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}
