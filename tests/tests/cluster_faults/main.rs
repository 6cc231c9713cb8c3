//! `cht deploy` on a real API server through a proxy that counts its requests, lets them go wrong, and kills it at them.

mod canary;
mod crash;
mod objects;
mod paused;
mod race;
mod records;
mod requests;
mod scene;
mod site;
mod table;
