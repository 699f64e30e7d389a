//! `k8s-raw-get`: the stored Kubernetes documents (3.6).

use super::k8s_spec_get::get;
use super::{Failure, Help, Invocation};
use crate::context::{HookContext, SpecKind};

const HELP: Help = Help {
    name: "k8s-raw-get",
    args: "",
    purpose: "Print the stored Kubernetes documents.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    get(&HELP, SpecKind::Raw, context, call)
}
