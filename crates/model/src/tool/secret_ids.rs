//! `secret-ids`: the secrets this unit manages.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Format, Value};

const HELP: Help = Help {
    name: "secret-ids",
    args: "",
    purpose: "Print the ids of this unit's secrets, and on the leader of its application's.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    no_more(&flags.parse(context, call.args)?)?;
    let ids: Vec<String> = context.secret_metadata()?.into_keys().collect();
    // Without any it is a Go nil.
    let value = if ids.is_empty() && flags.format() == Format::Json {
        Value::Nil
    } else {
        Value::Strings(ids)
    };
    call.print(&flags, &value)
}
