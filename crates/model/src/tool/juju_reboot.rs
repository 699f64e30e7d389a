//! `juju-reboot`: reboot the machine after the hook, or now.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, Reboot};

const HELP: Help = Help {
    name: "juju-reboot",
    args: "",
    purpose: "Reboot the unit's machine.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags =
        Flags::new(&HELP).bool(&["now"], "reboot immediately, killing the invoking process");
    no_more(&flags.parse(context, call.args)?)?;
    context.unrestricted()?;
    if context.run.action.is_some() {
        return Err(Failure::run(
            "juju-reboot is not supported when running an action.",
        ));
    }
    context.run.reboot = if flags.is_set("now") {
        Reboot::Now
    } else {
        context.run.reboot.max(Reboot::AfterHook)
    };
    call.result.kill = flags.is_set("now");
    Ok(())
}
