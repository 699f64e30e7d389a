//! `k8s-spec-get`: the stored pod specification (3.6).

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, SpecKind};

const HELP: Help = Help {
    name: "k8s-spec-get",
    args: "",
    purpose: "Print the stored pod specification.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    get(&HELP, SpecKind::Pod, context, call)
}

/// Prints a stored spec as it is, for all tools that do.
pub(super) fn get(
    help: &'static Help,
    kind: SpecKind,
    context: &HookContext<'_>,
    call: &mut Invocation<'_>,
) -> Result<(), Failure> {
    no_more(&Flags::new(help).parse(context, call.args)?)?;
    let spec = context.spec(kind)?;
    call.result.stdout.extend_from_slice(spec.as_bytes());
    Ok(())
}
