//! `pod-spec-get`: the old name of `k8s-spec-get` (3.6).

use super::k8s_spec_get::get;
use super::{Failure, Help, Invocation};
use crate::context::{HookContext, SpecKind};

const HELP: Help = Help {
    name: "pod-spec-get",
    args: "",
    purpose: "Print the stored pod specification (deprecated).",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    get(&HELP, SpecKind::Pod, context, call)
}
