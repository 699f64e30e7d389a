//! `opened-ports`: what is open, this run's own changes included.

use std::collections::BTreeMap;

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::Value;
use crate::world::PortRange;

const HELP: Help = Help {
    name: "opened-ports",
    args: "",
    purpose: "List the open ports.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output().bool(
        &["endpoints"],
        "display the list of target application endpoints",
    );
    no_more(&flags.parse(context, call.args)?)?;
    let mut ranges: BTreeMap<PortRange, Vec<String>> = BTreeMap::new();
    for (endpoint, open) in context.ports().0 {
        for range in open {
            ranges.entry(range).or_default().push(endpoint.clone());
        }
    }
    let lines = ranges.into_iter().map(|(range, endpoints)| {
        if !flags.is_set("endpoints") {
            range.to_string()
        } else if endpoints.iter().any(String::is_empty) {
            format!("{range} (*)")
        } else {
            format!("{range} ({})", endpoints.join(", "))
        }
    });
    let lines = lines.collect();
    call.print(&flags, &Value::Strings(lines))
}
