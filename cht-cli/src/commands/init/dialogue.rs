//! Asks a person, line by line.

use std::io::{self, BufRead, Write};

/// Somebody who answers.
pub(super) trait Dialogue {
    /// The answer to a question, without white space around it; nothing when there are no answers any more.
    fn ask(&mut self, question: &str) -> io::Result<Option<String>>;

    /// Says something that is no question.
    fn say(&mut self, line: &str) -> io::Result<()>;
}

/// Questions to one stream, answers from another.
pub(super) struct Lines<R, W> {
    pub(super) answers: R,
    pub(super) questions: W,
}

impl<R: BufRead, W: Write> Dialogue for Lines<R, W> {
    fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        write!(self.questions, "{question}: ")?;
        self.questions.flush()?;
        let mut answer = String::new();
        let length = self.answers.read_line(&mut answer)?;
        if length == 0 {
            // What comes next does not belong behind the question.
            writeln!(self.questions)?;
            return Ok(None);
        }
        Ok(Some(answer.trim().to_owned()))
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.questions, "{line}")
    }
}
