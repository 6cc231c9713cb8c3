//! Where the `cht` program is that whole-program tests run.

use std::path::{Path, PathBuf};

/// The path of the `cht` program of this build.
///
/// Cargo names a package's own programs to its tests, but not another package's. So `tests/run` builds
/// `cargo build -p cht-cli --bin cht` first, and this finds it in the target folder that the running test lies in.
///
/// # Panics
/// When it is not there.
pub fn cht() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/<profile>/deps/<test>, for tests; target/<profile>/examples/<example>, for benchmarks.
    let built =
        test.ancestors().nth(2).unwrap_or(Path::new("/")).join("cht").with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        built.is_file(),
        "{} is not there: run `cargo build -p cht-cli --bin cht` first, or the tests through `tests/run`",
        built.display()
    );
    built
}
