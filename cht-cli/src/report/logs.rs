//! A line of a container, with whose it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use cht_k8s::LogLine;

/// Those that are easy to read on light and on dark ground.
const COLOURS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Red];

/// What each line begins with.
pub(crate) struct Prefix {
    /// Whether one component is shown: without its containers' names, as long as it has only one.
    is_one: bool,
    timestamps: bool,
    first: Option<(String, String)>,
    widest: usize,
    names: BTreeMap<(String, String), AnsiColor>,
}

impl Prefix {
    pub(crate) fn new(is_one: bool, timestamps: bool) -> Self {
        Self { is_one, timestamps, first: None, widest: 0, names: BTreeMap::new() }
    }

    /// The line as it is shown, with its end. Colours are taken away later where nobody sees them.
    pub(crate) fn line(&mut self, line: &LogLine) -> String {
        let source = (line.component.to_string(), line.container.clone());
        let first = self.first.get_or_insert_with(|| source.clone());
        // From the second container on, lines of the first need their prefix, too.
        self.is_one &= *first == source;
        let mut text = String::new();
        if !self.is_one {
            let name = name(&source);
            self.widest = self.widest.max(name.chars().count());
            let colour = *self.names.entry(source).or_insert_with_key(|(component, _)| colour_of(component));
            let (style, width) = (Style::new().fg_color(Some(colour.into())), self.widest);
            let _ = write!(text, "{style}{name:<width$} |{style:#} ");
        }
        if self.timestamps {
            let time = line.time.map_or_else(|| "-".to_owned(), |time| format!("{time:.3}"));
            let _ = write!(text, "{time} ");
        }
        text.push_str(&printable(&line.text));
        text.push('\n');
        text
    }
}

/// `api`, and with the container where it is not the component's own: `couchdb-2/nouveau`.
fn name((component, container): &(String, String)) -> String {
    let container = container.strip_prefix("cht-").unwrap_or(container);
    let of_node = component.split('-').next() == Some(container);
    if container == component || of_node || container == format!("haproxy-{component}") {
        component.clone()
    } else {
        format!("{component}/{}", container.strip_prefix("couchdb-").unwrap_or(container))
    }
}

/// The same in every run.
fn colour_of(component: &str) -> AnsiColor {
    let sum = component.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    COLOURS[sum % COLOURS.len()]
}

/// The line without what would do something to a terminal.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => shown.push('\t'),
            control if control.is_control() => shown.extend(control.escape_default()),
            character => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(component: &str, container: &str, text: &str) -> LogLine {
        LogLine {
            component: component.parse().expect("a name"),
            pod: "p".to_owned(),
            container: container.to_owned(),
            time: "2026-01-02T03:04:05.678901Z".parse().ok(),
            text: text.to_owned(),
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn each_line_says_whose_it_is() {
        let mut prefix = Prefix::new(false, false);
        let lines = [
            line("api", "cht-api", "one"),
            line("couchdb-2", "cht-couchdb", "two"),
            line("couchdb-2", "cht-couchdb-nouveau", "three"),
            line("healthcheck", "cht-haproxy-healthcheck", "four"),
            line("upgrade-service", "upgrade-service", "five"),
        ];
        let lines: String = lines.iter().map(|line| plain(&prefix.line(line))).collect();
        insta::assert_snapshot!(lines, @r"
        api | one
        couchdb-2 | two
        couchdb-2/nouveau | three
        healthcheck       | four
        upgrade-service   | five
        ");
    }

    #[test]
    fn one_component_of_one_container_needs_no_prefix() {
        let mut prefix = Prefix::new(true, true);
        assert_eq!(prefix.line(&line("couchdb", "cht-couchdb", "one")), "2026-01-02T03:04:05.678Z one\n");
        let two = plain(&prefix.line(&line("couchdb", "cht-couchdb-nouveau", "two")));
        assert_eq!(two, "couchdb/nouveau | 2026-01-02T03:04:05.678Z two\n");
    }

    #[test]
    fn a_component_always_has_the_same_colour() {
        let shown = |prefix: &mut Prefix| prefix.line(&line("api", "cht-api", "one"));
        let mut prefix = Prefix::new(false, false);
        prefix.line(&line("sentinel", "cht-sentinel", "one"));
        let (one, other) = (shown(&mut prefix), shown(&mut Prefix::new(false, false)));
        let colour = |text: &str| text.split('m').next().map(str::to_owned);
        assert!(one.starts_with("\u{1b}["), "{one:?}");
        assert_eq!(colour(&one), colour(&other));
    }

    #[test]
    fn nothing_in_a_line_does_something_to_a_terminal() {
        let mut prefix = Prefix::new(true, false);
        let shown = prefix.line(&line("api", "cht-api", "a\u{1b}[2Jb\tc\0\u{9b}é"));
        assert_eq!(shown, "a\\u{1b}[2Jb\tc\\u{0}\\u{9b}é\n");
    }
}
