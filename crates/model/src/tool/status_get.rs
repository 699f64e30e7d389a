//! `status-get`: how the workload is.

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::{HookContext, RunKind};
use crate::format::{Format, Value};
use crate::world::Status;

const HELP: Help = Help {
    name: "status-get",
    args: "[--include-data] [--application]",
    purpose: "Print the status of the unit, or with --application of the application and all its units.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP)
        .output()
        .bool(&["include-data"], "print all status data")
        .bool(
            &["application"],
            "print status for all units of this application if this unit is the leader",
        );
    no_more(&flags.parse(context, call.args)?)?;
    if context.run.kind == RunKind::Restricted {
        return call.print(&flags, &Value::String("unknown".to_owned()));
    }
    let data = flags.is_set("include-data");
    let word = flags.format() == Format::Smart && !data;
    let value = if flags.is_set("application") {
        let (application, units) = application(context)?;
        if word {
            Value::String(application.status)
        } else {
            let units = units
                .iter()
                .map(|(unit, status)| (unit.clone(), detailed(status, data)))
                .collect();
            let mut entries = vec![("units".to_owned(), Value::Map(units))];
            if let Value::Map(own) = detailed(&application, data) {
                entries.extend(own);
            }
            Value::Map(vec![("application-status".to_owned(), Value::Map(entries))])
        }
    } else {
        let status = unit(context)?;
        if word {
            Value::String(status.status)
        } else {
            detailed(&status, data)
        }
    };
    call.print(&flags, &value)
}

fn unit(context: &mut HookContext<'_>) -> Result<Status, Failure> {
    context
        .status()
        .map_err(|failure| Failure::run(format!("finding workload status: {}", failure.text())))
}

type UnitStatuses = Vec<(String, Status)>;

fn application(context: &mut HookContext<'_>) -> Result<(Status, UnitStatuses), Failure> {
    let failed = |cause: &str| Failure::run(format!("finding application status: {cause}"));
    match context.is_leader() {
        Ok(true) => {}
        Ok(false) => return Err(failed("this unit is not the leader")),
        Err(cause) => return Err(failed(&format!("cannot determine leadership: {cause}"))),
    }
    context
        .connected()
        .map_err(|failure| failed(failure.text()))?;
    let name = context.unit.application();
    Ok((
        context.world.application_status(name),
        context.world.unit_statuses(name),
    ))
}

fn detailed(status: &Status, data: bool) -> Value {
    let mut entries = vec![("status".to_owned(), Value::String(status.status.clone()))];
    if data {
        entries.push(("message".to_owned(), Value::String(status.message.clone())));
        let data = serde_json::Value::Object(status.data.clone());
        entries.push(("status-data".to_owned(), Value::from_json(&data)));
    }
    Value::Map(entries)
}
