//! Stand-ins for CHT's images: one program that plays each of them, in real pods on a real node.
//!
//! They do what a deploy can notice. They read the environment that the real images read, listen where those listen,
//! need what those need, and answer like them:
//!
//! - **CouchDB** wants a user's name and password, or the cookie that `POST /_session` gives, for everything. Node 1 of
//!   a cluster joins its peers one after the other in the background; the others wait for its `/` before they listen. The
//!   credentials of the first start stay on the volume, for a single node and node 1. So does what tells one volume
//!   from another, see [`Remote::born`], and whether it was given the time to stop, see [`Remote::was_closed`].
//! - **HAProxy** does not start when the name of a CouchDB node does not resolve, and answers 503 while no node does.
//! - The **API** does not listen while CouchDB is out of reach or refuses the password. Then it is "indexing": 503 to
//!   those who ask for JSON, a page with status 200 to everyone else. Then it is ready.
//! - **Sentinel** waits for CouchDB, then for the API, and then becomes Node.js and says `startup complete.`
//! - The **health check** says `up` while the CouchDB node that it is asked about answers. **Nouveau** and the **upgrade
//!   service** just answer.
//!
//! # Telling them what to do
//! What takes its time in life takes as long as a test says, and what goes wrong does so when a test says. There are
//! a few settings, some for one role only:
//!
//! | Setting | Value | What it does |
//! |---|---|---|
//! | `start` | a pause | passes before the service does anything |
//! | `joining` | a pause | passes before CouchDB's node 1 joins its next peer |
//! | `indexing` | a pause | passes before the API is ready, from when it listens |
//! | `stopping` | a pause | passes between the signal to end and the end |
//! | `deaf` | `true` or `false` | whether the service does not listen |
//! | `maintenance` | `true` or `false` | whether CouchDB says at `/_up` that it is not up |
//! | `crash` | an exit code | the service ends with it, or is about to after `start` |
//! | `missing` | `true` | there is no such image |
//!
//! A pause is `0s`, `300ms`, `5s` or `held`, which ends only when the setting is changed.
//!
//! **Before the start**, the image's tag says it: a version, then settings as `-ROLE.SETTING.VALUE`. With
//! `cht_image_tag: 5.3.0-api.indexing.held-couchdb.joining.held`, the API indexes and node 1 joins nobody until told to.
//! The Deployments' fields stay those of any other release.
//!
//! **Later**, [`Remote::set`] changes a setting of a running pod, through the API server's pod proxy, by a port of the
//! stand-in's own. It holds until the container ends. A crash told so is one crash.

mod api;
mod control;
mod couch;
mod couchdb;
mod curl;
mod environment;
mod haproxy;
mod healthcheck;
mod log;
mod nouveau;
mod play;
mod remote;
mod role;
mod sentinel;
mod settings;
mod tag;
mod upgrade_service;

pub(crate) use control::variable_of;
pub use curl::curl;
pub(crate) use play::VERSION_VARIABLE;
pub use play::{pause, play};
pub use remote::{Remote, RemoteError};
pub use role::Role;
pub(crate) use sentinel::NODE;
pub use settings::{InvalidSetting, Pause, Settings};
pub use tag::{InvalidTag, Tag};
