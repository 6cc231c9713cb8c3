//! What sample files leave for people to fill in.

/// The volume id in the charts' own samples.
const SAMPLE_VOLUME: &str = "vol-0123456789abcdefg";

/// Whether a text still holds something to fill in: `<your-host>`, `{{ host }}`, `${HOST}` or the sample volume.
pub(crate) fn is_in(text: &str) -> bool {
    text.trim() == SAMPLE_VOLUME || [("<", ">"), ("{{", "}}"), ("${", "}")].iter().any(|pair| between(text, *pair))
}

/// Whether a text is something to fill in as a whole. A password may well have a `<` in it.
pub(crate) fn is_all(text: &str) -> bool {
    let text = text.trim();
    is_in(text) && [("<", ">"), ("{{", "}}"), ("${", "}")].iter().any(|(a, b)| text.starts_with(a) && text.ends_with(b))
}

fn between(text: &str, (open, close): (&str, &str)) -> bool {
    text.find(open).is_some_and(|at| text[at + open.len()..].find(close).is_some_and(|length| length > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_samples_leave_open_is_found() {
        for text in ["<your-namespace>", "{{ namespace }}", "${NAMESPACE}", "vol-0123456789abcdefg", "cht.<domain>.org"]
        {
            assert!(is_in(text), "{text}");
        }
        for text in ["", "<", "a > b < c", "<>", "$HOST", "{}", "vol-0123456789abcdef0", "a{b}c"] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn a_password_may_have_brackets() {
        assert!(is_all("<password-value>") && is_all("${PASSWORD}"));
        assert!(!is_all("a<b>c") && !is_all("x${y}"));
    }
}
