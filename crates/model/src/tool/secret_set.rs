//! `secret-set`: change a secret; waits for the flush.

use super::secret_uri::SecretUri;
use super::{Failure, Help, Invocation, secret_values};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "secret-set",
    args: "<ID> [key[#base64]=value...]",
    purpose: "Change a secret.",
    details: "Values, if there are any, are a new revision; they replace all of the old ones.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = secret_values::flags(&HELP);
    let args = flags.parse(context, call.args)?;
    let (uri, args) = args
        .split_first()
        .ok_or_else(|| Failure::usage("missing secret URI"))?;
    let uri = SecretUri::parse(uri)?;
    let update = secret_values::parse(context, call, &flags, args)?;
    context.update_secret(&uri.id, update)
}
