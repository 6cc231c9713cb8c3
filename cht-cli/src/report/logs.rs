//! A line of a container, with whose it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use cht_k8s::{ComponentName, LogLine};

/// Those that are easy to read on light and on dark ground.
const COLOURS: [AnsiColor; 6] =
    [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Blue, AnsiColor::Red];

/// What each line begins with.
pub(crate) struct Prefix {
    /// The only container that there is: its lines need no name as long as there is no other.
    only: Option<Source>,
    timestamps: bool,
    widest: usize,
}

/// A component, and a container of its pods.
type Source = (ComponentName, String);

impl Prefix {
    /// For lines of these containers, and of others that may come.
    pub(crate) fn new(containers: &BTreeSet<Source>, timestamps: bool) -> Self {
        let only = containers.first().filter(|_| containers.len() == 1).cloned();
        let widest = containers.iter().map(|(component, container)| name(component, container).chars().count()).max();
        Self { only, timestamps, widest: widest.unwrap_or_default() }
    }

    /// The line as it is shown, with its end. Colours are taken away later where nobody sees them.
    pub(crate) fn line(&mut self, line: &LogLine) -> String {
        let LogLine { component, container, .. } = line;
        self.only = self.only.take().filter(|(one, of)| (one, of) == (component, container));
        let mut text = String::new();
        if self.only.is_none() {
            let name = name(component, container);
            self.widest = self.widest.max(name.chars().count());
            let style = Style::new().fg_color(Some(colour_of(component.as_str()).into()));
            let width = self.widest;
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
fn name(component: &ComponentName, container: &str) -> String {
    let container = container.strip_prefix("cht-").unwrap_or(container);
    let of_node = component.as_str().split('-').next() == Some(container);
    if container == component.as_str() || of_node || container == format!("haproxy-{component}") {
        component.to_string()
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

    fn prefix(containers: &[(&str, &str)], timestamps: bool) -> Prefix {
        let source =
            |(component, container): &(&str, &str)| (component.parse().expect("a name"), (*container).to_owned());
        Prefix::new(&containers.iter().map(source).collect(), timestamps)
    }

    #[test]
    fn each_line_says_whose_it_is() {
        let containers = [
            ("api", "cht-api"),
            ("couchdb-2", "cht-couchdb"),
            ("couchdb-2", "cht-couchdb-nouveau"),
            ("healthcheck", "cht-haproxy-healthcheck"),
        ];
        let mut prefix = prefix(&containers, false);
        let later = [("upgrade-service-of-old", "upgrade-service"), ("api", "cht-api")];
        let all = containers.iter().chain(&later);
        let lines: String = all.map(|(one, container)| plain(&prefix.line(&line(one, container, "line")))).collect();
        insta::assert_snapshot!(lines, @r"
        api               | line
        couchdb-2         | line
        couchdb-2/nouveau | line
        healthcheck       | line
        upgrade-service-of-old/upgrade-service | line
        api                                    | line
        ");
    }

    #[test]
    fn one_container_needs_no_prefix_as_long_as_it_is_alone() {
        let mut prefix = prefix(&[("couchdb", "cht-couchdb")], true);
        assert_eq!(prefix.line(&line("couchdb", "cht-couchdb", "one")), "2026-01-02T03:04:05.678Z one\n");
        let two = plain(&prefix.line(&line("couchdb", "cht-couchdb-nouveau", "two")));
        assert_eq!(two, "couchdb/nouveau | 2026-01-02T03:04:05.678Z two\n");
        let again = plain(&prefix.line(&line("couchdb", "cht-couchdb", "three")));
        assert_eq!(again, "couchdb         | 2026-01-02T03:04:05.678Z three\n");
    }

    #[test]
    fn a_component_always_has_the_same_colour() {
        let shown = |prefix: &mut Prefix| prefix.line(&line("api", "cht-api", "one"));
        let mut first = prefix(&[], false);
        first.line(&line("sentinel", "cht-sentinel", "one"));
        let (one, other) = (shown(&mut first), shown(&mut prefix(&[], false)));
        let colour = |text: &str| text.split('m').next().map(str::to_owned);
        assert!(one.starts_with("\u{1b}["), "{one:?}");
        assert_eq!(colour(&one), colour(&other));
    }

    #[test]
    fn nothing_in_a_line_does_something_to_a_terminal() {
        let mut prefix = prefix(&[("api", "cht-api")], false);
        let shown = prefix.line(&line("api", "cht-api", "a\u{1b}[2Jb\tc\0\u{9b}é"));
        assert_eq!(shown, "a\\u{1b}[2Jb\tc\\u{0}\\u{9b}é\n");
    }
}
