//! `relation-ids`: the relations of an endpoint.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, RESTRICTED, RunKind};
use crate::format::Value;

const HELP: Help = Help {
    name: "relation-ids",
    args: "<name>",
    purpose: "List the ids of an endpoint's relations.",
    details: "In a relation hook, the endpoint is that hook's by default.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    if context.run.kind == RunKind::Restricted {
        return Err(Failure::BadRequest(RESTRICTED.to_owned()));
    }
    let own = context
        .run
        .relation_hook()
        .map(|hook| hook.endpoint.clone());
    let mut flags = Flags::new(&HELP).output();
    if own.is_some() {
        flags = flags.usage("[<name>]");
    }
    let args = flags.parse(context, call.args)?;
    let endpoint = match args.split_first() {
        Some((name, rest)) => {
            no_more(rest)?;
            name.clone()
        }
        None => own.ok_or_else(|| Failure::usage("no endpoint name specified"))?,
    };
    let ids = context.relation_ids(&endpoint)?;
    call.print(&flags, &Value::Strings(ids))
}
