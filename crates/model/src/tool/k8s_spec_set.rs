//! `k8s-spec-set`: say which pods are to run; waits for the flush (3.6).

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, SpecKind};

const HELP: Help = Help {
    name: "k8s-spec-set",
    args: ARGS,
    purpose: "Set the pod specification.",
    details: "It is for all units of the application. Takes effect when the hook has ended well.",
};

pub(super) const ARGS: &str = "--file <core spec file> [--k8s-resources <k8s spec file>]";

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    set(&HELP, context, call)
}

/// Sets a pod spec, for both names of the tool.
pub(super) fn set(
    help: &'static Help,
    context: &mut HookContext<'_>,
    call: &mut Invocation<'_>,
) -> Result<(), Failure> {
    let mut flags = Flags::new(help)
        .file_or_stdin("file containing pod spec")
        .path(
            &["k8s-resources"],
            "file containing k8s specific resources not yet modelled by Juju",
        );
    no_more(&flags.parse(context, call.args)?)?;
    let mut spec = read(&flags, call, "k8s spec")?;
    match flags.text("k8s-resources") {
        "" => {}
        path => spec.push_str(&String::from_utf8_lossy(&call.read_path(path)?)),
    }
    context.set_spec(SpecKind::Pod, spec)
}

/// The spec that `--file` names, by default stdin.
pub(super) fn read(
    flags: &Flags,
    call: &mut Invocation<'_>,
    what: &str,
) -> Result<String, Failure> {
    let content = match flags.text("file") {
        "" => return Err(Failure::run("path not set")),
        name => call.read_file(name)?,
    };
    if content.is_empty() {
        return Err(Failure::run(format!(
            "no {what} specified: pipe {what} to command, or specify a file with --file"
        )));
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}
