//! Tests of certificates, with pairs that are made here.

mod deciding;
mod fetching;
mod made;
mod messages;
mod others;
mod reading;
mod scene;
