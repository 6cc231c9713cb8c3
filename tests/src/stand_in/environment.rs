//! Reading the variables that the real images read.

use std::io;

/// A variable that must be there.
pub(super) fn variable(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|_| io::Error::other(format!("{name} is not set")))
}

/// A variable that holds names with commas between them; none when it is not there.
pub(super) fn list(name: &str) -> Vec<String> {
    let text = std::env::var(name).unwrap_or_default();
    text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// A variable that must hold a port.
pub(super) fn port(name: &str) -> io::Result<u16> {
    let text = variable(name)?;
    text.parse().map_err(|_| io::Error::other(format!("{name} is {text:?}, which is no port")))
}
