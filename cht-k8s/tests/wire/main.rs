//! What goes over the wire to an API server, one recorded scenario for each test. A request that is missing fails, too.

mod logs;
mod requests;
mod scenario;
mod services;
mod watches;
