//! `unit-get`: the unit's addresses.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Value, go_quote};

const HELP: Help = Help {
    name: "unit-get",
    args: "<setting>",
    purpose: "Print the unit's private-address or public-address.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output();
    let args = flags.parse(context, call.args)?;
    let Some((setting, rest)) = args.split_first() else {
        return Err(Failure::usage("no setting specified"));
    };
    if !matches!(setting.as_str(), "private-address" | "public-address") {
        return Err(Failure::usage(format!(
            "unknown setting {}",
            go_quote(setting)
        )));
    }
    no_more(rest)?;
    let private = setting == "private-address";
    let address = if private {
        context.private_address()?
    } else {
        context.public_address()?
    };
    if address.is_empty() {
        let kind = if private { "private" } else { "public" };
        return Err(Failure::run(format!("{kind} address not found")));
    }
    call.print(&flags, &Value::String(address))
}
