//! The table of all cases, from which a test program makes its tests.

/// Makes a test of each case, in a module for each concern. `$run` is the path of a function that sets up a
/// [`World`](crate::conformance::World) and runs a case in it.
#[macro_export]
macro_rules! conformance_tests {
    ($run:path) => {
        $crate::conformance_tests!($run, applying:
            a_new_object_gets_its_identity
            exactly_the_applied_fields_are_ours
            applying_the_same_again_changes_nothing
            only_a_changed_specification_is_a_new_generation
            a_field_that_is_given_up_goes_away
            a_default_comes_back
            the_server_fills_in_defaults
            the_image_decides_when_it_is_pulled
            what_cannot_be_is_not_accepted
            a_services_selector_is_replaced
            the_answer_has_the_objects_key
        );
        $crate::conformance_tests!($run, claims:
            a_claim_gets_a_volume
            a_bound_claim_is_applied_again
            a_claim_waits_for_its_first_consumer
            a_claim_gets_the_volume_that_it_names
            a_retained_volume_outlives_its_claim
            a_claim_of_an_unknown_class_says_so
            a_claim_in_use_stays
            a_bound_claim_does_not_shrink_or_move
            a_claim_of_a_fixed_class_does_not_grow
        );
        $crate::conformance_tests!($run, creating:
            a_new_object_is_made
            what_is_there_is_not_made_again
            one_of_several_succeeds
            a_lease_is_made_and_renewed
            what_cannot_be_is_not_made
            nothing_is_made_in_a_namespace_that_is_not_there
        );
        $crate::conformance_tests!($run, deleting:
            an_object_is_deleted_once
            an_absent_object_is_not_deleted
            another_object_of_the_name_stays
            what_a_deployment_owns_goes_with_it
            what_a_job_owns_goes_with_it
            a_deleted_pod_is_replaced
            a_namespace_takes_everything_with_it
        );
        $crate::conformance_tests!($run, dry_run:
            a_dry_run_makes_nothing
            a_dry_run_changes_nothing
            a_dry_run_answers_as_the_apply_would
            a_dry_run_refuses_as_an_apply_does
        );
        $crate::conformance_tests!($run, immutable:
            a_deployments_selector
            a_jobs_template
            a_claims_class
            a_claim_does_not_shrink
            a_claims_volume
            a_volumes_source
            a_services_address
            a_secrets_type
            a_bindings_role
        );
        $crate::conformance_tests!($run, lists:
            variables_come_and_go_by_name
            a_variable_takes_its_value_from_elsewhere
            variables_of_others_stay
            ports_come_and_go_by_number
            a_containers_port_is_tcp_by_default
            a_services_port_is_tcp_or_refused
            a_command_is_replaced
            containers_come_and_go_by_name
        );
        $crate::conformance_tests!($run, logs:
            a_pod_that_is_not_there_has_no_log
            a_container_that_is_not_there_has_no_log
            what_is_not_there_has_no_lines
            what_nobody_measures_is_nothing
        );
        $crate::conformance_tests!($run, namespaces:
            a_missing_namespace_takes_nothing
            a_new_namespace_takes_objects
            a_namespace_on_its_way_out_takes_nothing
            names_are_a_namespaces_own
        );
        $crate::conformance_tests!($run, ownership:
            managers_that_agree_share
            managers_that_disagree_conflict
            a_conflict_names_the_item
            force_takes_over
            fields_of_others_stay
            an_edited_field_belongs_to_its_editor
            a_field_that_was_taken_out_comes_back
            an_object_of_another_tool_is_taken_on
        );
        $crate::conformance_tests!($run, reading:
            an_absent_object_is_nothing
            an_object_is_read_as_it_was_written
            every_kind_is_served
            a_list_has_what_was_asked_for
            volumes_are_listed_without_a_namespace
            a_listed_object_can_be_decoded
            the_server_is_known
            requests_are_counted
        );
        $crate::conformance_tests!($run, replacing:
            the_version_that_was_read_is_replaced
            an_object_of_a_list_is_replaced
            a_version_that_is_not_current_is_not_replaced
            what_is_not_there_is_not_replaced
            another_object_of_the_name_is_not_replaced
            what_cannot_be_is_not_accepted
            a_field_that_nobody_owns_is_taken_out
            what_was_replaced_is_owned_by_the_write
            nothing_is_replaced_in_a_namespace_that_is_not_there
        );
        $crate::conformance_tests!($run, reviews:
            an_administrator_may_do_everything
        );
        $crate::conformance_tests!($run, rollout:
            a_deployment_gets_its_pod
            a_status_is_no_new_generation
            a_changed_template_rolls_out
            a_changed_label_restarts_nothing
            recreate_never_has_two_pods
            a_rolling_update_overlaps
            a_job_completes
        );
        $crate::conformance_tests!($run, scheduling:
            a_pod_without_a_node_says_so
            a_pod_runs_on_the_node_that_it_names
        );
        $crate::conformance_tests!($run, services:
            a_service_that_is_not_there_has_no_endpoints
            a_service_without_pods_has_no_endpoints
            a_port_that_is_not_there_has_no_endpoints
            a_pod_that_runs_nothing_does_not_answer
        );
        $crate::conformance_tests!($run, watching:
            changes_come_in_order
            a_late_watch_catches_up
            every_event_is_a_place_to_go_on_from
            an_empty_list_is_a_place_to_go_on_from
            a_namespace_can_be_watched_before_it_is_there
            watches_do_not_disturb_each_other
            an_old_version_expires_or_goes_on
            a_list_and_its_watch_make_the_next_list
        );
    };
    ($run:path, $concern:ident: $($case:ident)+) => {
        mod $concern {
            $(
                #[tokio::test]
                async fn $case() {
                    $run($crate::conformance::$concern::$case).await;
                }
            )+
        }
    };
}
