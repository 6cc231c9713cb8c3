//! What a stand-in is told to do.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Something that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// This long.
    For(Duration),
    /// Until the setting is changed.
    Held,
}

impl FromStr for Pause {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidSetting { key: "a pause".to_owned(), value: text.to_owned() };
        if text == "held" {
            return Ok(Self::Held);
        }
        let (digits, unit) = match text.strip_suffix("ms") {
            Some(digits) => (digits, Duration::from_millis(1)),
            None => (text.strip_suffix('s').ok_or_else(invalid)?, Duration::from_secs(1)),
        };
        let count = digits.parse::<u16>().map_err(|_| invalid())?;
        Ok(Self::For(unit * u32::from(count)))
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(time) => write!(f, "{}ms", time.as_millis()),
            Self::Held => f.write_str("held"),
        }
    }
}

/// The settings of one stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Before it does anything.
    pub start: Pause,
    /// Before CouchDB's node 1 joins its next peer.
    pub joining: Pause,
    /// Before the API is ready.
    pub indexing: Pause,
    /// Between the signal to end and the end.
    pub stopping: Pause,
    /// Whether it does not listen.
    pub deaf: bool,
    /// Whether CouchDB says that it is not up.
    pub maintenance: bool,
    /// What it ends with at once.
    pub crash: Option<u8>,
    /// Whether there is no such image.
    pub missing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start: Pause::For(Duration::ZERO),
            joining: Pause::For(Duration::from_millis(200)),
            indexing: Pause::For(Duration::from_millis(200)),
            stopping: Pause::For(Duration::ZERO),
            deaf: false,
            maintenance: false,
            crash: None,
            missing: false,
        }
    }
}

/// A setting that there is not, or that cannot have this value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} cannot be {value:?}: see the documentation of cht_tests::stand_in")]
pub struct InvalidSetting {
    key: String,
    value: String,
}

impl Settings {
    /// Changes one setting.
    ///
    /// # Errors
    /// When there is no such setting, or it cannot have this value.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), InvalidSetting> {
        let invalid = || InvalidSetting { key: key.to_owned(), value: value.to_owned() };
        match key {
            "start" => self.start = value.parse().map_err(|_| invalid())?,
            "joining" => self.joining = value.parse().map_err(|_| invalid())?,
            "indexing" => self.indexing = value.parse().map_err(|_| invalid())?,
            "stopping" => self.stopping = value.parse().map_err(|_| invalid())?,
            "deaf" => self.deaf = value.parse().map_err(|_| invalid())?,
            "maintenance" => self.maintenance = value.parse().map_err(|_| invalid())?,
            "crash" => self.crash = Some(value.parse().map_err(|_| invalid())?),
            "missing" => self.missing = value.parse().map_err(|_| invalid())?,
            _ => return Err(invalid()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_read() {
        for (text, pause) in [
            ("0s", Pause::For(Duration::ZERO)),
            ("300ms", Pause::For(Duration::from_millis(300))),
            ("5s", Pause::For(Duration::from_secs(5))),
            ("held", Pause::Held),
        ] {
            assert_eq!(text.parse(), Ok(pause), "{text}");
        }
        for text in ["", "5", "s", "-1s", "5m", "Held", "99999s"] {
            assert!(text.parse::<Pause>().is_err(), "{text}");
        }
    }

    #[test]
    fn settings_are_changed_one_by_one() {
        let mut settings = Settings::default();
        for (key, value) in [("indexing", "held"), ("crash", "3"), ("missing", "true")] {
            settings.set(key, value).expect("a setting");
        }
        let wanted = Settings { indexing: Pause::Held, crash: Some(3), missing: true, ..Settings::default() };
        assert_eq!(settings, wanted);
        for (key, value) in [("crash", "300"), ("crash", ""), ("indexing", "soon"), ("speed", "1s")] {
            assert!(settings.set(key, value).is_err(), "{key} {value}");
        }
        assert_eq!(settings, wanted, "what is refused changes nothing");
    }
}
