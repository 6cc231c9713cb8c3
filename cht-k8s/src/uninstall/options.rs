//! How an uninstall behaves, and what it takes to delete data.

use std::time::Duration;

use cht_model::{Instance, NamespaceName, ProjectName};

use crate::run::Stop;
use crate::{Actor, LockOptions, RunId};

/// How an uninstall behaves.
#[derive(Debug, Clone)]
pub struct UninstallOptions {
    /// How long it may take until the last pod has stopped, and what is deleted is gone.
    pub timeout: Duration,
    /// What becomes of the instance's data.
    pub data: DataFate,
    /// Who uninstalls.
    pub actor: Actor,
    /// How the instance's lock is held.
    pub lock: LockOptions,
    /// What the records and the [event records](crate::event_record) know the run by. Each run needs one of its own.
    pub run: RunId,
    /// Tells the uninstall to stop.
    pub stop: Stop,
}

impl Default for UninstallOptions {
    /// Five minutes, for CouchDB gets one to stop; data is kept, and whoever runs this process uninstalls.
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(5),
            data: DataFate::Keep,
            actor: Actor::of_this_process(),
            lock: LockOptions::default(),
            run: RunId::new(),
            stop: Stop::new(),
        }
    }
}

/// What becomes of an instance's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataFate {
    /// It stays, and a deploy finds it again.
    Keep,
    /// It is deleted: claims, volumes, credentials and records.
    Delete(Confirmed),
}

impl DataFate {
    /// Whether data is deleted.
    pub(super) fn is_deleted(&self) -> bool {
        matches!(self, Self::Delete(_))
    }
}

/// Someone has named the instance whose data shall be deleted. There is no other way to have one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    project: ProjectName,
    namespace: NamespaceName,
}

impl Confirmed {
    /// The confirmation for one instance, from what a person has typed: its project's name, to the letter.
    ///
    /// # Errors
    ///
    /// When something else was typed.
    pub fn typed(instance: &Instance, typed: &str) -> Result<Self, NotConfirmed> {
        if typed != instance.project().as_str() {
            return Err(NotConfirmed { typed: typed.to_owned(), project: instance.project().to_string() });
        }
        Ok(Self { project: instance.project().clone(), namespace: instance.namespace().clone() })
    }

    /// # Errors
    ///
    /// When it was given for another instance.
    pub(super) fn is_for(&self, instance: &Instance) -> Result<(), NotConfirmed> {
        if (&self.project, &self.namespace) == (instance.project(), instance.namespace()) {
            return Ok(());
        }
        let typed = format!("{} of namespace {}", self.project, self.namespace);
        Err(NotConfirmed { typed, project: format!("{} of namespace {}", instance.project(), instance.namespace()) })
    }
}

/// The data of another instance was meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the data of {typed:?} shall be deleted, and this instance is {project:?}: nothing was changed")]
pub struct NotConfirmed {
    /// What was typed.
    pub typed: String,
    /// What this instance is called.
    pub project: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::testing::{K3D, instance};

    #[test]
    fn only_the_projects_own_name_confirms() {
        let here = instance(K3D, &[]);
        let confirmed = Confirmed::typed(&here, "county-a").expect("its name");
        assert_eq!(confirmed.is_for(&here), Ok(()));
        for typed in ["", "y", "yes", "county-b", "County-A", "county-a ", "*"] {
            let refused = Confirmed::typed(&here, typed).expect_err("another name");
            assert!(refused.to_string().contains("\"county-a\""), "{refused}");
        }
        for other in ["project_name=county-b", "namespace=elsewhere"] {
            assert!(confirmed.is_for(&instance(K3D, &[other])).is_err(), "{other}");
        }
    }
}
