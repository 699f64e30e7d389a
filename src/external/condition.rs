//! Conditions as scripts state them, in the words of charms.reactive. They mean what the attributes of the same
//! names mean.

use crate::context::{Context, Phase};
use crate::dispatch;
use crate::error::{Error, ErrorKind, Result};
use crate::hook::pattern;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// The running hook matches one of the patterns: `hook`.
    Hook(Vec<String>),
    /// The running action is one of these: `action`.
    Action(Vec<String>),
    /// All flags are set: `when`, `when_all`.
    All(Vec<String>),
    /// At least one is: `when_any`.
    Any(Vec<String>),
    /// None is: `when_not`, `when_none`.
    None(Vec<String>),
    /// At least one is not: `when_not_all`.
    NotAll(Vec<String>),
    /// One of the files holds what this function has not handled yet: `when_file_changed` (D4).
    FileChanged(Vec<String>),
    /// The function has not completed yet: `only_once`.
    OnlyOnce,
}

impl Condition {
    /// The condition of that name, or nothing if there is none.
    ///
    /// # Errors
    /// When it names nothing to look at: such a condition would hold for ever, or never (D23).
    pub(super) fn parse(name: &str, args: Vec<String>) -> Result<Option<Self>> {
        let make: fn(Vec<String>) -> Self = match name {
            "hook" => Self::Hook,
            "action" => Self::Action,
            "when" | "when_all" => Self::All,
            "when_any" => Self::Any,
            "when_not" | "when_none" => Self::None,
            "when_not_all" => Self::NotAll,
            "when_file_changed" => Self::FileChanged,
            "only_once" => return Ok(Some(Self::OnlyOnce)),
            _ => return Ok(None),
        };
        if args.is_empty() {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("`@{name}` names nothing: it needs at least one argument"),
            ));
        }
        Ok(Some(make(args)))
    }

    /// The phase in which alone it can hold, if there is one (B10, D29).
    pub(super) fn phase(&self) -> Option<Phase> {
        match self {
            Self::Hook(_) => Some(Phase::Hooks),
            Self::Action(_) => Some(Phase::Action),
            Self::All(_) | Self::Any(_) | Self::None(_) | Self::NotAll(_) => Some(Phase::Other),
            Self::FileChanged(_) | Self::OnlyOnce => None,
        }
    }

    /// The flags it names (B22).
    pub(super) fn flags(&self) -> &[String] {
        match self {
            Self::All(flags) | Self::Any(flags) | Self::None(flags) | Self::NotAll(flags) => flags,
            _ => &[],
        }
    }

    /// The files it names.
    pub(super) fn files(&self) -> &[String] {
        match self {
            Self::FileChanged(files) => files,
            _ => &[],
        }
    }

    /// Whether it holds, apart from the phase, for the function of that id. Testing changes nothing.
    pub(super) fn holds(&self, ctx: &mut Context, id: &str) -> Result<bool> {
        match self {
            Self::Hook(patterns) => any_hook(ctx, patterns),
            Self::Action(names) => {
                Ok(ctx.hook().is_action() && names.iter().any(|n| n == ctx.hook().name()))
            }
            Self::All(flags) => ctx.all_flags_set(flags),
            Self::Any(flags) => ctx.any_flags_set(flags),
            Self::None(flags) => Ok(!ctx.any_flags_set(flags)?),
            Self::NotAll(flags) => Ok(!ctx.all_flags_set(flags)?),
            Self::FileChanged(files) => {
                let files: Vec<String> = files.iter().map(|f| absolute(ctx, f)).collect();
                dispatch::pending(id, files.iter().map(|f| ("file", f.as_str())), ctx)
            }
            Self::OnlyOnce => Ok(!ctx.document.marks.get(id).is_some_and(|mark| mark.done)),
        }
    }
}

/// Whether the running hook matches one of the patterns. Actions and `juju exec` are no hooks (D29).
pub(super) fn any_hook(ctx: &Context, patterns: &[String]) -> Result<bool> {
    if ctx.hook().is_action() || ctx.hook().is_exec() {
        return Ok(false);
    }
    for pattern in patterns {
        if pattern::matches(pattern, ctx.hook().name(), ctx.metadata())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A file's path: hooks run in the charm's folder, and relative ones are meant from there.
pub(super) fn absolute(ctx: &Context, file: &str) -> String {
    ctx.env()
        .charm_dir
        .join(file)
        .to_string_lossy()
        .into_owned()
}
