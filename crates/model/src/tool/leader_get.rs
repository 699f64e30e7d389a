//! `leader-get`: what the leader has set (3.6).

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Value, go_quote};

const HELP: Help = Help {
    name: "leader-get",
    args: "[<key>]",
    purpose: "Print the leader's settings.",
    details: "Without a key, or with \"-\", all of them.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    let args = flags.parse(context, call.args)?;
    let (key, rest) = args
        .split_first()
        .map_or(("", &[][..]), |(key, rest)| (key.as_str(), rest));
    if key.contains('=') {
        return Err(Failure::usage(format!("invalid key {}", go_quote(key))));
    }
    no_more(rest)?;
    let settings = context.leader_settings()?;
    let value = match key {
        "" | "-" => Value::strings(&settings),
        key => Value::optional(settings.get(key)),
    };
    call.print(&flags, &value)
}
