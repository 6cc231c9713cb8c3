//! `cht up` and `cht down`: on the sandbox, and with a k3d that is played.

mod down;
mod offer;
mod problems;
mod sandbox;
