//! `action-fail`: mark the running action as failed.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "action-fail",
    args: "[\"<failure message>\"]",
    purpose: "Mark the action as failed.",
    details: "What the action does goes on.",
};

const NO_REASON: &str = "action failed without reason given, check action for errors";

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let (message, rest) = args
        .split_first()
        .map_or((NO_REASON, &[][..]), |(message, rest)| {
            (message.as_str(), rest)
        });
    no_more(rest)?;
    context.action()?.failed = Some(message.to_owned());
    Ok(())
}
