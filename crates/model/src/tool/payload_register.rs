//! `payload-register`: say that a payload runs (3.6).

use super::{Failure, Flags, Help, Invocation, file};
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "payload-register",
    args: "<type> <class> <id> [tags...]",
    purpose: "Register a payload.",
    details: "Its class and type must stand in the charm's metadata.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let [kind, class, id, ..] = &args[..] else {
        return Err(Failure::usage("missing required arguments"));
    };
    // The charm's own, if the caller stands where hooks do.
    let metadata = call.read_path("metadata.yaml")?;
    let declared = file::entry(&metadata, &["payloads", class, "type"])?;
    let Some(declared) = declared else {
        return Err(Failure::run(format!(
            "payload {} not found in metadata.yaml",
            go_quote(class)
        )));
    };
    if declared != *kind {
        return Err(Failure::run(format!(
            "incorrect type {} for payload {}, expected {}",
            go_quote(kind),
            go_quote(class),
            go_quote(&declared)
        )));
    }
    context.unrestricted()?;
    if id.is_empty() {
        return Err(Failure::run("missing ID not valid"));
    }
    context.connected()
}
