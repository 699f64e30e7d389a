//! `relation-set`: write relation data, which waits for the flush.

use super::{Failure, Flags, Help, Invocation, file, pairs};
use crate::context::HookContext;

const HELP: Help = Help {
    name: "relation-set",
    args: "key=value [key=value ...]",
    purpose: "Set relation data.",
    details: "An empty value removes its key. Takes effect when the hook has ended well.",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .relation(context)?
        .bool(
            &["app"],
            "pick whether you are setting \"application\" settings or \"unit\" settings",
        )
        .file("file containing key-value pairs")
        .deprecated_format();
    let args = flags.parse(context, call.args)?;
    let id = flags.require_relation()?;
    let given = pairs::parse(&args)?;
    call.note_deprecated_format(&flags, HELP.name);
    let mut values = match flags.text("file") {
        "" => std::collections::BTreeMap::new(),
        name => file::parse(&call.read_file(name)?)?,
    };
    values.extend(given);
    let bag = if flags.is_set("app") {
        let leads = context.is_leader().map_err(|cause| {
            Failure::run(format!("cannot determine leadership status: {cause}"))
        })?;
        if !leads {
            return Err(Failure::run("cannot write relation settings"));
        }
        context
            .own_application_bag(id)
            .map_err(|failure| prefixed("cannot read relation application settings", &failure))?
    } else {
        context
            .own_bag(id)
            .map_err(|failure| prefixed("cannot read relation settings", &failure))?
    };
    bag.write(&values);
    Ok(())
}

fn prefixed(what: &str, failure: &Failure) -> Failure {
    Failure::run(format!("{what}: {}", failure.text()))
}
