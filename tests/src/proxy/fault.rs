//! What can be made of a request.

use std::time::Duration;

use super::gate::Gate;
use super::victim::Victim;

/// Whether something happens before the API server gets the request, or when it has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum When {
    /// The API server never gets the request, unless the fault lets it go on.
    #[default]
    Before,
    /// The API server has done what it was asked, and its answer is withheld, unless the fault lets it go on.
    After,
}

/// What is made of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Another answer than the API server's.
    Answer {
        /// The status.
        status: u16,
        /// The header `Retry-After`, in seconds.
        retry_after: Option<u32>,
        /// Whether the message repeats the request's body.
        echo: bool,
    },
    /// The connection is reset.
    Reset,
    /// The answer's head and half of its body, and then the connection ends. Of a watch: half of its first event.
    Half,
    /// A watch ends with the error event 410.
    Expired,
    /// Each event of a watch comes twice.
    Duplicate,
    /// Each event of a watch comes later by this.
    Delay(Duration),
    /// The request is forwarded later by this.
    Latency(Duration),
    /// The program is killed, and its request is not answered.
    Kill(Victim),
    /// The request, or its answer, is held back until the gate is opened.
    Hold(Gate),
}

impl Fault {
    /// The API server's own way of answering a status.
    pub fn answer(status: u16) -> Self {
        Self::Answer { status, retry_after: None, echo: false }
    }

    /// Too many requests: the status 429, with the time after which to come again.
    pub fn busy(retry_after: u32) -> Self {
        Self::Answer { status: 429, retry_after: Some(retry_after), echo: false }
    }

    /// A status whose message repeats what was sent, as those of servers and webhooks may.
    pub fn echo(status: u16) -> Self {
        Self::Answer { status, retry_after: None, echo: true }
    }
}
