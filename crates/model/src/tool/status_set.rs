//! `status-set`: say how the workload is, at once.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "status-set",
    args: "<maintenance | blocked | waiting | active> [message]",
    purpose: "Set the status of the unit, or with --application of the application.",
    details: "",
};

const STATUSES: [&str; 4] = ["maintenance", "blocked", "waiting", "active"];

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).bool(
        &["application"],
        "set this status for the application to which the unit belongs",
    );
    let args = flags.parse(context, call.args)?;
    let Some((status, rest)) = args.split_first() else {
        return Err(Failure::usage("invalid args, require <status> [message]"));
    };
    if !STATUSES.contains(&status.as_str()) {
        let text = format!(
            "invalid status {}, expected one of [{}]",
            go_quote(status),
            STATUSES.join(" ")
        );
        return Err(Failure::usage(text));
    }
    let (message, rest) = rest
        .split_first()
        .map_or(("", rest), |(message, rest)| (message.as_str(), rest));
    no_more(rest)?;
    if flags.is_set("application") {
        context.set_application_status(status, message)
    } else {
        context.set_status(status, message)
    }
}
