//! What programs are given: the size's numbers, and what the values say of each.

use cht_model::{Program, Resources, Size, Sizing};

use crate::fixture::{K3S, K3S_V4, instance};

fn of(more: &str, program: Program) -> Resources {
    instance(K3S, more).sizing().program(program).clone()
}

fn shown(resources: &Resources) -> [String; 4] {
    let limit = resources.cpu_limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    let Resources { cpu_request, memory_request, memory_limit, .. } = resources;
    [cpu_request.to_string(), limit, memory_request.to_string(), memory_limit.to_string()]
}

#[test]
fn without_a_word_an_instance_is_small() {
    for base in [K3S, K3S_V4] {
        assert_eq!(*instance(base, "").sizing(), Sizing::of(Size::Small));
        assert_eq!(*instance(base, "size: large").sizing(), Sizing::of(Size::Large));
    }
}

#[test]
fn what_is_said_of_one_program_changes_no_other() {
    let sizing = instance(K3S, "size: medium\ncouchdb: {resources: {requests: {cpu: 3}, limits: {memory: 64Gi}}}");
    for program in Program::ALL {
        let (is, was) = (sizing.sizing().program(program), Sizing::of(Size::Medium).program(program).clone());
        if program == Program::CouchDb {
            assert_eq!(shown(is), ["3", "none", "4Gi", "64Gi"]);
        } else {
            assert_eq!(*is, was, "{program:?}");
        }
    }
}

#[test]
fn what_is_not_said_follows_what_is() {
    let of = |more: &str| shown(&of(&format!("api: {{resources: {{{more}}}}}"), Program::Api));
    assert_eq!(of("requests: {memory: 6Gi}"), ["100m", "none", "6Gi", "6Gi"]);
    assert_eq!(of("limits: {memory: 256Mi}"), ["100m", "none", "256Mi", "256Mi"]);
    assert_eq!(of("limits: {memory: 1Gi}"), ["100m", "none", "512Mi", "1Gi"]);
    assert_eq!(of("limits: {cpu: 50m}"), ["50m", "50m", "512Mi", "4Gi"]);
    assert_eq!(of("limits: {cpu: 0.5}"), ["100m", "500m", "512Mi", "4Gi"]);
    assert_eq!(of("requests: {cpu: 2}"), ["2", "none", "512Mi", "4Gi"]);
    assert_eq!(
        of("requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1000m, memory: 1024Mi}"),
        ["1", "1", "1Gi", "1024Mi"]
    );
}
