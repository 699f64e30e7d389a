//! `k8s-raw-set`: say what is to run in Kubernetes' own documents; waits for the flush (3.6).

use super::invocation::no_more;
use super::k8s_spec_set::read;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, SpecKind};

const HELP: Help = Help {
    name: "k8s-raw-set",
    args: "--file <core spec file>",
    purpose: "Set the Kubernetes documents.",
    details: "They are for all units of the application. Takes effect when the hook has ended well.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).file_or_stdin("file containing k8s raw spec");
    no_more(&flags.parse(context, call.args)?)?;
    let spec = read(&flags, call, "k8s raw spec")?;
    context.set_spec(SpecKind::Raw, spec)
}
