//! The dispatcher: phase `hooks`, then phase `other` in iterations until nothing is due (B9–B27).
//!
//! An iteration tests handlers, queues those that are due in their fixed order (D2), and runs them; a real
//! change of a flag drops queued handlers whose conditions no longer hold (D3). The next iteration looks only
//! at handlers that name something that changed (B22), found through an index that is built
//! when the first change is seen. Work is proportional to what changed.

mod condition;
mod cycle;
mod describe;
mod graph;
mod index;
mod invoke;
mod trace;

use std::collections::{BTreeSet, VecDeque};

pub(crate) use condition::{flags_hold, named, pending, phase_of, sources};
pub use describe::describe;
pub use graph::{Edge, FlagGraph, Node};
pub(crate) use invoke::deliver;
pub use trace::{Silent, TraceEvent, Tracer};

use crate::context::{Context, Phase, Slot};
use crate::error::{Error, ErrorKind, Result};
use crate::handler::{Handler, Outcome, Ranks, Registry};
use condition::holds;
use cycle::History;
use index::{Index, Seen};

/// A handler that is no function of ours: an executable that is asked whether it is due, and then run (B95).
pub(crate) trait External {
    /// Its name in logs: the path inside the charm.
    fn id(&self) -> &str;
    /// Whether it may name flags that begin with `prefix`.
    fn mentions(&self, prefix: &str) -> bool;
    /// The flags without which nothing of what was found due can run.
    fn required(&self) -> Vec<String>;
    /// Whether it is due.
    fn test(&mut self, ctx: &mut Context) -> Result<bool>;
    /// Whether any of what `test` found due still is; nothing is added to it (B13).
    fn retest(&mut self, ctx: &mut Context) -> Result<bool>;
    /// Runs what `test` found due.
    fn invoke(&mut self, ctx: &mut Context) -> Result<Outcome>;
}

/// Runs everything that is due in this hook, action or restricted hook.
pub(crate) fn dispatch(
    ctx: &mut Context,
    registry: &Registry,
    externals: &mut [Box<dyn External>],
    tracer: &mut dyn Tracer,
) -> Result<Outcome> {
    let mut run = Dispatcher {
        handlers: &registry.handlers,
        registry,
        ranks: None,
        externals,
        tracer,
        index: None,
        history: History::default(),
    };
    ctx.changes.reset();
    if run.tracer.listens() {
        let flags = ctx.flags.sorted();
        run.tracer.event(&TraceEvent::Start { flags: &flags });
    }
    let outcome = if ctx.is_restricted() {
        run.bound(ctx, Phase::Restricted)?
    } else if ctx.hook().is_action() {
        // What the action changes is told from what was there before.
        ctx.look_at_files(run.watched_files().into_iter())?;
        match run.bound(ctx, Phase::Action)? {
            Outcome::Done => run.settle(ctx, false)?,
            Outcome::Stop => Outcome::Stop,
        }
    } else {
        match run.bound(ctx, Phase::Hooks)? {
            Outcome::Done => run.settle(ctx, true)?,
            Outcome::Stop => Outcome::Stop,
        }
    };
    ctx.changes.reset();
    Ok(outcome)
}

/// Whether a linked handler or a trigger names a flag or a source of this provider.
pub(crate) fn mentions(registry: &Registry, slot: &Slot) -> bool {
    let ours = |flag: &crate::flags::Flag| flag.name().starts_with(&*slot.prefix);
    let handler = |h: &'static Handler| {
        named(h).any(|f| ours(&f)) || sources(h).any(|s| slot.key_of(s.kind, s.key).is_some())
    };
    let trigger = |t: &'static crate::flags::TriggerDecl| {
        let causes = t.when.iter().chain(&t.when_not);
        causes.chain(t.set).chain(t.clear).any(ours)
    };
    registry.handlers.iter().any(|h| handler(h)) || registry.triggers.iter().any(|t| trigger(t))
}

struct Dispatcher<'r, 'x> {
    handlers: &'r [&'static Handler],
    registry: &'r Registry,
    ranks: Option<Ranks<'r>>,
    externals: &'x mut [Box<dyn External>],
    tracer: &'x mut dyn Tracer,
    index: Option<Index>,
    history: History,
}

impl Dispatcher<'_, '_> {
    /// The phases that run each matching handler once: hooks, actions, restricted hooks.
    fn bound(&mut self, ctx: &mut Context, phase: Phase) -> Result<Outcome> {
        ctx.phase = phase;
        let mut due = Vec::new();
        for (i, handler) in self.handlers.iter().enumerate() {
            if phase_of(handler) == phase && holds(handler, ctx)?.is_ok() {
                due.push(i);
            }
        }
        self.sort(&mut due)?;
        let externals = self.due_externals(ctx)?;
        if phase == Phase::Action && due.is_empty() && externals.is_empty() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("no handler implements the action `{}`", ctx.hook().name()),
            )
            .hint("write one with `#[action(\"…\")]`, or take it out of actions.yaml"));
        }
        self.batch(ctx, 0, due, externals)
    }

    /// Phase `other`. In a hook every flag handler may run at first (B21); in an action only those that what
    /// it changed concerns.
    fn settle(&mut self, ctx: &mut Context, all_at_first: bool) -> Result<Outcome> {
        ctx.phase = Phase::Other;
        let paths = self.watched_files();
        let mut iteration = 0;
        let mut due = Vec::new();
        let mut externals = Vec::new();
        ctx.look_at_files(paths.iter().copied())?;
        if all_at_first {
            ctx.visible = None;
            for (i, handler) in self.handlers.iter().enumerate() {
                if phase_of(handler) == Phase::Other && holds(handler, ctx)?.is_ok() {
                    due.push(i);
                }
            }
            externals = self.due_externals(ctx)?;
            // What happened before is the same to all of them (B27).
            ctx.changes.reset();
        } else {
            self.next(ctx, &mut due, &mut externals)?;
        }
        while !due.is_empty() || !externals.is_empty() {
            if let Some(limit) = self.registry.limit
                && iteration >= limit
            {
                return Err(self.history.unsettled(limit));
            }
            self.sort(&mut due)?;
            self.history.begin();
            let batch = std::mem::take(&mut due);
            if self.batch(ctx, iteration, batch, std::mem::take(&mut externals))? == Outcome::Stop {
                return Ok(Outcome::Stop);
            }
            ctx.look_at_files(paths.iter().copied())?;
            self.next(ctx, &mut due, &mut externals)?;
            iteration += 1;
        }
        self.tracer.event(&TraceEvent::Settled {
            iterations: iteration,
        });
        Ok(Outcome::Done)
    }

    /// Who is due because of what the last batch changed (B22, B23).
    fn next(
        &mut self,
        ctx: &mut Context,
        due: &mut Vec<usize>,
        externals: &mut Vec<usize>,
    ) -> Result {
        let changed = Seen {
            changes: &ctx.changes,
            from: (0, 0),
        };
        if changed.is_empty() {
            return Ok(());
        }
        let candidates = self
            .index
            .get_or_insert_with(|| Index::new(self.handlers))
            .readers(&changed);
        ctx.visible = Some(ctx.changes.names().map(Into::into).collect());
        ctx.changes.reset();
        for i in candidates {
            if phase_of(self.handlers[i]) == Phase::Other && holds(self.handlers[i], ctx)?.is_ok() {
                due.push(i);
            }
        }
        *externals = self.due_externals(ctx)?;
        Ok(())
    }

    /// Runs one batch: handlers in order, then executables in theirs.
    fn batch(
        &mut self,
        ctx: &mut Context,
        iteration: usize,
        due: Vec<usize>,
        externals: Vec<usize>,
    ) -> Result<Outcome> {
        if due.is_empty() && externals.is_empty() {
            return Ok(Outcome::Done);
        }
        if self.tracer.listens() {
            let mut ids: Vec<&str> = due.iter().map(|i| self.handlers[*i].id).collect();
            ids.extend(externals.iter().map(|i| self.externals[*i].id()));
            self.tracer.event(&TraceEvent::Queue {
                phase: trace::phase_name(ctx.phase),
                iteration,
                handlers: &ids,
            });
        }
        let found = ctx.changes.marker();
        let mut queued: BTreeSet<usize> = due.iter().copied().collect();
        let mut queue = VecDeque::from(due);
        while let Some(i) = queue.pop_front() {
            if !queued.remove(&i) {
                continue;
            }
            let handler = self.handlers[i];
            let before = ctx.changes.marker();
            if !invoke::revalidated(ctx, handler)? {
                self.dropped(ctx, handler);
                self.retest(ctx, before, &mut queued)?;
                continue;
            }
            self.tracer.event(&TraceEvent::Run {
                handler: handler.id,
            });
            let outcome = invoke::linked(ctx, handler)?;
            self.ran(ctx, handler.id, before, &mut queued)?;
            if outcome == Outcome::Stop {
                return Ok(Outcome::Stop);
            }
        }
        for i in externals {
            if !invoke::external_revalidated(ctx, self.externals[i].as_mut(), found)? {
                self.tracer.event(&TraceEvent::Dropped {
                    handler: self.externals[i].id(),
                    why: "a condition no longer holds",
                });
                continue;
            }
            let before = ctx.changes.marker();
            self.tracer.event(&TraceEvent::Run {
                handler: self.externals[i].id(),
            });
            let outcome = invoke::external(ctx, self.externals[i].as_mut())?;
            let id = self.externals[i].id().to_owned();
            self.ran(ctx, &id, before, &mut queued)?;
            if outcome == Outcome::Stop {
                return Ok(Outcome::Stop);
            }
        }
        Ok(Outcome::Done)
    }

    /// After a handler: tell the tracer, and drop what is no longer due.
    fn ran(
        &mut self,
        ctx: &mut Context,
        id: &str,
        before: (usize, usize),
        queued: &mut BTreeSet<usize>,
    ) -> Result {
        self.history.ran(id, &ctx.changes.flags[before.0..]);
        let left = self.retest(ctx, before, queued)?;
        if self.tracer.listens() {
            for change in &ctx.changes.flags[before.0..] {
                self.tracer.event(&TraceEvent::Flag {
                    by: id,
                    flag: &change.name,
                    set: change.set,
                    left: &left,
                });
            }
        }
        Ok(())
    }

    /// Tests the queued handlers that name what changed; those that no longer match leave, none is added
    /// (B13, D3).
    fn retest(
        &mut self,
        ctx: &mut Context,
        before: (usize, usize),
        queued: &mut BTreeSet<usize>,
    ) -> Result<Vec<&'static str>> {
        let mut left = Vec::new();
        if queued.is_empty() {
            return Ok(left);
        }
        let changed = Seen {
            changes: &ctx.changes,
            from: before,
        };
        if changed.is_empty() {
            return Ok(left);
        }
        let readers = self
            .index
            .get_or_insert_with(|| Index::new(self.handlers))
            .readers(&changed);
        for i in readers {
            if queued.contains(&i) && holds(self.handlers[i], ctx)?.is_err() {
                queued.remove(&i);
                left.push(self.handlers[i].id);
            }
        }
        Ok(left)
    }

    fn dropped(&mut self, ctx: &mut Context, handler: &Handler) {
        if self.tracer.listens() {
            let why = flags_hold(handler, &ctx.flags).err().map(|u| u.to_string());
            self.tracer.event(&TraceEvent::Dropped {
                handler: handler.id,
                why: why.as_deref().unwrap_or("a condition no longer holds"),
            });
        }
    }

    fn due_externals(&mut self, ctx: &mut Context) -> Result<Vec<usize>> {
        let mut due = Vec::new();
        for (i, external) in self.externals.iter_mut().enumerate() {
            if external.test(ctx)? {
                due.push(i);
            }
        }
        Ok(due)
    }

    fn sort(&mut self, due: &mut [usize]) -> Result {
        if due.len() < 2 {
            return Ok(());
        }
        if self.ranks.is_none() {
            self.ranks = Some(self.registry.ranks()?);
        }
        if let Some(ranks) = &self.ranks {
            ranks.sort(due);
        }
        Ok(())
    }

    fn watched_files(&self) -> BTreeSet<&'static str> {
        self.handlers
            .iter()
            .flat_map(|h| sources(h))
            .filter(|s| s.kind == "file")
            .map(|s| s.key)
            .collect()
    }
}
