//! The status of a unit out of that of its parts: each part says how it is, the unit shows the worst, and a status
//! leaves with the flags that it was set for.
//!
//! | flag | set while |
//! |---|---|
//! | `layer.status.parts` | a part has a status |

use std::collections::BTreeMap;

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

/// Where the parts are kept, among the unit's own values.
const PARTS: &str = "layer.status.part.";
/// What Juju was told last.
const SHOWN: &str = "layer.status.shown";
/// Set while there are parts.
const ANY: &str = "layer.status.parts";

ensign::functions_set!("layer.status.parts");

/// What one part says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    status: String,
    message: String,
    /// The flags that have to hold; `!flag` must not be set.
    holds: Vec<String>,
}

/// Statuses of parts.
pub trait PartStatus {
    /// `part` has this status, as long as every flag of `holds` is set, or is not set where it is written `!flag`;
    /// without flags, until it is taken back. The unit shows the worst of all parts at once.
    ///
    /// # Errors
    /// When one of `holds` is no flag, or `status-set` fails.
    fn part_status(&mut self, part: &str, status: Status, holds: &[&str]) -> Result;

    /// Takes the status of `part` back, if it has one.
    ///
    /// # Errors
    /// When `status-set` fails.
    fn part_clear(&mut self, part: &str) -> Result;

    /// What every part says, by name.
    ///
    /// # Errors
    /// In a restricted hook, which has no memory.
    fn part_statuses(&mut self) -> Result<BTreeMap<String, Status>>;
}

impl PartStatus for Context {
    fn part_status(&mut self, part: &str, status: Status, holds: &[&str]) -> Result {
        let said = Part {
            status: status.name().to_owned(),
            message: status.message().to_owned(),
            holds: holds.iter().map(|&flag| flag.to_owned()).collect(),
        };
        watch(self, &said)?;
        self.kv().set(&format!("{PARTS}{part}"), &said)?;
        self.set_flag(ANY)?;
        refresh(self)
    }

    fn part_clear(&mut self, part: &str) -> Result {
        self.kv().unset(&format!("{PARTS}{part}"));
        refresh(self)
    }

    fn part_statuses(&mut self) -> Result<BTreeMap<String, Status>> {
        let parts = parts(self)?;
        Ok(parts
            .into_iter()
            .map(|(name, part)| (name, part.status()))
            .collect())
    }
}

impl Part {
    fn status(&self) -> Status {
        let message = self.message.clone();
        match self.status.as_str() {
            "blocked" => Status::Blocked(message),
            "maintenance" => Status::Maintenance(message),
            "waiting" => Status::Waiting(message),
            _ => Status::Active(message),
        }
    }
}

/// At the beginning of every hook: what changed between hooks, such as config, takes its statuses along.
#[when("layer.status.parts")]
fn show(ctx: &mut Context) -> Result {
    for part in parts(ctx)?.values() {
        watch(ctx, part)?;
    }
    // A hook that failed may have told Juju what this unit no longer remembers.
    let juju = ensign::tools::status_get(ctx.tools())?;
    ctx.kv().set(SHOWN, &(juju.status, juju.message))?;
    refresh(ctx)
}

#[action("show-parts")]
fn tell(ctx: &mut Context) -> Result {
    let parts = ctx.part_statuses()?;
    let lines = parts.iter().map(|(name, status)| {
        (
            name.replace('_', "-"),
            format!("{}: {}", status.name(), status.message()),
        )
    });
    let lines: Vec<_> = lines.collect();
    ctx.action()?.set(lines)
}

fn parts(ctx: &mut Context) -> Result<BTreeMap<String, Part>> {
    let values = ctx.kv().range(PARTS, true);
    let part = |(name, value)| Ok((name, serde_json::from_value(value)?));
    values.into_iter().map(part).collect()
}

/// Has the statuses looked at again when one of the part's flags changes.
fn watch(ctx: &mut Context, part: &Part) -> Result {
    for flag in &part.holds {
        let flag = flag.trim_start_matches('!');
        ctx.register_trigger(Trigger::when(flag).callback(look_again))?;
        ctx.register_trigger(Trigger::when_not(flag).callback(look_again))?;
    }
    Ok(())
}

/// An error that a trigger's callback cannot return still fails the hook: the context remembers it.
fn look_again(ctx: &mut Context) {
    if let Err(error) = refresh(ctx) {
        ctx.log(
            Level::Error,
            format!("the unit's status is not up to date: {error}"),
        );
    }
}

/// Lets go of what no longer holds, and shows the worst of the rest.
fn refresh(ctx: &mut Context) -> Result {
    let mut rest = BTreeMap::new();
    for (name, part) in parts(ctx)? {
        if holds(ctx, &part)? {
            rest.insert(name, part);
        } else {
            ctx.kv().unset(&format!("{PARTS}{name}"));
        }
    }
    let status = worst(rest.values().map(Part::status));
    let wanted = (status.name().to_owned(), status.message().to_owned());
    if ctx.kv().get(SHOWN)?.as_ref() != Some(&wanted) {
        ctx.status_set(status)?;
        ctx.kv().set(SHOWN, &wanted)?;
    }
    if rest.is_empty() {
        ctx.kv().unset(SHOWN);
        ctx.clear_flag(ANY)?;
    }
    Ok(())
}

fn holds(ctx: &mut Context, part: &Part) -> Result<bool> {
    for flag in &part.holds {
        let wanted = !flag.starts_with('!');
        if ctx.is_flag_set(flag.trim_start_matches('!'))? != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Of equals, the first by name speaks first; without any the unit is in service.
fn worst(all: impl Iterator<Item = Status>) -> Status {
    let rank = |status: &Status| match status {
        Status::Blocked(_) => 0,
        Status::Maintenance(_) => 1,
        Status::Waiting(_) => 2,
        Status::Active(_) => 3,
    };
    let mut worst = Status::Active(String::new());
    let mut first = true;
    for status in all {
        if first || rank(&status) < rank(&worst) {
            worst = status;
        } else if rank(&status) == rank(&worst) && !status.message().is_empty() {
            worst = joined(&worst, status.message());
        }
        first = false;
    }
    worst
}

fn joined(status: &Status, more: &str) -> Status {
    let message = match status.message() {
        "" => more.to_owned(),
        message => format!("{message}; {more}"),
    };
    match status {
        Status::Blocked(_) => Status::Blocked(message),
        Status::Maintenance(_) => Status::Maintenance(message),
        Status::Waiting(_) => Status::Waiting(message),
        Status::Active(_) => Status::Active(message),
    }
}
