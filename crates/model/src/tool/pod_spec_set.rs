//! `pod-spec-set`: the old name of `k8s-spec-set` (3.6).

use super::k8s_spec_set::{ARGS, set};
use super::{Failure, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "pod-spec-set",
    args: ARGS,
    purpose: "Set the pod specification (deprecated).",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    set(&HELP, context, call)
}
