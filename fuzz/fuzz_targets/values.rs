//! Any bytes as values: whatever they are, the invariants of the tests of `cht-model` hold.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../cht-model/tests/values/invariants.rs"]
mod invariants;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        invariants::hold(text);
    }
});
