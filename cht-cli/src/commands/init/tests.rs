//! Questions and answers, as they stand on a terminal.

use std::io;

use cht_model::starter::Starter;
use clap::Parser;
use secrecy::ExposeSecret;

use super::answers::starter;
use super::dialogue::{Dialogue, Lines};
use super::questions::{Gap, Questions};
use crate::cli::{Cli, Command};

/// A terminal: what is typed stands behind the questions.
struct Terminal<'a>(Lines<&'a [u8], Vec<u8>>);

impl Dialogue for Terminal<'_> {
    fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        let answer = self.0.ask(question)?;
        if let Some(answer) = &answer {
            self.0.questions.extend(answer.bytes().chain([b'\n']));
        }
        Ok(answer)
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        self.0.say(line)
    }
}

/// What stands on the terminal in the end, and what was made of it.
fn conversation(flags: &str, answers: &str) -> (String, Result<Starter, Gap>) {
    let command_line = ["cht", "init"].into_iter().chain(flags.split_whitespace());
    let Command::Init(flags) = Cli::try_parse_from(command_line).expect("flags").command else {
        panic!("it is cht init");
    };
    let mut terminal = Terminal(Lines { answers: answers.as_bytes(), questions: Vec::new() });
    let starter = starter(&flags, &mut Questions::new(Some(&mut terminal)));
    let left = String::from_utf8_lossy(terminal.0.answers).into_owned();
    assert!(left.is_empty() || starter.is_err(), "nobody has asked for {left:?}");
    (String::from_utf8(terminal.0.questions).expect("text"), starter)
}

/// A conversation with the file that comes of it.
#[track_caller]
fn complete(flags: &str, answers: &str) -> String {
    let (transcript, starter) = conversation(flags, answers);
    let text = starter.expect("everything was answered").values().expect("values that are valid");
    format!("{transcript}---\n{}", text.expose_secret())
}

#[test]
fn defaults_are_taken_by_an_empty_line() {
    insta::assert_snapshot!(complete("", "k3s\n\nclinic\n\n\n\n\n\n"));
}

#[test]
fn wrong_answers_are_explained_and_asked_for_again() {
    let answers = "\naks\nEKS\n5.3\n5.3.1\n\nMy_NS\nclinic\na_b\nministry\n0\n3\n\nhttps://a.org\na.org\nA\nshared\nnone\n\
                   arn:aws:acm:a\n10Gx\n1Ti\nA\ngp3\n";
    insta::assert_snapshot!(complete("", answers));
}

#[test]
fn each_platform_has_its_own_questions() {
    insta::assert_snapshot!("gke", complete("", "gke\n4.22.0\n\nclinic\n\n1\nclinic.example.org\naddress\n\n\n"));
    let answers = "k3s\n4.22.0\nclinic\n\nmaybe\ny\n2\n\none\none, two\nclinic.example.org\n\n";
    insta::assert_snapshot!("k3s_4_cluster", complete("", answers));
    insta::assert_snapshot!(
        "k3s_4",
        complete("", "k3s\n4.22.0\nclinic\n\nno\n\nclinic.example.org\nsrv\n/srv/clinic\n")
    );
}

#[test]
fn flags_answer_the_questions_they_cover() {
    let flags = "--platform eks --namespace clinic --host a.org --nodes 3 --storage-size 10Gi";
    insta::assert_snapshot!(complete(flags, "\n\n\n\n\n"));
    let all = "--cht-version 5.2.0 --project ministry --group shared --certificate arn:a --storage-class gp3";
    let (transcript, starter) = conversation(&format!("{flags} {all}"), "");
    assert_eq!((transcript.as_str(), starter.is_ok()), ("", true));
}

#[test]
fn a_person_who_has_gone_is_not_asked_again() {
    let (transcript, starter) = conversation("", "k3s\n\n");
    assert_eq!(starter.expect_err("no answer"), Gap::Ended);
    assert!(transcript.ends_with("\nKubernetes namespace: \n"), "{transcript}");
}

#[test]
fn flags_that_do_not_fit_end_it_before_more_is_asked() {
    let (transcript, starter) = conversation("--group shared", "k3s\n\nclinic\n\n\n\n");
    assert_eq!(starter.expect_err("a group is for EKS"), Gap::Refused);
    assert!(transcript.ends_with("Number of CouchDB nodes [1]: \n"), "{transcript}");
}

#[test]
fn questions_end_without_a_line_break_and_answers_lose_theirs() {
    let mut lines = Lines { answers: &b"  k3s \r\nlast"[..], questions: Vec::new() };
    assert_eq!(lines.ask("Platform").expect("an answer").as_deref(), Some("k3s"));
    assert_eq!(lines.ask("Version").expect("an answer").as_deref(), Some("last"));
    assert_eq!(lines.ask("More").expect("no answer"), None);
    assert_eq!(lines.questions, b"Platform: Version: More: \n");
}
