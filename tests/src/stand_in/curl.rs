//! curl, as far as probes use it: one GET with a header that is read from standard input.

use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use crate::http::{self, header};

/// The exit codes that curl has for a server that is not reached, and with `--fail` for a status from 400 on.
const NOT_REACHED: u8 = 7;
const REFUSED: u8 = 22;
const MISUSED: u8 = 2;

const TIMEOUT: Duration = Duration::from_secs(4);

/// Asks for the URL that is the last of the arguments.
pub async fn curl(arguments: impl Iterator<Item = String>) -> ExitCode {
    let mut configuration = String::new();
    let url = arguments.last().unwrap_or_default();
    let address = url.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let (Some((address, path)), Ok(_)) = (address, std::io::stdin().read_to_string(&mut configuration)) else {
        return ExitCode::from(MISUSED);
    };
    let Some(authorization) = authorization(&configuration) else { return ExitCode::from(MISUSED) };
    let path = format!("/{path}");
    match http::get(address, &path, (header::AUTHORIZATION, authorization), TIMEOUT).await {
        Ok((status, _)) if status.as_u16() < 400 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(REFUSED),
        Err(_) => ExitCode::from(NOT_REACHED),
    }
}

/// The value of `header = "Authorization: …"`.
fn authorization(configuration: &str) -> Option<&str> {
    configuration.trim().strip_prefix(r#"header = "Authorization: "#)?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_from_a_configuration() {
        assert_eq!(authorization("header = \"Authorization: Basic bWVkaWM6cHc=\"\n"), Some("Basic bWVkaWM6cHc="));
        assert_eq!(authorization("user = \"medic:pw\"\n"), None);
    }
}
