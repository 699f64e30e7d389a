//! `payload-unregister`: say that a payload is gone (3.6). One that was never registered is no mistake.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "payload-unregister",
    args: "<class> <id>",
    purpose: "Forget a payload.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let [_, _, rest @ ..] = &args[..] else {
        return Err(Failure::usage("missing required arguments"));
    };
    no_more(rest)?;
    context.unrestricted()?;
    context.connected()
}
