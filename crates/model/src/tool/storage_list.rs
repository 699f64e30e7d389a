//! `storage-list`: the ids of the storage attached to the unit.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "storage-list",
    args: "[<storage-name>]",
    purpose: "List the storage attached to the unit.",
    details: "With a name, only the instances of that storage.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    let args = flags.parse(context, call.args)?;
    let name = args.first().map_or("", String::as_str);
    no_more(args.get(1..).unwrap_or_default())?;
    let ids = context.storage_ids(name)?;
    call.print(&flags, &Value::Strings(ids))
}
