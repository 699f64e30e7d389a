//! `juju-log`: write into the model's log.

use super::{Failure, Flags, Help, Invocation};
use crate::Level;
use crate::context::HookContext;
use crate::format::go_quote;

const HELP: Help = Help {
    name: "juju-log",
    args: "<message>",
    purpose: "Write a message to the log.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .bool(&["debug"], "log at debug level")
        .string(
            &["l", "log-level"],
            "INFO",
            "Send log message at the given level",
        )
        .deprecated_format();
    let args = flags.parse(context, call.args)?;
    if args.is_empty() {
        return Err(Failure::usage("no message specified"));
    }
    call.note_deprecated_format(&flags, HELP.name);
    let logger = format!("unit.{}.juju-log", context.unit);
    let wanted = flags.text("log-level");
    // A level in name only: nothing is ever written at it.
    if wanted.eq_ignore_ascii_case("unspecified") && !flags.is_set("debug") {
        return Ok(());
    }
    let level = match level(wanted) {
        _ if flags.is_set("debug") => Level::Debug,
        Some(level) => level,
        None => {
            let note = format!("Specified log level of {} is not valid", go_quote(wanted));
            context.log(Level::Warning, logger.clone(), note);
            Level::Info
        }
    };
    let message = args.join(" ");
    let message = match context.run.relation_hook() {
        Some(hook) => format!("{}:{}: {message}", hook.endpoint, hook.relation),
        None => message,
    };
    context.log(level, logger, message);
    Ok(())
}

fn level(name: &str) -> Option<Level> {
    Some(match name.to_uppercase().as_str() {
        "TRACE" => Level::Trace,
        "DEBUG" => Level::Debug,
        "" | "INFO" => Level::Info,
        "WARN" | "WARNING" => Level::Warning,
        "ERROR" => Level::Error,
        "CRITICAL" => Level::Critical,
        _ => return None,
    })
}
