//! A k3s that runs on this machine itself.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where k3s writes the kubeconfig of its administrator, unless it is told otherwise.
const USUAL: &str = "/etc/rancher/k3s/k3s.yaml";

/// The variable with which k3s is told otherwise.
const VARIABLE: &str = "K3S_KUBECONFIG_OUTPUT";

/// A k3s of this machine, whose kubeconfig can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct K3s {
    /// Its kubeconfig.
    pub kubeconfig: PathBuf,
}

/// Why the k3s of this machine cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum K3sError {
    /// There is none.
    #[error("there is no k3s on this machine: {} is not there", .0.display())]
    Absent(PathBuf),
    /// Its kubeconfig is someone else's.
    #[error("this user may not read {}, the kubeconfig of the k3s on this machine", .0.display())]
    Forbidden(PathBuf),
    /// Its kubeconfig cannot be read.
    #[error("{} cannot be read: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl K3s {
    /// The k3s of this machine.
    ///
    /// # Errors
    ///
    /// When there is none, or its kubeconfig cannot be read.
    pub fn of_this_machine() -> Result<Self, K3sError> {
        Self::at(
            &std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map_or_else(|| USUAL.into(), PathBuf::from),
        )
    }

    fn at(path: &Path) -> Result<Self, K3sError> {
        match File::open(path) {
            Ok(_) => Ok(Self { kubeconfig: path.to_owned() }),
            Err(error) => Err(match error.kind() {
                ErrorKind::NotFound => K3sError::Absent(path.to_owned()),
                ErrorKind::PermissionDenied => K3sError::Forbidden(path.to_owned()),
                _ => K3sError::Unreadable { path: path.to_owned(), reason: error.to_string() },
            }),
        }
    }
}

impl K3sError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Absent(_) => format!(
                "install it (https://docs.k3s.io/quick-start), name its kubeconfig with {VARIABLE}, or leave out --k3s"
            ),
            Self::Forbidden(path) => format!(
                "copy it for this user: `sudo install -m 600 -o \"$USER\" {} ~/.kube/k3s.yaml`, and name the copy: \
                 `export {VARIABLE}=~/.kube/k3s.yaml`",
                path.display()
            ),
            Self::Unreadable { .. } => format!("name another kubeconfig with {VARIABLE}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kubeconfig_that_can_be_read_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("k3s.yaml");
        assert_eq!(K3s::at(&path), Err(K3sError::Absent(path.clone())));
        std::fs::write(&path, "apiVersion: v1\n").expect("written");
        assert_eq!(K3s::at(&path), Ok(K3s { kubeconfig: path }));
    }

    #[test]
    fn every_problem_says_what_to_do() {
        let problems = [
            K3sError::Absent(USUAL.into()),
            K3sError::Forbidden(USUAL.into()),
            K3sError::Unreadable { path: USUAL.into(), reason: "Is a directory".to_owned() },
        ];
        let said = problems.map(|error| format!("error: {error}\nhint: {}\n", error.hint())).join("\n");
        insta::assert_snapshot!(said);
    }
}
