//! `close-port`: no longer let traffic in; waits for the flush.

use super::open_port::{ARGS, parse};
use super::{Failure, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "close-port",
    args: ARGS,
    purpose: "Close a port or a range of ports.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let (range, endpoints) = parse(&HELP, context, call)?;
    endpoints
        .iter()
        .try_for_each(|endpoint| context.close_port(endpoint, range))
}
