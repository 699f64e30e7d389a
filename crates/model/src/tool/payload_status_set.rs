//! `payload-status-set`: say how a payload is (3.6).

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "payload-status-set",
    args: "<class> <id> <status>",
    purpose: "Set the status of a payload.",
    details: "The status is one of starting, running, stopping, stopped.",
};

const STATUSES: [&str; 4] = ["running", "starting", "stopped", "stopping"];

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let [_, _, status, rest @ ..] = &args[..] else {
        return Err(Failure::usage("missing required arguments"));
    };
    no_more(rest)?;
    if !STATUSES.contains(&status.as_str()) {
        return Err(Failure::run(format!(
            "status {} not supported; expected one of [\"{}\"]",
            go_quote(status),
            STATUSES.join("\", \"")
        )));
    }
    context.unrestricted()?;
    context.connected()
}
