//! What each release line consists of. Read these files first.

pub(crate) mod v4;
pub(crate) mod v5;
