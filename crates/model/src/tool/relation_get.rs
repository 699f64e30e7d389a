//! `relation-get`: relation data, of a unit or an application.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::format::{Value, go_quote};
use crate::{UnitName, is_application_name};

const HELP: Help = Help {
    name: "relation-get",
    args: "<key> <unit id>",
    purpose: "Print relation data.",
    details: "Without a key, or with \"-\", all of it. With --app, that of the application.",
};

/// Whose data is asked for.
enum Target {
    Unit(String),
    Application(String),
}

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).output().relation(context)?.bool(
        &["app"],
        "Get the relation data for the overall application",
    );
    let hook = context.run.relation_hook();
    if hook.is_some_and(|hook| hook.remote_unit.is_some()) {
        flags = flags.usage("[<key> [<unit id>]]");
    }
    let mut args = flags.parse(context, call.args)?.into_iter();
    let id = flags.require_relation()?;
    let key = args.next().filter(|key| key != "-").unwrap_or_default();
    let app = flags.is_set("app");
    let target = match args.next() {
        Some(name) if app => Target::Application(name),
        Some(name) if UnitName::is_valid(&name) => Target::Unit(name),
        Some(name) if is_application_name(&name) => {
            return Err(Failure::usage(format!(
                "expected unit name, got application name {}",
                go_quote(&name)
            )));
        }
        Some(name) => {
            return Err(Failure::usage(format!(
                "invalid unit name {}",
                go_quote(&name)
            )));
        }
        None => {
            let remote = hook
                .and_then(|hook| hook.remote_unit.as_ref())
                .filter(|_| !app);
            let application = hook
                .map(|hook| hook.remote_app.as_str())
                .filter(|name| !name.is_empty());
            match (remote, application) {
                (Some(unit), _) => Target::Unit(unit.to_string()),
                (None, Some(application)) => Target::Application(application.to_owned()),
                (None, None) => return Err(Failure::usage("no unit or application specified")),
            }
        }
    };
    no_more(args.as_slice())?;
    let values = match target {
        Target::Unit(unit) => context.unit_bag(id, &unit)?,
        Target::Application(name) => {
            let application = match name.split_once('/') {
                Some((application, _)) if UnitName::is_valid(&name) => application,
                None if is_application_name(&name) => &name,
                // Juju forgets the name it was given.
                _ => return Err(Failure::run("\"\" is not a valid unit or application")),
            };
            context.application_bag(id, application)?
        }
    };
    let value = if key.is_empty() {
        Value::strings(&values)
    } else {
        Value::optional(values.get(&key))
    };
    call.print(&flags, &value)
}
