//! Questions: answered by a flag, by a person, or by a default.

use std::fmt::Display;

use super::dialogue::Dialogue;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nobody can be asked; the flag is noted.
    Missing,
    /// The person who was asked has gone.
    Ended,
    /// Flags contradict each other; why is noted.
    Refused,
}

/// The questions of one run.
pub(super) struct Questions<'d> {
    dialogue: Option<&'d mut dyn Dialogue>,
    /// Whether the person has gone. A terminal would wait for the next answer all the same.
    ended: bool,
    missing: Vec<&'static str>,
    refused: Vec<String>,
}

impl<'d> Questions<'d> {
    /// Questions to a person, or, without one, to nobody.
    pub(super) fn new(dialogue: Option<&'d mut dyn Dialogue>) -> Self {
        Self { dialogue, ended: false, missing: Vec::new(), refused: Vec::new() }
    }

    /// The flags that there is no doing without.
    pub(super) fn missing(&self) -> &[&'static str] {
        &self.missing
    }

    /// Why the flags do not go together.
    pub(super) fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Notes why flags do not go together. A person is not asked any further.
    pub(super) fn refuse(&mut self, why: Vec<String>) -> Result<(), Gap> {
        self.refused.extend(why);
        if self.dialogue.is_some() { self.settled() } else { Ok(()) }
    }

    /// Gives up where flags do not go together.
    pub(super) fn settled(&self) -> Result<(), Gap> {
        if self.refused.is_empty() { Ok(()) } else { Err(Gap::Refused) }
    }

    /// What there is no default for.
    pub(super) fn needed<T, E: Display>(
        &mut self,
        given: Option<T>,
        flag: &'static str,
        question: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Gap> {
        if let Some(given) = given {
            return Ok(given);
        }
        if self.dialogue.is_none() {
            self.missing.push(flag);
            return Err(Gap::Missing);
        }
        self.ask(question, |answer| match answer {
            "" => Err("there is no default for this".to_owned()),
            answer => parse(answer).map_err(|error| error.to_string()),
        })
    }

    /// What has a default.
    pub(super) fn or_default<T: Display, E: Display>(
        &mut self,
        given: Option<T>,
        question: &str,
        default: T,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Gap> {
        match given {
            Some(given) => Ok(given),
            None if self.dialogue.is_none() => Ok(default),
            None => {
                let question = format!("{question} [{default}]");
                let answered = self.ask(&question, |answer| match answer {
                    "" => Ok(None),
                    answer => parse(answer).map(Some).map_err(|error| error.to_string()),
                })?;
                Ok(answered.unwrap_or(default))
            }
        }
    }

    /// What may be left out; `without` says what that means.
    pub(super) fn optional<T, E: Display>(
        &mut self,
        given: Option<T>,
        question: &str,
        without: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Gap> {
        if given.is_some() || self.dialogue.is_none() {
            return Ok(given);
        }
        self.ask(&format!("{question} [{without}]"), |answer| match answer {
            "" => Ok(None),
            answer => parse(answer).map(Some).map_err(|error| error.to_string()),
        })
    }

    /// Yes or no; no unless someone says yes.
    pub(super) fn whether(&mut self, given: bool, question: &str) -> Result<bool, Gap> {
        if given || self.dialogue.is_none() {
            return Ok(given);
        }
        self.ask(&format!("{question} [y/N]"), |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "" | "n" | "no" => Ok(false),
            _ => Err("answer y or n".to_owned()),
        })
    }

    /// Asks until the answer is right.
    fn ask<T>(&mut self, question: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Gap> {
        let Some(dialogue) = self.dialogue.as_mut().filter(|_| !self.ended) else { return Err(Gap::Ended) };
        while let Ok(Some(answer)) = dialogue.ask(question) {
            match parse(&answer) {
                Ok(answer) => return Ok(answer),
                Err(why) if dialogue.say(&format!("  {why}")).is_ok() => {}
                Err(_) => break,
            }
        }
        self.ended = true;
        Err(Gap::Ended)
    }
}
