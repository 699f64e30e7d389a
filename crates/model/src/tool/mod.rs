//! The hook tools, one file each: arguments in, exit code and bytes out, as Juju's agent does it.

mod action_fail;
mod action_get;
mod action_log;
mod action_set;
mod add_metric;
mod application_version_set;
mod close_port;
mod config_get;
mod credential_get;
mod failure;
mod file;
mod flags;
mod goal_state;
mod invocation;
mod is_leader;
mod juju_log;
mod juju_reboot;
mod k8s_raw_get;
mod k8s_raw_set;
mod k8s_spec_get;
mod k8s_spec_set;
mod leader_get;
mod leader_set;
mod network_get;
mod open_port;
mod opened_ports;
mod pairs;
mod payload_register;
mod payload_status_set;
mod payload_unregister;
mod pod_spec_get;
mod pod_spec_set;
mod relation_get;
mod relation_ids;
mod relation_list;
mod relation_model_get;
mod relation_set;
mod resource_get;
mod secret_add;
mod secret_data;
mod secret_expiry;
mod secret_get;
mod secret_grant;
mod secret_ids;
mod secret_info_get;
mod secret_remove;
mod secret_revoke;
mod secret_set;
mod secret_uri;
mod secret_values;
mod state_delete;
mod state_get;
mod state_set;
mod status_get;
mod status_set;
mod storage_add;
mod storage_get;
mod storage_list;
mod unit_get;

pub(crate) use failure::Failure;
pub(crate) use secret_data::encode as encode_secret;

use crate::context::HookContext;
use crate::{AgentFiles, Answer, Call, Profile, ToolResult};
use flags::{Flags, Help};
use invocation::Invocation;

type Body = fn(&mut HookContext<'_>, &mut Invocation<'_>) -> Result<(), Failure>;

/// Every tool of every version.
const TOOLS: &[(&str, Body)] = &[
    ("action-fail", action_fail::run),
    ("action-get", action_get::run),
    ("action-log", action_log::run),
    ("action-set", action_set::run),
    ("add-metric", add_metric::run),
    ("application-version-set", application_version_set::run),
    ("close-port", close_port::run),
    ("config-get", config_get::run),
    ("credential-get", credential_get::run),
    ("goal-state", goal_state::run),
    ("is-leader", is_leader::run),
    ("juju-log", juju_log::run),
    ("juju-reboot", juju_reboot::run),
    ("k8s-raw-get", k8s_raw_get::run),
    ("k8s-raw-set", k8s_raw_set::run),
    ("k8s-spec-get", k8s_spec_get::run),
    ("k8s-spec-set", k8s_spec_set::run),
    ("leader-get", leader_get::run),
    ("leader-set", leader_set::run),
    ("network-get", network_get::run),
    ("open-port", open_port::run),
    ("opened-ports", opened_ports::run),
    ("payload-register", payload_register::run),
    ("payload-status-set", payload_status_set::run),
    ("payload-unregister", payload_unregister::run),
    ("pod-spec-get", pod_spec_get::run),
    ("pod-spec-set", pod_spec_set::run),
    ("relation-get", relation_get::run),
    ("relation-ids", relation_ids::run),
    ("relation-list", relation_list::run),
    ("relation-model-get", relation_model_get::run),
    ("relation-set", relation_set::run),
    ("resource-get", resource_get::run),
    ("secret-add", secret_add::run),
    ("secret-get", secret_get::run),
    ("secret-grant", secret_grant::run),
    ("secret-ids", secret_ids::run),
    ("secret-info-get", secret_info_get::run),
    ("secret-remove", secret_remove::run),
    ("secret-revoke", secret_revoke::run),
    ("secret-set", secret_set::run),
    ("state-delete", state_delete::run),
    ("state-get", state_get::run),
    ("state-set", state_set::run),
    ("status-get", status_get::run),
    ("status-set", status_set::run),
    ("storage-add", storage_add::run),
    ("storage-get", storage_get::run),
    ("storage-list", storage_list::run),
    ("unit-get", unit_get::run),
];

/// The hook tools a Juju version has, in alphabetical order: what to put on a hook's `PATH`.
#[must_use]
pub fn tools(profile: Profile) -> Vec<&'static str> {
    let lacks = profile.differences().lacks;
    let mut names: Vec<_> = TOOLS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !lacks.contains(name))
        .collect();
    names.sort_unstable();
    names
}

/// Answers a call.
pub(crate) fn answer(
    context: &mut HookContext<'_>,
    call: &Call<'_>,
    files: &mut dyn AgentFiles,
) -> Answer {
    let Some((name, args)) = call.argv.split_first() else {
        return Answer::Refused("bad request: command not specified".to_owned());
    };
    if !call.cwd.starts_with('/') {
        return Answer::Refused("bad request: Dir is not absolute".to_owned());
    }
    let lacks = context.agent.profile.differences().lacks;
    let known = |tool: &str| !lacks.contains(&tool);
    let body = TOOLS
        .iter()
        .find(|(tool, _)| tool == name && known(tool))
        .map(|(_, body)| body);
    let Some(body) = body else {
        return Answer::Refused(format!("bad request: unknown command: {name}"));
    };
    let mut invocation = Invocation {
        args,
        stdin: call.stdin,
        cwd: call.cwd,
        files,
        result: ToolResult::default(),
    };
    let outcome = body(context, &mut invocation);
    let mut result = invocation.result;
    match outcome {
        Ok(()) => {}
        Err(Failure::Stdin) => return Answer::NeedsStdin,
        Err(Failure::BadRequest(text)) => return Answer::Refused(format!("bad request: {text}")),
        Err(Failure::Help(text)) => result.stdout = text.into_bytes(),
        Err(Failure::Usage(text)) => fail(&mut result, 2, &text),
        Err(Failure::Run(text)) => fail(&mut result, 1, &text),
    }
    context.run.tools.push(name.clone());
    Answer::Done(result)
}

fn fail(result: &mut ToolResult, code: i32, text: &str) {
    result.code = code;
    result
        .stderr
        .extend_from_slice(format!("ERROR {text}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_listed_once_and_version_four_has_no_leader_settings() {
        let all = tools(Profile::V3_6);
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (50, 50));
        assert!(all.contains(&"leader-set"));
        assert!(!tools(Profile::V4_0).contains(&"leader-set"));
        assert!(tools(Profile::V4_0).contains(&"relation-model-get"));
        assert!(!tools(Profile::V4_0Beta5).contains(&"relation-model-get"));
    }
}
