//! `open-port`: let traffic in; waits for the flush.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::world::PortRange;

const HELP: Help = Help {
    name: "open-port",
    args: ARGS,
    purpose: "Open a port or a range of ports.",
    details: "",
};

pub(super) const ARGS: &str = "<port>[/<protocol>] or <from>-<to>[/<protocol>] or icmp";

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let (range, endpoints) = parse(&HELP, context, call)?;
    endpoints
        .iter()
        .try_for_each(|endpoint| context.open_port(endpoint, range))
}

/// The range and the endpoints it is for, of `open-port` and `close-port`; the empty name is all endpoints.
pub(super) fn parse(
    help: &'static Help,
    context: &HookContext<'_>,
    call: &mut Invocation<'_>,
) -> Result<(PortRange, Vec<String>), Failure> {
    let mut flags = Flags::new(help)
        .string(
            &["endpoints"],
            "",
            "a comma-delimited list of application endpoints to target with this operation",
        )
        .deprecated_format();
    let args = flags.parse(context, call.args)?;
    let Some((text, rest)) = args.split_first() else {
        return Err(Failure::usage("no port or range specified"));
    };
    let range = PortRange::parse(text).map_err(Failure::Usage)?;
    no_more(rest)?;
    call.note_deprecated_format(&flags, help.name);
    let mut endpoints: Vec<String> = flags
        .text("endpoints")
        .split(',')
        .map(|endpoint| endpoint.trim().to_owned())
        .collect();
    endpoints.sort();
    endpoints.dedup();
    Ok((range, endpoints))
}
