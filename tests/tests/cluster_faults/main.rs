//! `cht deploy` on a real API server through a proxy that counts its requests and lets them go wrong.

mod requests;
mod site;
