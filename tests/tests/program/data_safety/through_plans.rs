//! Each rule, through `cht diff` and a plan that was kept; and what is of a kind that holds data is never pruned.

use super::*;
use crate::support::deploy;

#[test]
fn a_plan_tells_it_and_does_not_get_around_it() {
    for each in BREAKS {
        let cht = each.deployed();
        let before = (data(&cht), version(&cht));
        let diff = cht.run(&format!("diff --sandbox -f values.yaml --out plan.json {}", each.after)).expect(5);
        assert!(diff.stdout.contains(&format!("[{}]", each.rule)), "{}: {diff}", each.rule);
        let ran = deploy(&cht, &format!("--plan plan.json {}", each.after)).expect(5);
        each.assert_named_in(&ran);
        assert!((data(&cht), version(&cht)) == before, "{}: {}", each.rule, each.after);
    }
}

#[test]
fn what_holds_data_is_protected_when_the_values_drop_it() {
    let cht = deployed(VALUES, THREE_NODES);
    let before = data(&cht);
    let two = format!("{TWO_NODES} --allow fewer-nodes");
    let diff = cht.run(&format!("diff --sandbox -o json -f values.yaml {TWO_NODES}")).expect(5).json();
    let protected = |diff: &Value| diff.to_string().contains("protected");
    assert!(protected(&diff), "{diff}");
    let _ = deploy(&cht, &two).expect(0);
    let _ = deploy(&cht, TWO_NODES).expect(5);
    let _ = deploy(&cht, &two).expect(0);
    assert_eq!(data(&cht), before, "also the claim, volume and credentials of the third node");
    assert!(!objects(&cht, "Deployment").iter().any(|one| one["metadata"]["name"] == "cht-couchdb-3"));
}
