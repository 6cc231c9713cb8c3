//! Comments, order and formatting survive, wherever they stand.

use cht_model::Values;
use proptest::prelude::*;

use crate::fixture::{EKS, K3S, K3S_CLUSTER, try_to};

/// The lines of a text that are neither changed nor added.
fn untouched<'t>(text: &'t str, changed: &[usize]) -> Vec<&'t str> {
    text.lines().enumerate().filter(|(index, _)| !changed.contains(&(index + 1))).map(|(_, line)| line).collect()
}

/// Every comment of `old` is in `new`, in order.
fn assert_comments_survive(old: &str, new: &str) -> Result<(), TestCaseError> {
    let mut rest = new;
    for comment in old.split_inclusive('\n').filter_map(|line| Some(line[line.find("# ")?..].trim_end())) {
        let Some(at) = rest.find(comment) else {
            return Err(TestCaseError::fail(format!("{comment:?} is not in\n{new}")));
        };
        rest = &rest[at + comment.len()..];
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_and_blank_lines_survive(
        old in prop::sample::select(&[K3S, K3S_CLUSTER, EKS][..]),
        inserted in prop::collection::vec((any::<prop::sample::Index>(), "(  ){0,3}# [ -~]{0,20}|", any::<bool>()), 1..8),
    ) {
        let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
        for (at, comment, behind) in inserted {
            let at = at.index(lines.len());
            if behind && !comment.is_empty() {
                lines[at].push(' ');
                lines[at].push_str(comment.trim_start());
            } else {
                lines.insert(at, comment);
            }
        }
        let old = format!("{}\n", lines.join("\n"));
        let migration = try_to(&old, "5.3").unwrap_or_else(|error| panic!("{error}\n{old}"));
        prop_assert!(migration.is_valid());
        assert_comments_survive(&old, &migration.text)?;
        let blank = |text: &str| text.lines().filter(|line| line.trim().is_empty()).count();
        prop_assert!(blank(&migration.text) >= blank(&old));
        // Each line that no change names is there, in order.
        let changed: Vec<_> = migration.changes.iter().filter_map(|change| change.old_line).collect();
        let commented_out = |line: &str| line.trim_start().starts_with("# ") || line.contains("tag: 0.32");
        let mut rest = migration.text.lines();
        for line in untouched(&old, &changed) {
            prop_assert!(
                rest.any(|found| found == line || (commented_out(line) && found.ends_with(line.trim_start()))
                    || found.starts_with(line.trim_end_matches('}'))),
                "{line:?} of\n{old}\nin\n{}", migration.text
            );
        }
        // And it is a no-op from there.
        let again = try_to(&migration.text, "5.3").unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(again.changes, Vec::new());
        prop_assert_eq!(again.text, migration.text);
    }

    #[test]
    fn any_text_is_survived(
        old in prop::sample::select(&[K3S, K3S_CLUSTER, EKS][..]),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(&["\n", "  ", "{", "}", "'", "\"", "&a ", "*a", "<<: ", "| ", "#", "---\n", "...\n", "\t", "é", ": ", "\r"][..]),
    ) {
        let mut text = old.to_owned();
        text.insert_str(at.index(old.len()), piece);
        if let Ok(migration) = try_to(&text, "5.3")
            && migration.is_valid()
        {
            let again = Values::load(&[cht_model::Layer::new("new.yaml", migration.text.as_str())]);
            prop_assert!(again.is_ok_and(|values| values.validate().is_ok()));
        }
    }
}
