//! `secret-grant`: let others read a secret; waits for the flush.

use super::invocation::no_more;
use super::secret_uri::SecretUri;
use super::{Failure, Flags, Help, Invocation};
use crate::UnitName;
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "secret-grant",
    args: "<ID>",
    purpose: "Let a related application read a secret.",
    details: "For as long as the relation lasts; with --unit only that unit.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags =
        Flags::new(&HELP)
            .relation(context)?
            .string(&["unit"], "", "the unit to grant access");
    let args = flags.parse(context, call.args)?;
    let (uri, rest) = args
        .split_first()
        .ok_or_else(|| Failure::usage("missing secret URI"))?;
    let uri = SecretUri::parse(uri)?;
    let relation = flags.require_relation()?;
    let name = flags.text("unit");
    let unit = match name {
        "" => None,
        name => Some(
            name.parse::<UnitName>()
                .map_err(|_| Failure::usage(format!("unit {} not valid", go_quote(name))))?,
        ),
    };
    let other = context.remote_application(relation).unwrap_or_default();
    if unit
        .as_ref()
        .is_some_and(|unit| unit.application() != other)
    {
        return Err(Failure::usage(format!(
            "cannot specify unit {} in relation to application {}",
            go_quote(name),
            go_quote(other)
        )));
    }
    no_more(rest)?;
    context.grant_secret(&uri.id, relation, unit.as_ref())
}
