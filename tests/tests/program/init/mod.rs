//! `cht init`: what it writes works as it is, and what it refuses it says.

mod combinations;
mod files;
mod refusals;
mod secrets;
