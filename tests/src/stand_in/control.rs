//! What a test tells a stand-in, and what it asks it: at the start by its environment, later by requests.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use super::role::Role;
use super::settings::{InvalidSetting, Pause, Settings};
use crate::http::{self, Method, Request, Response, StatusCode};

/// Where it is told and asked.
pub(super) const PATH: &str = "/_stand-in";

/// The settings of this stand-in, which change while it runs.
#[derive(Clone)]
pub(super) struct Control {
    role: Role,
    settings: Arc<watch::Sender<Settings>>,
    born: Arc<OnceLock<String>>,
    closed: Arc<OnceLock<bool>>,
}

impl Control {
    /// A stand-in's, with these settings.
    pub(super) fn new(role: Role, settings: Settings) -> Self {
        Self { role, settings: Arc::new(watch::Sender::new(settings)), born: Arc::default(), closed: Arc::default() }
    }

    /// The stand-in's settings as its image has them: a variable for each.
    pub(super) fn of_environment(
        role: Role,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, InvalidSetting> {
        let mut settings = Settings::default();
        for (name, value) in variables {
            if let Some(key) = setting_of(&name) {
                settings.set(&key, &value)?;
            }
        }
        Ok(Self::new(role, settings))
    }

    /// Says what tells this volume from others.
    pub(super) fn born(&self, id: String) {
        // It is said once.
        let _ = self.born.set(id);
    }

    /// Says whether the volume was closed before it was opened.
    pub(super) fn was_closed(&self, closed: bool) {
        // It is said once.
        let _ = self.closed.set(closed);
    }

    /// Whether a setting is so now.
    pub(super) fn is(&self, setting: impl Fn(&Settings) -> bool) -> bool {
        setting(&self.settings.borrow())
    }

    /// Waits until a setting is so.
    pub(super) async fn until(&self, setting: impl Fn(&Settings) -> bool) {
        let mut settings = self.settings.subscribe();
        while !setting(&settings.borrow_and_update()) {
            // It changes as long as this holds its sender.
            drop(settings.changed().await);
        }
    }

    /// Waits until a pause is over, which may be changed meanwhile.
    pub(super) async fn pass(&self, pause: impl Fn(&Settings) -> Pause) {
        let begun = Instant::now();
        let mut settings = self.settings.subscribe();
        loop {
            let over = match pause(&settings.borrow_and_update()) {
                Pause::For(time) => Some(begun + time),
                Pause::Held => None,
            };
            let changed = settings.changed();
            match over {
                Some(over) => tokio::select! {
                    () = tokio::time::sleep_until(over) => return,
                    _ = changed => {}
                },
                // It changes as long as this holds its sender.
                None => drop(changed.await),
            }
        }
    }

    /// Waits until it is told to crash, and says with which exit code.
    pub(super) async fn crash(&self) -> u8 {
        self.pass(|settings| settings.start).await;
        let mut settings = self.settings.subscribe();
        loop {
            let crash = settings.borrow_and_update().crash;
            if let Some(code) = crash {
                return code;
            }
            drop(settings.changed().await);
        }
    }

    /// Answers tests.
    pub(super) async fn serve(&self) -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, self.role.control_port())).await?;
        let control = self.clone();
        http::serve(listener, move |request| std::future::ready(control.answer(&request))).await
    }

    fn answer(&self, request: &Request) -> Response {
        let refused = |status| http::response(status, "text/plain", "");
        match (request.method(), request.uri().path().strip_prefix(PATH)) {
            (&Method::GET, Some("")) => {
                let about = json!({"role": self.role.as_str(), "born": self.born.get(), "closed": self.closed.get()});
                http::json(StatusCode::OK, &about)
            }
            (&Method::PUT, Some(key)) => {
                let value = String::from_utf8_lossy(request.body());
                let mut told = Ok(());
                self.settings.send_modify(|settings| told = settings.set(key.trim_start_matches('/'), &value));
                match told {
                    Ok(()) => refused(StatusCode::NO_CONTENT),
                    Err(error) => http::response(StatusCode::BAD_REQUEST, "text/plain", error.to_string()),
                }
            }
            _ => refused(StatusCode::NOT_FOUND),
        }
    }
}

/// The variable of an image that holds a setting.
pub(crate) fn variable_of(key: &str) -> String {
    format!("STAND_IN_SETTING_{}", key.to_uppercase())
}

fn setting_of(variable: &str) -> Option<String> {
    variable.strip_prefix("STAND_IN_SETTING_").map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn control(settings: Settings) -> Control {
        Control::new(Role::Api, settings)
    }

    fn tell(control: &Control, key: &str, value: &str) -> StatusCode {
        let request = hyper::Request::put(format!("{PATH}/{key}")).body(value.to_owned().into());
        control.answer(&request.expect("a request")).status()
    }

    #[tokio::test]
    async fn a_held_pause_ends_when_it_is_told() {
        let control = control(Settings { indexing: Pause::Held, ..Settings::default() });
        let passed = control.pass(|settings| settings.indexing);
        tokio::pin!(passed);
        assert!(futures::poll!(&mut passed).is_pending());
        assert_eq!(tell(&control, "indexing", "soon"), StatusCode::BAD_REQUEST);
        assert_eq!(tell(&control, "joining", "0s"), StatusCode::NO_CONTENT);
        assert!(futures::poll!(&mut passed).is_pending());
        assert_eq!(tell(&control, "indexing", "0s"), StatusCode::NO_CONTENT);
        passed.await;
    }

    #[tokio::test]
    async fn a_crash_waits_for_the_start() {
        let held = Settings { start: Pause::Held, crash: Some(3), ..Settings::default() };
        let control = control(held);
        let crash = control.crash();
        tokio::pin!(crash);
        assert!(futures::poll!(&mut crash).is_pending());
        assert_eq!(tell(&control, "start", "0s"), StatusCode::NO_CONTENT);
        assert_eq!(crash.await, 3);
    }

    #[test]
    fn settings_come_from_the_environment() {
        let variable = |key: &str, value: &str| (variable_of(key), value.to_owned());
        let path = ("PATH".to_owned(), "/bin".to_owned());
        let given = [path, variable("indexing", "5s"), variable("crash", "7")];
        let control = Control::of_environment(Role::Api, given.into_iter()).expect("settings");
        let wanted = Settings { indexing: Pause::For(Duration::from_secs(5)), crash: Some(7), ..Settings::default() };
        assert_eq!(*control.settings.borrow(), wanted);
        assert!(Control::of_environment(Role::Api, [variable("crash", "now")].into_iter()).is_err());
    }
}
