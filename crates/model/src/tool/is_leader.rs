//! `is-leader`: whether this unit leads, with a promise of 30 seconds.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "is-leader",
    args: "",
    purpose: "Print whether this unit leads its application.",
    details: "\"True\" holds for at least 30 seconds. Both answers exit with 0.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    no_more(&flags.parse(context, call.args)?)?;
    let leads = context
        .is_leader()
        .map_err(|cause| Failure::run(format!("leadership status unknown: {cause}")))?;
    call.print(&flags, &Value::Bool(leads))
}
