//! `action-get`: the running action's parameters.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;

const HELP: Help = Help {
    name: "action-get",
    args: "[<key>[.<key>.<key>...]]",
    purpose: "Print the action's parameters.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    let args = flags.parse(context, call.args)?;
    let (key, rest) = args
        .split_first()
        .map_or((None, &[][..]), |(key, rest)| (Some(key), rest));
    no_more(rest)?;
    let params = serde_json::Value::Object(context.action()?.params.clone());
    let found = match key {
        Some(key) => key
            .split('.')
            .try_fold(&params, |value, part| value.as_object()?.get(part)),
        None => Some(&params),
    };
    let value = found.map_or(Value::Nil, Value::from_json);
    call.print(&flags, &value)
}
