//! What checking the new values finds that has one right answer: it is put right where it stands. What cannot be edited
//! stays, and stays a warning.

use std::collections::BTreeSet;

use super::super::code::Code;
use super::super::keys::{self, Lines};
use super::super::problem::Problem;
use super::super::reference::References;
use super::editor::Editor;
use super::error::MigrateError;

/// Puts right what has one right answer.
pub(super) fn tidy(editor: &mut Editor, references: &dyn References) {
    let mut seen = BTreeSet::new();
    while let Some((problem, key)) = next(editor, references, &mut seen) {
        // What cannot be edited is no worse than before.
        let _ = put_right(editor, &problem, &key);
    }
}

/// The next problem that was not looked at yet, with its key.
fn next(
    editor: &Editor,
    references: &dyn References,
    seen: &mut BTreeSet<(Code, String)>,
) -> Option<(Problem, String)> {
    let values = editor.load("values", references).ok()?;
    let problems = values.validate().map_or_else(|invalid| invalid.problems, |checked| checked.warnings);
    // A value is put right before its key gets another name, so that changes name the key that was there.
    let (quoted, others): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.code() == Code::QuotedBoolean);
    quoted.into_iter().chain(others).find_map(|problem| {
        let key = problem.key()?.to_owned();
        let has_an_answer = matches!(problem.code(), Code::QuotedBoolean | Code::OtherLine | Code::NoEffect);
        (has_an_answer && seen.insert((problem.code(), key.clone()))).then_some((problem, key))
    })
}

fn put_right(editor: &mut Editor, problem: &Problem, key: &str) -> Result<(), MigrateError> {
    let other_name = keys::find(key).and_then(|found| match found.lines {
        Lines::V4(Some(name)) => Some(name),
        _ => None,
    });
    match (problem.code(), other_name) {
        (Code::QuotedBoolean, _) => editor.unquote(key, "charts take any text in quotes for true"),
        (Code::OtherLine, Some(name)) if editor.find(name).is_none() => editor.rename(key, name, "5.x calls it that"),
        (Code::OtherLine, Some(name)) => editor.comment_out(key, &format!("{name} says the same")),
        (Code::OtherLine, None) => editor.comment_out(key, "it is a key of 4.x, and has no effect on 5.x"),
        _ => {
            let hint = problem.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            editor.comment_out(key, &format!("it {}{hint}", problem.what()))
        }
    }
}
