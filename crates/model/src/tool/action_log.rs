//! `action-log`: a message of the running action, at once.

use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "action-log",
    args: "<message>",
    purpose: "Record a message of the action.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    if args.is_empty() {
        return Err(Failure::usage("no message specified"));
    }
    context.action_log(args.join(" "))
}
