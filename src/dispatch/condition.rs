//! Whether a handler is due, and why not. One evaluation serves both: yes or no costs no allocation, the
//! words are made only when somebody asks.

use std::fmt;

use crate::context::{Context, Phase, Seen};
use crate::error::Result;
use crate::flags::{Flag, FlagSet};
use crate::handler::{Clause, Handler, Source};

/// The condition that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unmet {
    /// `when`: this one is not set.
    NotSet(Flag),
    /// `when_any`: none is set.
    NoneSet(&'static [Flag]),
    /// `when_not`: this one is set.
    Set(Flag),
    /// `when_not_all`: all are set.
    AllSet(&'static [Flag]),
    /// `when_changed`: nothing new since this handler last succeeded.
    NothingNew(&'static [Source]),
    /// `hook`, `action`, restricted hooks: this run is another.
    Elsewhere,
    /// `only_once`: it has completed.
    Completed,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |flags: &[Flag]| {
            flags
                .iter()
                .map(Flag::name)
                .collect::<Vec<_>>()
                .join("`, `")
        };
        match self {
            Self::NotSet(flag) => write!(f, "`{flag}` is not set"),
            Self::NoneSet(flags) => write!(f, "none of `{}` is set", list(flags)),
            Self::Set(flag) => write!(f, "`{flag}` is set"),
            Self::AllSet(flags) => write!(f, "all of `{}` are set", list(flags)),
            Self::NothingNew(sources) => {
                let all: Vec<_> = sources
                    .iter()
                    .map(|s| format!("{} `{}`", s.kind, s.key))
                    .collect();
                write!(f, "nothing new in {}", all.join(", "))
            }
            Self::Elsewhere => f.write_str("it belongs to another hook or action"),
            Self::Completed => f.write_str("it has completed, and runs only once"),
        }
    }
}

/// How a handler is bound to phases: flag handlers run in `other`, all others in the one their clause names.
pub(crate) fn phase_of(handler: &Handler) -> Phase {
    for clause in handler.clauses {
        match clause {
            Clause::Hook(_) => return Phase::Hooks,
            Clause::Action(_) => return Phase::Action,
            Clause::CollectMetrics | Clause::MeterStatusChanged => return Phase::Restricted,
            _ => {}
        }
    }
    Phase::Other
}

/// The conditions on flags alone: pure, and all that most handlers have.
#[inline]
pub(crate) fn flags_hold(handler: &Handler, flags: &FlagSet) -> std::result::Result<(), Unmet> {
    for clause in handler.clauses {
        match clause {
            Clause::When(all) => {
                if let Some(flag) = all.iter().find(|f| !flags.has(**f)) {
                    return Err(Unmet::NotSet(*flag));
                }
            }
            Clause::WhenAny(any) if !any.iter().any(|f| flags.has(*f)) => {
                return Err(Unmet::NoneSet(any));
            }
            Clause::WhenNot(none) => {
                if let Some(flag) = none.iter().find(|f| flags.has(**f)) {
                    return Err(Unmet::Set(*flag));
                }
            }
            Clause::WhenNotAll(some) if some.iter().all(|f| flags.has(*f)) => {
                return Err(Unmet::AllSet(some));
            }
            _ => {}
        }
    }
    Ok(())
}

/// All conditions, those on flags first: the others may cost a look at a file or a hook tool. Testing changes
/// nothing and consumes nothing (D4).
pub(crate) fn holds(
    handler: &Handler,
    ctx: &mut Context,
) -> Result<std::result::Result<(), Unmet>> {
    if let Err(unmet) = flags_hold(handler, &ctx.flags) {
        return Ok(Err(unmet));
    }
    for clause in handler.clauses {
        let met = match clause {
            Clause::When(_)
            | Clause::WhenAny(_)
            | Clause::WhenNot(_)
            | Clause::WhenNotAll(_)
            | Clause::NotUnless(_) => {
                continue;
            }
            Clause::WhenChanged(sources) => {
                if pending(handler.id, sources.iter().map(|s| (s.kind, s.key)), ctx)? {
                    continue;
                }
                Err(Unmet::NothingNew(sources))
            }
            Clause::OnlyOnce if ctx.is_restricted() => Ok(()),
            Clause::OnlyOnce => match ctx.document.marks.get(handler.id) {
                Some(mark) if mark.done => Err(Unmet::Completed),
                _ => Ok(()),
            },
            Clause::Hook(patterns) => elsewhere_unless(hook_matches(patterns, ctx)?),
            Clause::Action(names) => {
                elsewhere_unless(ctx.hook().is_action() && names.contains(&ctx.hook().name()))
            }
            Clause::CollectMetrics => elsewhere_unless(ctx.hook().name() == "collect-metrics"),
            Clause::MeterStatusChanged => {
                elsewhere_unless(ctx.hook().name() == "meter-status-changed")
            }
        };
        if met.is_err() {
            return Ok(met);
        }
    }
    Ok(Ok(()))
}

fn elsewhere_unless(here: bool) -> std::result::Result<(), Unmet> {
    if here { Ok(()) } else { Err(Unmet::Elsewhere) }
}

fn hook_matches(patterns: &[&str], ctx: &Context) -> Result<bool> {
    if ctx.hook().is_action() || ctx.hook().is_exec() {
        return Ok(false);
    }
    for pattern in patterns {
        if crate::hook::pattern::matches(pattern, ctx.hook().name(), ctx.metadata())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether one of the sources, given by kind and key, holds something that the handler of this id has not handled
/// in a hook that committed. A handler in doubt has to look at whatever there is.
pub(crate) fn pending<'a>(
    id: &str,
    sources: impl Iterator<Item = (&'a str, &'a str)>,
    ctx: &mut Context,
) -> Result<bool> {
    let doubtful = ctx.is_in_doubt(id);
    for (kind, key) in sources {
        let seen = ctx.source_value(kind, key)?;
        let value = match seen {
            Seen::NotYet => continue,
            Seen::Absent => None,
            Seen::Value(digest) => Some(digest),
        };
        if doubtful {
            return Ok(true);
        }
        let delivered = ctx
            .document
            .marks
            .get(id)
            .and_then(|m| m.delivered.get(&format!("{kind}={key}")))
            .copied();
        // Absent and never delivered is nothing new; removed after delivery is.
        if delivered.unwrap_or(None) != value {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How a source is named in marks, in the index and in `--describe`.
pub(crate) fn source_name(source: &Source) -> String {
    format!("{}={}", source.kind, source.key)
}

/// The sources of a handler.
pub(crate) fn sources(handler: &Handler) -> impl Iterator<Item = &'static Source> {
    handler.clauses.iter().flat_map(|c| match c {
        Clause::WhenChanged(sources) => sources.iter(),
        _ => [].iter(),
    })
}

/// Every flag a handler names in any condition (B22).
pub(crate) fn named(handler: &Handler) -> impl Iterator<Item = Flag> {
    handler.clauses.iter().flat_map(|c| match c {
        Clause::When(f) | Clause::WhenAny(f) | Clause::WhenNot(f) | Clause::WhenNotAll(f) => {
            f.iter().copied()
        }
        _ => [].iter().copied(),
    })
}

/// Whether the handler can only run while `flag` is set.
#[derive(Debug)]
pub(crate) struct Needs(pub(crate) &'static Handler);

impl crate::context::Requires for Needs {
    fn requires(&self, flag: &str) -> bool {
        self.0
            .clauses
            .iter()
            .any(|c| matches!(c, Clause::When(all) if all.iter().any(|f| f.name() == flag)))
    }
}
