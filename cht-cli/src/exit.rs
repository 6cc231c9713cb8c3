//! Exit codes: a contract that scripts rely on.

use std::process::ExitCode;

use cht_k8s::tls::CertificateError;
use cht_k8s::{CannotRestart, ClusterError, ConnectError, DriftError, Failure, PlanError, RecordError, RollbackError};
use cht_local::LocalError;

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All is as it was asked for.
    Ok = 0,
    /// A fault of this program.
    Bug = 1,
    /// The command line or the values are wrong; nothing was changed.
    Usage = 2,
    /// Changes are pending; nothing was changed.
    Pending = 3,
    /// The cluster is not what is needed, or refuses.
    Preflight = 4,
    /// Data would be lost, or seem so; nothing was changed.
    DataSafety = 5,
    /// Another owner, or Kubernetes itself, does not let an object change; or another ingress has the host.
    Conflict = 6,
    /// Another run of the same instance holds its lock.
    Locked = 7,
    /// Something of the instance is broken.
    Workload = 8,
    /// Time was up while the instance was still on its way.
    TimedOut = 9,
    /// The cluster could not be reached; what was asked may have happened.
    Unknown = 10,
    /// The cluster is not as the last deploy has left it.
    Drift = 11,
    /// What would be done is not what was approved any more; nothing was changed.
    StalePlan = 12,
    /// Interrupted from the keyboard; the same command goes on from there.
    Interrupted = 130,
    /// Told to end; the same command goes on from there.
    Terminated = 143,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// What came of a run that ended so before it could do anything, as its records call it.
    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Self::Interrupted | Self::Terminated => "interrupted",
            Self::Bug => "fault",
            _ => "refused",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&ClusterError> for Exit {
    fn from(error: &ClusterError) -> Self {
        match error {
            ClusterError::Unreachable { .. }
            | ClusterError::Unavailable { .. }
            | ClusterError::Expired
            | ClusterError::LockLost
            | ClusterError::Malformed { .. } => Self::Unknown,
            ClusterError::Unauthorized { .. }
            | ClusterError::Forbidden { .. }
            | ClusterError::NotServed { .. }
            | ClusterError::NamespaceUnavailable { .. } => Self::Preflight,
            ClusterError::FieldConflict { .. }
            | ClusterError::HostTaken { .. }
            | ClusterError::Changed { .. }
            | ClusterError::Invalid { .. } => Self::Conflict,
        }
    }
}

impl From<&PlanError> for Exit {
    fn from(error: &PlanError) -> Self {
        match error {
            PlanError::Cluster(error) => error.into(),
            PlanError::NamespaceTerminating { .. } | PlanError::NoRandomness(_) | PlanError::UnusableSecret(_) => {
                Self::Preflight
            }
            PlanError::Certificate(error) => error.into(),
            PlanError::Rollback(error) => error.into(),
            PlanError::Stale(_) => Self::StalePlan,
        }
    }
}

impl From<&CertificateError> for Exit {
    fn from(error: &CertificateError) -> Self {
        match error {
            CertificateError::Files { .. } => Self::Usage,
            CertificateError::NotFetched { .. } | CertificateError::Fetched(_) | CertificateError::NotIssued(_) => {
                Self::Preflight
            }
        }
    }
}

impl From<&RollbackError> for Exit {
    fn from(error: &RollbackError) -> Self {
        match error {
            RollbackError::Record(error) => error.into(),
            RollbackError::Nothing { .. }
            | RollbackError::NoRevision { .. }
            | RollbackError::NotDone { .. }
            | RollbackError::Uninstall { .. }
            | RollbackError::TooLarge { .. }
            | RollbackError::OtherSettings { .. } => Self::Usage,
            RollbackError::Lacking { .. } => Self::Preflight,
        }
    }
}

impl From<&DriftError> for Exit {
    fn from(error: &DriftError) -> Self {
        match error {
            DriftError::Record(RecordError::NoRevision { .. }) => Self::Preflight,
            DriftError::Record(error) => error.into(),
            DriftError::Cluster(error) => error.into(),
            DriftError::NoRecord { .. } | DriftError::Uninstalled { .. } | DriftError::TooLarge { .. } => {
                Self::Preflight
            }
        }
    }
}

impl From<&ConnectError> for Exit {
    fn from(_: &ConnectError) -> Self {
        Self::Preflight
    }
}

impl From<&LocalError> for Exit {
    fn from(error: &LocalError) -> Self {
        match error {
            LocalError::Missing { .. }
            | LocalError::TooOld { .. }
            | LocalError::EngineStopped { .. }
            | LocalError::EngineForbidden { .. }
            | LocalError::PodmanUnreachable { .. }
            | LocalError::Broken { .. }
            | LocalError::DiskFull { .. }
            | LocalError::Failed { .. }
            | LocalError::NotUnderstood { .. } => Self::Preflight,
            LocalError::NameTaken { .. } | LocalError::PortsTaken { .. } | LocalError::NoPortFree(_) => Self::Conflict,
            LocalError::IsThere { .. } => Self::Locked,
            LocalError::TimedOut { .. } => Self::TimedOut,
        }
    }
}

impl From<&RecordError> for Exit {
    fn from(error: &RecordError) -> Self {
        match error {
            RecordError::Cluster(error) => error.into(),
            RecordError::NoRevision { .. } => Self::Usage,
            RecordError::Damaged { .. } => Self::Preflight,
        }
    }
}

impl From<&Failure> for Exit {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::DataSafety(_)
            | Failure::NotConfirmed(_)
            | Failure::CannotRestart(CannotRestart::TwoPods { .. }) => Self::DataSafety,
            Failure::Refused(errors) => refused(errors),
            Failure::Cluster(error) => error.into(),
            Failure::NoPlan(error) => error.into(),
            Failure::StalePlan(_) => Self::StalePlan,
            Failure::Locked(_) | Failure::LockLost(Some(_)) => Self::Locked,
            Failure::LockLost(None) => Self::Unknown,
            Failure::Workload(_) => Self::Workload,
            Failure::TimedOut(_) | Failure::StillStopping(_) | Failure::StillThere(_) => Self::TimedOut,
            Failure::Preflight(_) | Failure::CannotRestart(CannotRestart::NotThere { .. }) => Self::Preflight,
            Failure::Interrupted => Self::Interrupted,
        }
    }
}

/// How a command ends when objects cannot become as wanted: a conflict needs a decision, and counts for more than a
/// permission that is missing.
pub(crate) fn refused(errors: &[ClusterError]) -> Exit {
    let exits = || errors.iter().map(Exit::from);
    exits().find(|exit| *exit == Exit::Conflict).or_else(|| exits().next()).unwrap_or(Exit::Conflict)
}
