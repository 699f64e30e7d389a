//! `state-delete`: drop a value kept on the controller; waits for the flush.

use std::sync::Arc;

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "state-delete",
    args: "<key>",
    purpose: "Delete a value of the charm's state.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let args = Flags::new(&HELP).parse(context, call.args)?;
    let (key, rest) = args
        .split_first()
        .map_or(("", &[][..]), |(key, rest)| (key.as_str(), rest));
    no_more(rest)?;
    if key.is_empty() {
        return Ok(());
    }
    let state = context.state()?;
    if state.contains_key(key) {
        Arc::make_mut(state).remove(key);
        context.run.state_changed = true;
    }
    Ok(())
}
