//! `relation-list`: who is on the other side.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "relation-list",
    args: "",
    purpose: "List the units that have joined a relation.",
    details: "With --app, the remote application instead.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .output()
        .relation(context)?
        .bool(&["app"], "List remote application");
    let args = flags.parse(context, call.args)?;
    let id = flags.require_relation()?;
    no_more(&args)?;
    let value = if flags.is_set("app") {
        Value::String(
            context
                .remote_application(id)
                .unwrap_or_default()
                .to_owned(),
        )
    } else {
        Value::Strings(
            context
                .members(id)
                .into_iter()
                .map(ToString::to_string)
                .collect(),
        )
    };
    call.print(&flags, &value)
}
