//! `goal-state`: what the application is meant to become.

use std::collections::BTreeMap;

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
use crate::date;
use crate::format::Value;
use crate::world::GoalEntry;

const HELP: Help = Help {
    name: "goal-state",
    args: "",
    purpose: "Print the units and relations the application is meant to have.",
    details: "",
};

pub(super) fn run(context: &mut HookContext<'_>, call: &mut Invocation<'_>) -> Result<(), Failure> {
    let mut flags = Flags::new(&HELP).machine_output();
    no_more(&flags.parse(context, call.args)?)?;
    let goal = context.goal_state()?;
    let relations = goal
        .relations
        .iter()
        .map(|(endpoint, entries)| (endpoint.clone(), printed(entries)));
    let value = Value::Struct(vec![
        ("units", printed(&goal.units)),
        ("relations", Value::Map(relations.collect())),
    ]);
    call.print(&flags, &value)
}

fn printed(entries: &BTreeMap<String, GoalEntry>) -> Value {
    let entry = |entry: &GoalEntry| {
        Value::Struct(vec![
            ("status", Value::String(entry.status.clone())),
            ("since", Value::String(date::spaced(entry.since))),
        ])
    };
    Value::Map(
        entries
            .iter()
            .map(|(name, each)| (name.clone(), entry(each)))
            .collect(),
    )
}
