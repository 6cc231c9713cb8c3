//! The version of k3d.

use semver::Version;

use crate::LocalError;

/// The first one with filters such as `server:0`, and with labels for containers.
const OLDEST: Version = Version::new(5, 0, 0);

/// Refuses what is too old, by what `k3d version` answers: `k3d version v5.8.3`, and a line about k3s.
pub(super) fn check(answer: &str, command: &str) -> Result<(), LocalError> {
    let written = answer.lines().find_map(|line| line.trim().strip_prefix("k3d version ")).map(str::trim);
    let Some(written) = written else {
        let why = "it names no version of k3d".to_owned();
        return Err(LocalError::NotUnderstood { command: command.to_owned(), why });
    };
    // Builds of one's own are called `v5-dev`.
    let Ok(version) = Version::parse(written.trim_start_matches('v')) else { return Ok(()) };
    let release = Version::new(version.major, version.minor, version.patch);
    if release < OLDEST { Err(LocalError::TooOld { found: written.to_owned() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_5_on_will_do() {
        let check = |answer: &str| check(answer, "k3d version");
        for good in
            ["k3d version v5.0.0\n", "k3d version v5.8.3\nk3s version v1.31.5-k3s1 (default)\n", "k3d version v5-dev\n"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let old = check("k3d version v4.4.8\nk3s version v1.21.3-k3s1 (default)\n");
        assert_eq!(old, Err(LocalError::TooOld { found: "v4.4.8".to_owned() }));
        assert!(matches!(check("usage: k3d\n"), Err(LocalError::NotUnderstood { .. })));
    }
}
