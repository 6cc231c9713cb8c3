//! `${env:…}` and `${file:…}`: what they stand for, and where a relative path starts.

use cht_tests::program::Cht;

use crate::support::VALUES;

const RELATIVE: &str = "upstream_servers:\n  docker_registry: ${file:registry}\n";

/// Whether a command takes images from this registry.
fn takes_images_from(cht: &Cht, arguments: &str, registry: &str) -> bool {
    let rendered = cht.run(&format!("render {arguments}")).expect(0);
    rendered.stdout.contains(&format!("image: {registry}/cht-api:"))
}

#[test]
fn relative_paths_start_at_the_folder_of_their_own_file() {
    let cht = Cht::new();
    std::fs::create_dir(cht.folder().join("county")).expect("a folder");
    cht.write("registry", "here.example.org\n");
    cht.write("county/registry", "county.example.org\n");
    cht.write("county/values.yaml", VALUES);
    cht.write("county/more.yaml", RELATIVE);
    cht.write("values.yaml", VALUES);
    cht.write("more.yaml", RELATIVE);
    assert!(takes_images_from(&cht, "-f county/values.yaml -f county/more.yaml", "county.example.org"));
    assert!(takes_images_from(&cht, "-f values.yaml -f more.yaml", "here.example.org"));
    // Each by its own file, however they are laid over each other.
    assert!(takes_images_from(&cht, "-f more.yaml -f county/values.yaml", "here.example.org"));
    assert!(takes_images_from(&cht, "-f values.yaml -f county/more.yaml", "county.example.org"));
    // With --set, it is the folder of the command.
    let set = "--set upstream_servers.docker_registry=${file:registry}";
    assert!(takes_images_from(&cht, &format!("-f county/values.yaml {set}"), "here.example.org"));
    let absolute =
        format!("--set upstream_servers.docker_registry=${{file:{}}}", cht.folder().join("registry").display());
    assert!(takes_images_from(&cht, &format!("-f county/values.yaml {absolute}"), "here.example.org"));
}

#[test]
fn what_cannot_be_read_is_said() {
    let cht = Cht::new();
    cht.write("bytes", b"\xff");
    for (path, why) in [
        ("none", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("bytes", "is not UTF-8 text"),
        ("/dev/zero", "has more than 1048576 bytes"),
    ] {
        cht.write("values.yaml", format!("{VALUES}  password: ${{file:{path}}}\n"));
        let ran = cht.run("validate -f values.yaml").expect(2);
        assert!(ran.stderr.contains(&format!("couchdb.password refers to the file {path}, which {why}")), "{ran}");
    }
}
