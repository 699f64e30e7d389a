//! `secret-remove`: remove a secret or one revision of it; waits for the flush.

use super::invocation::no_more;
use super::secret_uri::SecretUri;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "secret-remove",
    args: "<ID>",
    purpose: "Remove a secret.",
    details: "With --revision only that one. A secret goes with its last revision.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).int(&["revision"], "remove only this revision");
    let args = flags.parse(context, call.args)?;
    let (uri, rest) = args
        .split_first()
        .ok_or_else(|| Failure::usage("missing secret URI"))?;
    let uri = SecretUri::parse(uri)?;
    no_more(rest)?;
    let revision = u32::try_from(flags.number("revision")).ok();
    context.remove_secret(&uri.id, revision.filter(|number| *number > 0))
}
