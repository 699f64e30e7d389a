//! `state-get`: what the charm keeps on the controller.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Value, go_quote};

const HELP: Help = Help {
    name: "state-get",
    args: "[<key>]",
    purpose: "Print the charm's state.",
    details: "Without a key, or with \"-\", all of it.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output().bool(
        &["strict"],
        "Return an error if the requested key does not exist",
    );
    let args = flags.parse(context, call.args)?;
    let (key, rest) = args
        .split_first()
        .map_or(("", &[][..]), |(key, rest)| (key.as_str(), rest));
    no_more(rest)?;
    let state = context.state()?;
    let value = match key {
        "" | "-" if state.is_empty() => Value::NilMap,
        "" | "-" => Value::strings(state),
        key => match state.get(key) {
            Some(value) => Value::String(value.clone()),
            None if flags.is_set("strict") => {
                return Err(Failure::run(format!("{} not found", go_quote(key))));
            }
            None => Value::String(String::new()),
        },
    };
    call.print(&flags, &value)
}
