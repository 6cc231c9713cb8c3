//! Which lines are wanted.

use std::time::Duration;

use crate::ComponentName;

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TailOptions {
    /// Those of these components; without any, of all.
    pub components: Vec<ComponentName>,
    /// Those of containers of this name, with or without its `cht-`.
    pub container: Option<String>,
    /// Only those of each container's run before the current one, instead of both.
    pub previous: bool,
    /// Also those that are yet to come: such a stream has no end.
    pub follow: bool,
    /// Those that are not older.
    pub since: Option<Duration>,
    /// At most this many of each run that are there already, from the end.
    pub tail: Option<u32>,
}
