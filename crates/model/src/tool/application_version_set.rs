//! `application-version-set`: which version of the workload runs, at once.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "application-version-set",
    args: "<new-version>",
    purpose: "Say which version of the workload runs.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let Some((version, rest)) = args.split_first() else {
        return Err(Failure::usage("no version specified"));
    };
    no_more(rest)?;
    context.set_version(version)
}
