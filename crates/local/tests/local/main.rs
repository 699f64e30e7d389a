//! The local model as a person meets it: real processes, real machines.
//!
//! This program is its own `ensign`: machines and agents run it in their parts, as they run the command. So it
//! has a `main` of its own, and the tests are listed in it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of it is tests, though none is marked as one"
)]

mod agent;
mod bare;
mod controller;
mod host;
mod leadership;
mod network;
mod refusal;
mod rootless;
mod services;
mod transports;
mod trial;

use std::ffi::OsString;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// Names a test function after itself.
macro_rules! trials {
    ($($module:ident :: $name:ident),* $(,)?) => {
        vec![$(Trial::test(concat!(stringify!($module), "::", stringify!($name)), || {
            $module::$name();
            Ok::<(), Failed>(())
        })),*]
    };
}

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let argv0 = args.next().unwrap_or_default();
    let args: Vec<OsString> = args.collect();
    if let Some(code) = ensign_local::entry(&argv0, &args) {
        return code;
    }
    if let Some(code) = transports::part(&args)
        .or_else(|| network::part(&args))
        .or_else(|| trial::part(&args))
    {
        return code;
    }
    if let Some(sentence) = trial::refused() {
        // No machine can be had here: then the sentence has to say so, and what needs none has to work.
        println!("no machines here: {sentence}");
        let trials = trials![
            refusal::the_sentence_names_the_way_out,
            bare::without_machines_hooks_are_processes_of_the_host,
        ];
        return libtest_mimic::run(&Arguments::from_args(), trials).exit_code();
    }
    let trials = trials![
        leadership::three_units_agree_on_one_password,
        leadership::the_units_agree_again_after_their_leader_is_killed,
        leadership::a_cut_off_leader_is_replaced_and_follows_when_it_is_back,
        leadership::juju_4_has_no_leader_settings,
        leadership::a_model_that_moves_to_juju_4_loses_the_settings_tools,
        controller::a_hook_that_ran_when_the_controller_was_killed_counts_as_failed,
        controller::a_command_that_is_killed_takes_its_model_with_it,
        leadership::a_removed_unit_runs_stop_and_remove_and_its_machine_is_gone,
        leadership::a_lost_unit_is_gone_when_it_is_removed_by_force,
        agent::a_hook_sees_the_environment_that_juju_gives,
        agent::a_hook_killed_at_a_tool_call_is_run_again,
        agent::a_failing_hook_is_retried_until_it_works,
        agent::a_charm_without_the_hook_skips_it,
        agent::a_dispatch_that_cannot_be_executed_is_an_error,
        agent::without_dispatch_the_hooks_own_file_is_run,
        agent::a_script_without_an_interpreter_line_is_an_error,
        agent::files_named_to_tools_are_those_of_the_machine,
        agent::a_tool_reads_its_stdin_only_when_it_has_to,
        agent::tools_open_files_as_the_agent_not_as_their_caller,
        transports::the_agent_checks_calls_in_jujus_order,
        transports::all_transports_say_the_same_on_juju_3,
        transports::all_transports_say_the_same_on_juju_4,
        transports::without_its_socket_a_charm_uses_the_tools,
        agent::a_tool_outside_of_a_hook_says_what_is_missing,
        agent::a_tool_after_its_hook_finds_nobody,
        agent::an_upgrade_removes_the_old_charms_files_and_keeps_the_units,
        agent::an_action_gives_results_and_output,
        agent::commands_run_by_juju_exec_see_the_unit,
        agent::juju_exec_on_the_machine_runs_in_a_context,
        controller::what_a_killed_controller_leaves_boots_again_with_start,
        controller::nothing_outlives_a_killed_controller,
        controller::a_model_ends_with_the_command_that_started_it,
        controller::a_kept_model_can_be_joined_by_another_command,
        controller::time_jumps_only_while_nobody_runs_anything,
        controller::a_model_that_cannot_settle_says_why,
        controller::a_folder_that_is_no_charm_is_refused,
        controller::two_models_of_one_name_are_refused,
        host::nothing_is_written_outside_of_the_models_folder,
        host::a_machine_has_its_own_name_processes_and_system,
        host::where_models_lie_on_an_overlay_the_machines_live_in_memory,
        network::peers_reach_each_other_by_name_and_address_until_one_is_cut_off,
        network::network_tools_and_relations_tell_the_machines_own_addresses,
        network::names_come_and_go_with_machines,
        network::two_models_of_one_seed_have_networks_of_their_own,
        network::nothing_of_a_network_outlives_a_killed_controller,
        network::a_killed_units_machine_takes_its_network_along,
        network::operators_get_into_a_machine_without_an_address,
        network::without_machines_there_is_one_address_and_it_is_said,
        services::a_charms_own_unit_file_runs_and_starts_again_with_its_machine,
        services::a_scripts_daemon_runs_when_its_start_returns,
        services::a_daemon_of_a_package_starts_is_reached_and_ends_with_its_machine,
        rootless::an_ordinary_user_runs_machines_too,
        bare::without_machines_hooks_are_processes_of_the_host,
        refusal::without_the_right_to_make_machines_the_sentence_says_so,
        refusal::without_user_namespaces_the_sentence_says_so,
    ];
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    if trial::skeletons().exists() {
        std::fs::remove_dir_all(trial::skeletons()).unwrap();
    }
    conclusion.exit_code()
}
