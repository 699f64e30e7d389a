//! `goal-state`: what the application is meant to become.

use std::collections::BTreeMap;

use super::invocation::no_more;
use super::{Failure, Flags, Help, Invocation};
use crate::context::HookContext;
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
            ("since", Value::String(utc(entry.since))),
        ])
    };
    Value::Map(
        entries
            .iter()
            .map(|(name, each)| (name.clone(), entry(each)))
            .collect(),
    )
}

/// `2006-01-02 15:04:05Z`
fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    // Years from 1 March 0000, so that a leap day is a year's last.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (
        day - (153 * month + 2) / 5 + 1,
        if month < 10 { month + 3 } else { month - 9 },
    );
    let year = era * 400 + year + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_704_164_645, "2024-01-02 03:04:05Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (4_102_444_799, "2099-12-31 23:59:59Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
