//! `secret-revoke`: let others no longer read a secret; waits for the flush.

use super::invocation::no_more;
use super::secret_uri::SecretUri;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::go_quote;
use crate::world::RevokeChange;
use crate::{UnitName, is_application_name};

const HELP: Help = Help {
    name: "secret-revoke",
    args: "<ID>",
    purpose: "Let an application or a unit no longer read a secret.",
    details: "With --relation, and in a relation hook, the application on its other side.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .relation(context)?
        .string(
            &["app", "application"],
            "",
            "the application to revoke access",
        )
        .string(&["unit"], "", "the unit to revoke access");
    let args = flags.parse(context, call.args)?;
    let (uri, rest) = args
        .split_first()
        .ok_or_else(|| Failure::usage("missing secret URI"))?;
    let uri = SecretUri::parse(uri)?;
    let given = |name: &str| Some(flags.text(name)).filter(|text| !text.is_empty());
    let (mut application, unit) = (given("app").map(str::to_owned), given("unit"));
    if let Some(name) = application
        .as_ref()
        .filter(|name| !is_application_name(name))
    {
        let text = format!("application {} not valid", go_quote(name));
        return Err(Failure::usage(text));
    }
    if let Some(name) = unit.filter(|name| !UnitName::is_valid(name)) {
        let text = format!("unit {} not valid", go_quote(name));
        return Err(Failure::usage(text));
    }
    if application.is_some() && unit.is_some() {
        return Err(Failure::usage("specify only one of application or unit"));
    }
    if let Some(relation) = flags.relation_id() {
        if application.is_some() {
            return Err(Failure::usage("do not specify both relation and app"));
        }
        application = context.remote_application(relation).map(str::to_owned);
    }
    if application.is_none() && unit.is_none() {
        return Err(Failure::usage("missing relation or application or unit"));
    }
    no_more(rest)?;
    let unit = unit.map(str::to_owned);
    context.revoke_secret(&uri.id, RevokeChange { application, unit })
}
