//! `secret-add`: make a secret, which waits for the flush; its id does not.

use super::{Failure, Help, Invocation, secret_values};
use crate::context::HookContext;
use crate::world::Owner;

const HELP: Help = Help {
    name: "secret-add",
    args: "[key[#base64|#file]=value...]",
    purpose: "Add a secret.",
    details: "Prints its id. The application owns it, which only the leader can arrange, or with --owner unit this unit.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = secret_values::flags(&HELP);
    let args = flags.parse(context, call.args)?;
    if args.is_empty() && flags.text("file").is_empty() {
        return Err(Failure::usage("missing secret value or filename"));
    }
    let mut values = secret_values::parse(context, call, &flags, &args)?;
    let owner = if flags.text("owner") == "unit" {
        Owner::Unit(context.unit.clone())
    } else {
        Owner::Application(context.unit.application().to_owned())
    };
    let content = values
        .content
        .take()
        .ok_or_else(|| Failure::run("empty secret value not valid"))?;
    let id = context.create_secret(owner, content, values)?;
    call.result
        .stdout
        .extend_from_slice(format!("secret:{id}\n").as_bytes());
    Ok(())
}
