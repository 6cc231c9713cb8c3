//! What the player makes of the containers: a usual behaviour, and others for the containers that a test picks out.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Container;

/// What becomes of a container that was scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Gets ready this long after it was scheduled. In a pod that is not always restarted, a Job's, it ends well
    /// instead.
    Ready {
        /// The time from being scheduled until then.
        after: Duration,
    },
    /// Runs, and is never ready.
    NeverReady,
    /// Never starts: its image cannot be pulled.
    ImagePull {
        /// What the container runtime says about the image.
        message: String,
    },
    /// Starts and ends, again and again.
    CrashLoop {
        /// What it exits with.
        exit_code: i32,
        /// What it leaves as its termination message; may be empty.
        message: String,
    },
    /// Never starts: something that its configuration refers to is missing.
    ConfigError {
        /// What the kubelet says is missing.
        message: String,
    },
    /// Runs for a while, then ends.
    Exit {
        /// What it exits with.
        code: i32,
        /// The time it runs.
        after: Duration,
    },
}

/// What [`Player`](super::Player) plays.
///
/// ```
/// use std::time::Duration;
/// use cht_tests::player::{Behaviour, Script};
///
/// let script = Script::ready_after(Duration::ZERO)
///     .container("cht-api", Behaviour::CrashLoop { exit_code: 1, message: "no database".to_owned() })
///     .image("nowhere.example/", Behaviour::ImagePull { message: "no such host".to_owned() })
///     .provision("local-path");
/// # drop(script);
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    usual: Behaviour,
    exceptions: Vec<(Pick, Behaviour)>,
    pace: Duration,
    stop_after: Duration,
    classes: BTreeMap<String, Binding>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pick {
    Container(String),
    Image(String),
}

/// When the claims of a storage class get their volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// At once.
    Immediate,
    /// When the first pod that uses the claim has a node.
    WaitForFirstConsumer,
}

impl Script {
    /// Every container gets ready this long after it was scheduled, and those of Jobs end well.
    pub fn ready_after(delay: Duration) -> Self {
        Self {
            usual: Behaviour::Ready { after: delay },
            exceptions: Vec::new(),
            pace: Duration::from_millis(100),
            stop_after: Duration::ZERO,
            classes: BTreeMap::new(),
        }
    }

    /// Containers of this name behave like this. Of two exceptions that fit, the later holds.
    #[must_use]
    pub fn container(self, name: &str, behaviour: Behaviour) -> Self {
        self.except(Pick::Container(name.to_owned()), behaviour)
    }

    /// Containers whose image holds this text behave like this. Of two exceptions that fit, the later holds.
    #[must_use]
    pub fn image(self, part: &str, behaviour: Behaviour) -> Self {
        self.except(Pick::Image(part.to_owned()), behaviour)
    }

    /// The first step of what is repeated with growing pauses: restarts and attempts to pull. A kubelet's is 10 s, this
    /// one's 100 ms unless set.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Pods that are deleted take this long to end.
    #[must_use]
    pub fn stopping_after(mut self, delay: Duration) -> Self {
        self.stop_after = delay;
        self
    }

    /// Claims of this storage class get volumes at once; the class itself need not exist.
    #[must_use]
    pub fn provision(self, class: &str) -> Self {
        self.provision_when(class, Binding::Immediate)
    }

    /// Claims of this storage class get volumes; the class itself need not exist.
    #[must_use]
    pub fn provision_when(mut self, class: &str, binding: Binding) -> Self {
        self.classes.insert(class.to_owned(), binding);
        self
    }

    fn except(mut self, pick: Pick, behaviour: Behaviour) -> Self {
        self.exceptions.retain(|(other, _)| *other != pick);
        self.exceptions.push((pick, behaviour));
        self
    }

    pub(super) fn behaviour(&self, container: &Container) -> &Behaviour {
        let fits = |pick: &Pick| match pick {
            Pick::Container(name) => *name == container.name,
            Pick::Image(part) => container.image.as_deref().is_some_and(|image| image.contains(part)),
        };
        self.exceptions.iter().rev().find(|(pick, _)| fits(pick)).map_or(&self.usual, |(_, behaviour)| behaviour)
    }

    /// The pause before something is repeated once more.
    pub(super) fn pause(&self, repeated: u32) -> Duration {
        // Never none: a crash loop without pauses would be played without end in one go.
        self.pace.max(Duration::from_millis(1)) * 2_u32.pow(repeated.min(5))
    }

    pub(super) fn stop_delay(&self) -> Duration {
        self.stop_after
    }

    pub(super) fn binding(&self, class: &str) -> Option<Binding> {
        self.classes.get(class).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::Container;

    use super::{Behaviour, Script};

    fn container(name: &str, image: &str) -> Container {
        Container { name: name.to_owned(), image: Some(image.to_owned()), ..Container::default() }
    }

    #[test]
    fn the_later_exception_that_fits_holds() {
        let script = Script::ready_after(Duration::ZERO)
            .container("api", Behaviour::NeverReady)
            .image(":bad", Behaviour::ImagePull { message: "gone".to_owned() });
        assert_eq!(*script.behaviour(&container("api", "x:good")), Behaviour::NeverReady);
        assert!(matches!(script.behaviour(&container("api", "x:bad")), Behaviour::ImagePull { .. }));
        assert!(matches!(script.behaviour(&container("other", "x:good")), Behaviour::Ready { .. }));

        let back = script.container("api", Behaviour::Ready { after: Duration::ZERO });
        assert!(matches!(back.behaviour(&container("api", "x:bad")), Behaviour::Ready { .. }));
    }

    #[test]
    fn pauses_grow_and_are_never_none() {
        let script = Script::ready_after(Duration::ZERO).pace(Duration::ZERO);
        assert!(script.pause(0) > Duration::ZERO);
        let script = script.pace(Duration::from_millis(10));
        assert_eq!(script.pause(1), Duration::from_millis(20));
        assert_eq!(script.pause(99), Duration::from_millis(320));
    }
}
