//! The manual pages are those of this program.

use std::collections::BTreeMap;
use std::path::Path;

use cht_tests::program::{Cht, workspace};

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), read(&path))).collect()
}

#[test]
fn they_are_as_the_program_writes_them() {
    let cht = Cht::new();
    std::fs::create_dir(cht.folder().join("man1")).expect("a folder");
    assert_eq!(cht.run("man --out man1").expect(0).stdout, "");
    let written = pages(&cht.folder().join("man1"));
    assert_eq!(cht.run("man").expect(0).stdout, written["cht.1"]);
    let kept = pages(&workspace().join("docs/man"));
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&written), "write them anew: cht man --out docs/man");
    for (name, page) in &written {
        assert!(kept[name] == *page, "{name} is another: write them anew: cht man --out docs/man");
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let ran = Cht::new().run("man --out nowhere").expect(2);
    assert!(ran.stderr.starts_with("error: nowhere cannot be written: "), "{ran}");
}
