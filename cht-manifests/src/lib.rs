//! The Kubernetes objects of a Community Health Toolkit (CHT) instance, from its typed values.
//!
//! [`manifests`] is pure and infallible: the same [`Instance`](cht_model::Instance) gives the same objects, byte for
//! byte, grouped in the [`Stage`]s in which they are applied. To see what a release line consists of, start at
//! `release/v4.rs` and `release/v5.rs`.

mod api;
mod apply_set;
mod certificate;
mod checksum;
mod component;
mod container;
mod couchdb;
mod credentials;
mod directory;
mod dns;
mod gke;
pub mod graph;
mod haproxy;
mod healthcheck;
mod kind;
mod labels;
mod listing;
mod manifest;
mod manifests;
mod masked;
mod member;
mod namespace;
mod nouveau;
mod object;
mod platform;
mod production;
mod release;
mod sentinel;
mod servers;
mod service;
mod storage;
mod upgrade_service;
mod workload;

pub use apply_set::{apply_set_annotations, apply_set_labels};
pub use certificate::{
    AUTHORITY_SECRET, CERTIFICATE_SOURCE, certificate_secret, is_certificate_key, is_certificate_secret,
};
pub use checksum::{checksum_of, secret_mark};
pub use component::{Component, UnknownComponent};
pub use credentials::{CREDENTIALS_KEYS, couch_url_fault, credentials_secret};
pub use gke::{
    BackendConfig, BackendConfigSpec, CustomObject, FrontendConfig, FrontendConfigSpec, HealthCheck, RedirectToHttps,
};
pub use kind::{Kind, ObjectKey};
pub use manifest::{Manifest, Manifests, Needed, Stage};
pub use manifests::manifests;
pub use masked::{mask_key, masked_secret};
pub use object::Object;
