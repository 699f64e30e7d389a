//! `relation-model-get`: the model that hosts the application on the other side.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "relation-model-get",
    args: "",
    purpose: "Print the model of a relation's other side.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output().relation(context)?;
    let args = flags.parse(context, call.args)?;
    flags.require_relation()?;
    no_more(&args)?;
    context.connected()?;
    let uuid = Value::String(context.world.uuid.clone());
    call.print(&flags, &Value::Map(vec![("uuid".to_owned(), uuid)]))
}
