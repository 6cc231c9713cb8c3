//! Reads of values of each type: names, sizes, words, numbers and truth values.

use std::str::FromStr;

use super::code::Code;
use super::keys::{self, Form};
use super::read::{Reader, Text, wants};
use super::report::Read;
use super::suggest;
use crate::{InvalidName, Quantity};

impl Reader<'_> {
    /// A name, where there is one.
    pub(crate) fn name<T: FromStr<Err = InvalidName>>(&mut self, path: &str) -> Read<Option<T>> {
        let text = self.filled(path)?;
        text.map(|text| self.parse_name(&text)).transpose()
    }

    /// A name that must be there.
    pub(crate) fn required_name<T: FromStr<Err = InvalidName>>(&mut self, path: &str) -> Read<T> {
        let text = self.required(path)?;
        self.parse_name(&text)
    }

    /// A name, or one that is known to be right.
    pub(crate) fn name_or<T: FromStr<Err = InvalidName>>(&mut self, path: &str, default: &'static str) -> Read<T> {
        Ok(self.name(path)?.unwrap_or_else(|| default.parse().expect("defaults follow the rules of their type")))
    }

    pub(crate) fn parse_name<T: FromStr<Err = InvalidName>>(&mut self, text: &Text) -> Read<T> {
        let parsed = text.as_str().parse();
        parsed.map_err(|InvalidName { what, rule, .. }| {
            let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            self.invalid(text, format!("{article} {what}: {rule}"))
        })
    }

    /// A size that must be there.
    pub(crate) fn required_size(&mut self, path: &str) -> Read<Quantity> {
        debug_assert_eq!(form(path), Some(Form::Size), "{path}");
        let text = self.required(path)?;
        text.as_str().parse().map_err(|_| self.invalid(&text, wants(path)))
    }

    /// One of a few words, where there is one.
    pub(crate) fn choice<T: Copy>(&mut self, path: &str, choices: &[(&str, T)]) -> Read<Option<T>> {
        debug_assert!(
            matches!(form(path), Some(Form::Choice(words)) if words.iter().eq(choices.iter().map(|(word, _)| word))),
            "{path}"
        );
        let Some(text) = self.filled(path)? else { return Ok(None) };
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text.as_str()) {
            return Ok(Some(*choice));
        }
        let meant = suggest::closest(text.as_str(), choices.iter().map(|(word, _)| *word));
        let finding = text.finding(Code::Invalid, format!("is {}", text.shown())).expected(wants(path));
        Err(self.report.error(finding.hint_if_any(meant.map(|word| format!("did you mean {word}?")))))
    }

    /// A number within the range that the table of keys has for it, where there is one.
    pub(crate) fn number<T: TryFrom<u32>>(&mut self, path: &str) -> Read<Option<T>> {
        debug_assert!(matches!(form(path), Some(Form::Number { .. })), "{path}");
        let Some(text) = self.filled(path)? else { return Ok(None) };
        let digits = text.as_str().bytes().all(|b| b.is_ascii_digit());
        let number = text.as_str().parse().ok().filter(|number| digits && keys::range(path).contains(number));
        number.and_then(|number| T::try_from(number).ok()).map(Some).ok_or_else(|| self.invalid(&text, wants(path)))
    }

    /// A truth value as YAML 1.2 has it. In quotes it counts too, with a warning: the charts take any text for true.
    pub(crate) fn boolean(&mut self, path: &str) -> Read<Option<bool>> {
        debug_assert_eq!(form(path), Some(Form::Boolean), "{path}");
        let Some(text) = self.filled(path)? else { return Ok(None) };
        let truth = match text.as_str() {
            "true" | "True" | "TRUE" => true,
            "false" | "False" | "FALSE" => false,
            other => {
                let finding = text.finding(Code::Invalid, format!("is {}", text.shown())).expected(wants(path));
                let other = other.to_lowercase();
                let meant = match other.as_str() {
                    "yes" | "on" | "y" | "1" => Some("true"),
                    "no" | "off" | "n" | "0" => Some("false"),
                    word => suggest::closest(word, ["true", "false"]),
                };
                return Err(self.report.error(finding.hint_if_any(meant.map(|word| format!("did you mean {word}?")))));
            }
        };
        if text.scalar.quoted && text.scalar.reference.is_none() {
            let finding = text.finding(Code::QuotedBoolean, format!("is {truth} in quotes, which counts as {truth}"));
            self.report.warning(finding.hint("write it without quotes"));
        }
        Ok(Some(truth))
    }
}

/// What the table says of a key. Whoever reads it otherwise is wrong, or the table is.
fn form(path: &str) -> Option<Form> {
    keys::find(path).map(|key| key.form)
}
