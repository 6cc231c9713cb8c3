//! `cht down` with clusters whose contents nobody can look at, or that are not there.

use cht_tests::laptop::{K3D, Laptop};

use crate::support::snapshot;

#[test]
fn what_is_not_there_is_not_removed() {
    snapshot("down_absent", &Laptop::with(&[K3D]).run("down --yes").expect(0));
    snapshot("down_no_k3d", &Laptop::with(&[]).run("down --yes").expect(4));
}

#[test]
fn what_is_someone_elses_is_left_as_it_is() {
    let laptop = Laptop::with(&[K3D]);
    laptop.cluster("cht", None, "running", Some("running"));
    let refused = laptop.run("down --delete-data cht").expect(6);
    snapshot("down_name_taken", &refused);
    assert_eq!(laptop.run("down --keep-data").expect(6), refused);
    assert_eq!(laptop.calls(), Vec::<String>::new());
}

#[test]
fn a_cluster_is_stopped_with_its_data() {
    let laptop = Laptop::with(&[K3D]);
    laptop.cluster("cht", Some("development"), "running", Some("running"));
    snapshot("down_kept", &laptop.run("down --keep-data").expect(0));
    assert_eq!(laptop.calls(), ["cluster stop cht"]);
    snapshot("down_kept_again", &laptop.run("down --keep-data").expect(0));
    assert_eq!(laptop.calls(), Vec::<String>::new());

    // Nobody can see what it holds as long as it does not run.
    snapshot("down_stopped", &laptop.run("down --yes").expect(5));
    snapshot("down_stopped_json", &laptop.run("down -o json").expect(5));
    assert_eq!(laptop.calls(), Vec::<String>::new());
    snapshot("down_deleted", &laptop.run("down --delete-data cht").expect(0));
    assert_eq!(laptop.calls(), ["cluster delete cht"]);
}

/// It never ran, so there is nothing in it.
#[test]
fn what_was_never_finished_goes() {
    let laptop = Laptop::with(&[K3D]);
    laptop.cluster("mine", Some("values"), "created", None);
    snapshot("down_unfinished_kept", &laptop.run("down --name mine --keep-data").expect(4));
    let _ = laptop.run("down --name mine --yes").expect(0);
    assert_eq!(laptop.calls(), ["cluster delete mine"]);
}
