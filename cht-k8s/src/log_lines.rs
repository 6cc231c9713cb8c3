//! What containers write, line by line, as the API serves it: each line with its time.

use std::fmt;

use futures::stream::BoxStream;
use k8s_openapi::jiff::Timestamp;

use crate::ClusterError;

/// How much of a line is kept. Whoever writes longer ones writes no lines.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;

/// Which lines of which run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogRequest {
    /// Those of the run before the current one.
    pub previous: bool,
    /// Also those that are yet to come, until the run ends.
    pub follow: bool,
    /// At most this many of those that are there, from the end.
    pub tail: Option<u32>,
    /// Those from then on. Servers count in whole seconds, and may give some that are a little older.
    pub since: Option<Timestamp>,
}

impl fmt::Display for LogRequest {
    /// `current run, followed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.previous { "previous run" } else { "current run" })?;
        f.write_str(if self.follow { ", followed" } else { "" })?;
        match self.since {
            Some(since) => write!(f, ", since {since:.0}"),
            None => Ok(()),
        }
    }
}

/// The lines of one run of a container, in order.
pub type LogLines = BoxStream<'static, Result<WrittenLine, ClusterError>>;

/// A line as a container wrote it, secrets included.
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenLine {
    /// When it was written, by the clock of the node; none where the server says something in place of the container.
    pub time: Option<Timestamp>,
    /// The line, without its end. What is no UTF-8 is replaced.
    pub text: String,
    /// Whether it was longer than what is kept.
    pub is_cut: bool,
}

impl WrittenLine {
    /// Reads a line that begins with its time.
    fn read(line: &[u8], is_cut: bool) -> Self {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\r').unwrap_or(&text);
        let timed = text.split_once(' ').unwrap_or((text, ""));
        match timed.0.parse() {
            Ok(time) => Self { time: Some(time), text: timed.1.to_owned(), is_cut },
            Err(_) => Self { time: None, text: text.to_owned(), is_cut },
        }
    }
}

impl fmt::Debug for WrittenLine {
    /// Without the text, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrittenLine({:?}, {} bytes)", self.time, self.text.len())
    }
}

/// Makes lines of bytes, of which it keeps no more than one line.
#[derive(Default)]
pub(crate) struct Splitter {
    line: Vec<u8>,
    is_cut: bool,
}

impl Splitter {
    /// The lines that end with these bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<WrittenLine> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let end = part.strip_suffix(b"\n");
            let content = end.unwrap_or(part);
            let room = LONGEST_LINE.saturating_sub(self.line.len());
            self.line.extend(content.iter().take(room));
            self.is_cut |= content.len() > room;
            if end.is_some() {
                lines.extend(self.finish());
            }
        }
        lines
    }

    /// The line that is there so far.
    pub(crate) fn finish(&mut self) -> Option<WrittenLine> {
        let line = std::mem::take(&mut self.line);
        let is_cut = std::mem::take(&mut self.is_cut);
        (!line.is_empty()).then(|| WrittenLine::read(&line, is_cut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(parts: &[&[u8]]) -> Vec<WrittenLine> {
        let mut splitter = Splitter::default();
        let mut lines: Vec<_> = parts.iter().flat_map(|part| splitter.take(part)).collect();
        lines.extend(splitter.finish());
        lines
    }

    fn shown(parts: &[&[u8]]) -> Vec<String> {
        let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        lines(parts).iter().map(|line| format!("{} {:?}", time(line.time), line.text)).collect()
    }

    #[test]
    fn lines_are_put_together_from_what_comes() {
        let parts: [&[u8]; 4] = [
            b"2026-01-02T03:04:05.123456789Z one\n2026-01-02T03:04:0",
            b"6Z two",
            b" words\r\n2026-01-02T06:04:07.5+03:00 \nunable to retrieve",
            b" container logs",
        ];
        assert_eq!(
            shown(&parts),
            [
                r#"2026-01-02T03:04:05.123456789Z "one""#,
                r#"2026-01-02T03:04:06Z "two words""#,
                r#"2026-01-02T03:04:07.5Z """#,
                r#"- "unable to retrieve container logs""#,
            ]
        );
        assert_eq!(shown(&[b"", b"\n\n"]), Vec::<String>::new());
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(shown(&[b"2026-01-02T03:04:05Z a\xff\x00b\n"]), ["2026-01-02T03:04:05Z \"a\u{fffd}\\0b\""]);
    }

    #[test]
    fn of_a_long_line_the_beginning_is_kept() {
        let chunk = vec![b'x'; 10_000];
        let mut parts: Vec<&[u8]> = vec![b"2026-01-02T03:04:05Z "];
        parts.extend(std::iter::repeat_n(&chunk[..], 50));
        parts.push(b"\n2026-01-02T03:04:06Z next\n");
        let [long, next] = &lines(&parts)[..] else { panic!("two lines") };
        assert_eq!((long.text.len(), long.is_cut), (LONGEST_LINE - "2026-01-02T03:04:05Z ".len(), true));
        assert_eq!((next.text.as_str(), next.is_cut), ("next", false));
    }

    #[test]
    fn a_line_does_not_show_itself() {
        let line = WrittenLine { time: None, text: "canary".to_owned(), is_cut: false };
        assert_eq!(format!("{line:?}"), "WrittenLine(None, 6 bytes)");
    }
}
