//! Stopping and removing a cluster.

use cht_local::{LocalError, Owner, State, find_ours, remove, stop};

use crate::scripted::{Scripted, listed, says, version};

const LIST: &str = "k3d cluster list --output json";

#[tokio::test]
async fn what_runs_is_stopped_and_what_is_there_removed() {
    let there = listed(Some("development"), "running", "running", Some((80, 443)));
    let commands = Scripted::new([
        version(),
        (LIST, there),
        ("k3d cluster stop cht", says("")),
        ("k3d cluster delete cht", says("")),
    ]);
    let k3d = commands.k3d();
    let target = find_ours(&k3d, &"cht".parse().expect("a name")).await.expect("found").expect("there");
    assert_eq!((target.cluster().owner, &target.cluster().state), (Owner::Development, &State::Running));
    assert_eq!(stop(&k3d, &target).await, Ok(true));
    assert_eq!(remove(&k3d, &target).await, Ok(()));
    let _ = commands.asked();
}

#[tokio::test]
async fn what_is_stopped_is_not_stopped_again() {
    let commands = Scripted::new([version(), (LIST, listed(Some("values"), "exited", "exited", Some((80, 443))))]);
    let k3d = commands.k3d();
    let target = find_ours(&k3d, &"cht".parse().expect("a name")).await.expect("found").expect("there");
    assert_eq!(stop(&k3d, &target).await, Ok(false));
    let _ = commands.asked();
}

#[tokio::test]
async fn what_is_someone_elses_is_no_target() {
    let name = || "cht".parse().expect("a name");
    let commands = Scripted::new([version(), (LIST, listed(None, "running", "running", Some((80, 443))))]);
    assert_eq!(find_ours(&commands.k3d(), &name()).await, Err(LocalError::NameTaken { name: name() }));
    let commands = Scripted::new([version(), (LIST, says("[]"))]);
    assert_eq!(find_ours(&commands.k3d(), &name()).await, Ok(None));
}
