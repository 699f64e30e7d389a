//! `leader-set`: set leader settings, at once and for good (3.6).

use super::{Failure, Flags, Help, Invocation, pairs};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "leader-set",
    args: "<key>=<value> [...]",
    purpose: "Set leader settings.",
    details: "An empty value removes its key. Takes effect at once, also if the hook fails.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let values = pairs::parse(&args)?;
    context.merge_leader_settings(&values)
}
