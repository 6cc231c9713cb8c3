//! Which revision an instance goes back to. Pure.

use cht_manifests::ObjectKey;
use cht_model::ProjectName;

use super::history::RecordError;
use super::summary::{Action, RevisionOutcome, RevisionSummary};

/// Why an instance cannot go back to a revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RollbackError {
    /// The records cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// No other state of the instance is on record.
    #[error("{project} has nothing to go back to: no revision that came to its end is other than what is there now")]
    Nothing {
        /// The instance.
        project: String,
    },
    /// The instance has no such revision, or not any more.
    #[error("{project} has no revision {number}; {}", listed(.good))]
    NoRevision {
        /// The instance.
        project: String,
        /// The revision that was asked for.
        number: u32,
        /// Those that it can go back to.
        good: Vec<u32>,
    },
    /// The revision did not come to its end: nobody knows whether the instance runs with it.
    #[error("revision {number} of {project} did not come to its end, but is {outcome}; {}", listed(.good))]
    NotDone {
        /// The instance.
        project: String,
        /// The revision that was asked for.
        number: u32,
        /// How it ended.
        outcome: RevisionOutcome,
        /// Those that it can go back to.
        good: Vec<u32>,
    },
    /// The revision is an uninstall.
    #[error("revision {number} of {project} is an uninstall, and holds nothing to run; {}", listed(.good))]
    Uninstall {
        /// The instance.
        project: String,
        /// The revision that was asked for.
        number: u32,
        /// Those that it can go back to.
        good: Vec<u32>,
    },
    /// What was wanted was too large to be kept.
    #[error("the objects of revision {number} of {project} were too large to be kept: deploy the values of that time")]
    TooLarge {
        /// The instance.
        project: String,
        /// The revision.
        number: u32,
    },
    /// What the revision needs and no rollback makes is not there.
    #[error(
        "revision {number} needs {}, which a rollback does not make: deploy the values of that time",
        names(.objects)
    )]
    Lacking {
        /// The revision.
        number: u32,
        /// The objects.
        objects: Vec<ObjectKey>,
    },
    /// A Secret, which a rollback leaves as it is, holds settings that the revision does not run with.
    #[error(
        "revision {number} was made with other settings in {secret} ({}), which a rollback leaves as they are: deploy \
         the values of that time",
        .entries.join(", ")
    )]
    OtherSettings {
        /// The revision.
        number: u32,
        /// The Secret.
        secret: ObjectKey,
        /// The entries that differ.
        entries: Vec<String>,
    },
}

fn listed(good: &[u32]) -> String {
    match good {
        [] => "there is none that it could go back to".to_owned(),
        [only] => format!("it can go back to revision {only}"),
        many => {
            let many: Vec<_> = many.iter().map(ToString::to_string).collect();
            format!("it can go back to revisions {}", many.join(", "))
        }
    }
}

fn names(objects: &[ObjectKey]) -> String {
    objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether the revision made the cluster hold something, and came to its end.
fn is_good(revision: &RevisionSummary) -> bool {
    revision.outcome == RevisionOutcome::Done && revision.action != Action::Uninstall
}

/// The newest revision that made the cluster hold something.
pub(crate) fn newest(revisions: &[RevisionSummary]) -> Option<&RevisionSummary> {
    revisions.iter().rev().find(|revision| is_good(revision))
}

/// Where a rollback that did not come to its end was going.
fn unfinished(last: &RevisionSummary) -> Option<u32> {
    match last.action {
        Action::Rollback { to } if last.outcome != RevisionOutcome::Done => Some(to),
        Action::Rollback { .. } | Action::Deploy | Action::Uninstall => None,
    }
}

/// The revision to go back to: the one of this number, or the newest good one that wanted something else than the last run.
///
/// After a run that failed, that is what was there before it; after one that came to its end, what was there before that.
/// A rollback that did not come to its end is gone on with.
pub(crate) fn target<'a>(
    project: &ProjectName,
    revisions: &'a [RevisionSummary],
    number: Option<u32>,
) -> Result<&'a RevisionSummary, RollbackError> {
    let project = project.to_string();
    let last = revisions.last().filter(|last| last.action != Action::Uninstall);
    let Some(number) = number.or_else(|| unfinished(last?)) else {
        let is_other = |revision: &&RevisionSummary| last.is_none_or(|last| last.digest != revision.digest);
        let other = revisions.iter().rev().filter(|revision| is_good(revision)).find(is_other);
        return other.ok_or(RollbackError::Nothing { project });
    };
    let good = || revisions.iter().filter(|revision| is_good(revision)).map(|revision| revision.number).collect();
    let found = revisions.iter().find(|revision| revision.number == number);
    let found = found.ok_or_else(|| RollbackError::NoRevision { project: project.clone(), number, good: good() })?;
    if found.action == Action::Uninstall {
        return Err(RollbackError::Uninstall { project, number, good: good() });
    }
    if found.outcome != RevisionOutcome::Done {
        return Err(RollbackError::NotDone { project, number, outcome: found.outcome.clone(), good: good() });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;
    use crate::{Actor, Counts, RunId};

    fn revision(number: u32, action: Action, outcome: RevisionOutcome, digest: &str) -> RevisionSummary {
        RevisionSummary {
            number,
            action,
            version: "5.3.0".to_owned(),
            actor: Actor { user: "ada".to_owned(), host: "laptop".to_owned() },
            run: RunId::new(),
            started: Timestamp::UNIX_EPOCH,
            finished: None,
            outcome,
            counts: Counts::default(),
            digest: digest.to_owned(),
            record: None,
        }
    }

    fn done(number: u32, digest: &str) -> RevisionSummary {
        revision(number, Action::Deploy, RevisionOutcome::Done, digest)
    }

    fn failed(number: u32, digest: &str) -> RevisionSummary {
        let outcome = RevisionOutcome::Failed { reason: "api: crash-loop".to_owned() };
        revision(number, Action::Deploy, outcome, digest)
    }

    fn uninstall(number: u32) -> RevisionSummary {
        revision(number, Action::Uninstall, RevisionOutcome::Done, "b")
    }

    fn chosen(revisions: &[RevisionSummary], number: Option<u32>) -> Result<u32, String> {
        let project = "county-a".parse().expect("a name");
        target(&project, revisions, number).map(|found| found.number).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_number_it_is_what_was_there_before() {
        assert_eq!(chosen(&[done(1, "a"), done(2, "b")], None), Ok(1));
        assert_eq!(chosen(&[done(1, "a"), done(2, "a"), done(3, "b"), done(4, "b")], None), Ok(2));
        // Twice is there and back again, but only when the first time came to its end.
        let again = revision(3, Action::Rollback { to: 1 }, RevisionOutcome::Interrupted, "a");
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), again], None), Ok(1));
        let back = revision(3, Action::Rollback { to: 1 }, RevisionOutcome::Done, "a");
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), back], None), Ok(2));
    }

    #[test]
    fn after_a_failure_it_is_what_ran_until_then() {
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), failed(3, "c")], None), Ok(2));
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), failed(3, "c"), failed(4, "c")], None), Ok(2));
        // What failed is what was there: it would only fail again.
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), failed(3, "b")], None), Ok(1));
        assert_eq!(chosen(&[done(1, "a"), done(2, "b"), uninstall(3)], None), Ok(2));
    }

    #[test]
    fn where_there_is_nothing_else_there_is_nothing_to_go_back_to() {
        for revisions in [vec![], vec![done(1, "a")], vec![done(1, "a"), done(2, "a")], vec![failed(1, "a")]] {
            let error = chosen(&revisions, None).expect_err("nothing");
            assert!(error.starts_with("county-a has nothing to go back to"), "{error}");
        }
    }

    #[test]
    fn a_revision_that_cannot_be_gone_back_to_is_refused_with_those_that_can() {
        let revisions = [done(1, "a"), failed(2, "b"), uninstall(3), done(4, "a")];
        assert_eq!(chosen(&revisions, Some(4)), Ok(4));
        let refused: Vec<_> =
            [7, 2, 3].map(|number| chosen(&revisions, Some(number)).expect_err("refused")).into_iter().collect();
        insta::assert_snapshot!(refused.join("\n"), @"
        county-a has no revision 7; it can go back to revisions 1, 4
        revision 2 of county-a did not come to its end, but is failed (api: crash-loop); it can go back to revisions 1, 4
        revision 3 of county-a is an uninstall, and holds nothing to run; it can go back to revisions 1, 4
        ");
        let only = chosen(&revisions[..2], Some(2)).expect_err("refused");
        assert!(only.ends_with("; it can go back to revision 1"), "{only}");
        let none = chosen(&revisions[1..3], Some(2)).expect_err("refused");
        assert!(none.ends_with("; there is none that it could go back to"), "{none}");
    }
}
