//! The `charms.reactive` command: the charm's binary under that name (B99).
//!
//! Where it runs decides what it works on:
//!
//! - inside a handler: on the hook's open transaction, over the socket;
//! - in a `juju exec` or another context of Juju's without one: on a transaction of its own, committed at the end;
//! - outside: it runs itself again through `juju-exec`.
//!
//! It exits 0 for done or true, 1 for failed or false, 2 when it is used wrongly.

mod alone;
mod client;
mod flags;
mod layer;
mod leader;
mod once;
mod outside;
mod parse;
mod relation;
mod test;
mod trigger;
mod usage;

use std::io::Write;

use super::condition::{Condition, any_hook};
use super::serve::Session;
use super::wire::Answer;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::Registry;
use crate::hook::{EnvError, HookEnv};
use crate::host::Host;

/// What the command was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    GetFlags,
    GetUnsetFlags(Vec<String>),
    IsFlagSet(String),
    AllFlagsSet(Vec<String>),
    AnyFlagsSet(Vec<String>),
    SetFlag(String),
    ClearFlag(String),
    ToggleFlag(String, bool),
    RegisterTrigger(trigger::Declared),
    AnyHook(Vec<String>),
    /// A condition by itself, in its phase: `when`, `hook`, ….
    Condition(Condition),
    OnlyOnce(String),
    WasInvoked(String),
    MarkInvoked(Vec<String>),
    Test(Vec<String>),
    LeaderGet(Option<String>),
    LeaderSet(Vec<(String, String)>),
    NameRelationGet(relation::Get),
    RelationCall {
        method: String,
        of: String,
        args: Vec<String>,
    },
    /// What a layer adds, `render_template` among them.
    OfLayer {
        name: &'static str,
        args: Vec<String>,
    },
}

impl Operation {
    /// Its name on the command line.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::GetFlags => "get_flags",
            Self::GetUnsetFlags(_) => "get_unset_flags",
            Self::IsFlagSet(_) => "is_flag_set",
            Self::AllFlagsSet(_) => "all_flags_set",
            Self::AnyFlagsSet(_) => "any_flags_set",
            Self::SetFlag(_) => "set_flag",
            Self::ClearFlag(_) => "clear_flag",
            Self::ToggleFlag(..) => "toggle_flag",
            Self::RegisterTrigger(_) => "register_trigger",
            Self::AnyHook(_) => "any_hook",
            Self::Condition(_) => "when",
            Self::OnlyOnce(_) => "only_once",
            Self::WasInvoked(_) => "was_invoked",
            Self::MarkInvoked(_) => "mark_invoked",
            Self::Test(_) => "test",
            Self::LeaderGet(_) => "leader_get",
            Self::LeaderSet(_) => "leader_set",
            Self::NameRelationGet(_) => "name_relation_get",
            Self::RelationCall { .. } => "relation_call",
            Self::OfLayer { name, .. } => name,
        }
    }

    /// Whether it changes anything that outlives the hook.
    pub(super) fn writes(&self) -> bool {
        matches!(
            self,
            Self::SetFlag(_)
                | Self::ClearFlag(_)
                | Self::ToggleFlag(..)
                | Self::MarkInvoked(_)
                | Self::LeaderSet(_)
                | Self::RelationCall { .. }
                | Self::OfLayer { .. }
        )
    }

    /// Does it.
    pub(super) fn run(&self, ctx: &mut Context, session: &mut Session) -> Result<Answer> {
        match self {
            Self::GetFlags => flags::get(ctx),
            Self::GetUnsetFlags(flags) => flags::unset(ctx, flags),
            Self::IsFlagSet(flag) => Ok(Answer::truth(ctx.is_flag_set(flag)?)),
            Self::AllFlagsSet(flags) => Ok(Answer::truth(ctx.all_flags_set(flags)?)),
            Self::AnyFlagsSet(flags) => Ok(Answer::truth(ctx.any_flags_set(flags)?)),
            Self::SetFlag(flag) => ctx.set_flag(flag).map(|()| Answer::done()),
            Self::ClearFlag(flag) => ctx.clear_flag(flag).map(|()| Answer::done()),
            Self::ToggleFlag(flag, set) => ctx.toggle_flag(flag, *set).map(|()| Answer::done()),
            Self::RegisterTrigger(declared) => ctx
                .register_trigger(declared.builder())
                .map(|()| Answer::done()),
            Self::AnyHook(patterns) => Ok(Answer::truth(any_hook(ctx, patterns)?)),
            Self::Condition(condition) => {
                let here = condition.phase().is_none_or(|phase| phase == ctx.phase);
                let id = session.handler.as_deref().unwrap_or_default();
                Ok(Answer::truth(here && condition.holds(ctx, id)?))
            }
            Self::OnlyOnce(id) => Ok(Answer::truth(!once::was_invoked(ctx, id)?)),
            Self::WasInvoked(id) => Ok(Answer::truth(once::was_invoked(ctx, id)?)),
            Self::MarkInvoked(ids) => once::mark_invoked(ctx, session, ids),
            Self::Test(specs) => test::run(ctx, session, specs),
            Self::LeaderGet(key) => leader::get(ctx, key.as_deref()),
            Self::LeaderSet(pairs) => leader::set(ctx, pairs),
            Self::NameRelationGet(get) => relation::get(ctx, get),
            Self::RelationCall { method, of, args } => relation::call(ctx, of, method, args),
            Self::OfLayer { name, args } => layer::run(ctx, name, args),
        }
    }
}

/// Runs the command with these arguments; returns the exit code.
///
/// # Errors
/// When it fails for a reason that it shares with the charm itself, such as a state that cannot be read.
pub(crate) fn main(arguments: &[String], crates: &[&str]) -> Result<u8> {
    if matches!(
        arguments.first().map(String::as_str),
        Some("-h" | "--help" | "help")
    ) {
        return print(&Answer::lines([usage::help()]));
    }
    if let Some(socket) = HookEnv::transaction() {
        return print(&client::call(&socket, arguments)?);
    }
    let operation = match Operation::parse(arguments) {
        Ok(operation) => operation,
        Err(usage) => return print(&Answer::from(&usage)),
    };
    match HookEnv::from_process() {
        Ok(env) => print(&alone::run(&operation, env, crates)?),
        Err(EnvError::NotJuju) => outside::run(arguments),
        Err(error) => Err(error.into()),
    }
}

/// What the command `charms.reactive` printed, and how it exited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// 0 done or true, 1 failed or false, 2 wrongly used.
    pub code: u8,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The command `charms.reactive` in a `juju exec`, with these arguments, over any host: for tests that have no
/// processes.
///
/// # Errors
/// When the unit's state cannot be read or written, or Juju cannot be asked.
pub fn charms_reactive(host: Host, registry: &Registry, arguments: &[String]) -> Result<Spoken> {
    let Answer {
        code,
        stdout,
        stderr,
    } = match Operation::parse(arguments) {
        Ok(operation) => alone::over(&operation, host, registry)?,
        Err(usage) => Answer::from(&usage),
    };
    Ok(Spoken {
        code,
        stdout,
        stderr,
    })
}

fn print(answer: &Answer) -> Result<u8> {
    let written = std::io::stdout()
        .lock()
        .write_all(answer.stdout.as_bytes())
        .and_then(|()| std::io::stderr().lock().write_all(answer.stderr.as_bytes()));
    match written {
        // Whoever listened has heard enough, as `head` does.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(answer.code),
        written => written.map(|()| answer.code).map_err(Error::from),
    }
}
