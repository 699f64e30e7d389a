//! What snapd has still to do, and what it has done.

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

use crate::choice::{Snap, flag};
use crate::program::{Attempt, Failed};
use crate::{ASKED, snapd, wake};

const QUEUE: &str = "layer.snap.queue";
const DONE: &str = "layer.snap.done";

/// What is asked for and not done yet. By name: of two wishes for a snap the later counts.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) install: BTreeMap<String, Snap>,
    pub(crate) refresh: BTreeSet<String>,
    pub(crate) remove: BTreeSet<String>,
}

impl Queue {
    pub(crate) fn of(ctx: &mut Context) -> Result<Self> {
        ctx.kv().get_or(QUEUE, Self::default())
    }

    fn keep(&self, ctx: &mut Context) -> Result {
        if *self == Self::default() {
            ctx.kv().unset(QUEUE);
            return Ok(());
        }
        ctx.kv().set(QUEUE, self)
    }

    /// Changes what is asked for. What is new gets a try in this very hook.
    pub(crate) fn change(ctx: &mut Context, change: impl FnOnce(&mut Self)) -> Result {
        let before = Self::of(ctx)?;
        let mut queue = before.clone();
        change(&mut queue);
        if queue == before {
            return Ok(());
        }
        queue.keep(ctx)?;
        ctx.set_flag(ASKED)?;
        wake(ctx)
    }

    /// What it is about, for people; nothing where there is nothing to do.
    pub(crate) fn told(&self) -> Option<String> {
        let install = self.install.keys().map(|name| ("install", name));
        let refresh = self.refresh.iter().map(|name| ("refresh", name));
        let remove = self.remove.iter().map(|name| ("remove", name));
        let mut all = install.chain(refresh).chain(remove);
        let (verb, name) = all.next()?;
        Some(match all.count() {
            0 => format!("{verb} the snap {name}"),
            more => format!("{verb} the snap {name} and do {more} more"),
        })
    }

    /// Does one after the other, and keeps what is left at the first that fails.
    pub(crate) fn carry_out(mut self, ctx: &mut Context) -> Result<Attempt> {
        while let Some((verb, name, arguments)) = self.next() {
            let attempt = one(ctx, verb, &name, &arguments)?;
            if let Err(failed) = attempt {
                self.keep(ctx)?;
                return Ok(Err(match failed {
                    // Some causes say as much themselves.
                    Failed::Because(why) if !why.starts_with(&format!("cannot {verb}")) => {
                        Failed::Because(format!("cannot {verb} the snap {name}: {why}"))
                    }
                    failed => failed,
                }));
            }
            self.finish(ctx, verb, &name)?;
        }
        self.keep(ctx)?;
        Ok(Ok(()))
    }

    fn next(&self) -> Option<(&'static str, String, Vec<String>)> {
        if let Some(name) = self.remove.first() {
            return Some(("remove", name.clone(), vec![name.clone()]));
        }
        if let Some((name, snap)) = self.install.first_key_value() {
            return Some(("install", name.clone(), snap.arguments()));
        }
        let name = self.refresh.first()?;
        Some(("refresh", name.clone(), vec![name.clone()]))
    }

    fn finish(&mut self, ctx: &mut Context, verb: &str, name: &str) -> Result {
        let mut done = done(ctx)?;
        match verb {
            "install" => {
                done.extend(self.install.remove_entry(name));
                // It is as new as the channel has it.
                self.refresh.remove(name);
                ctx.set_flag(flag(name))?;
            }
            "refresh" => drop(self.refresh.remove(name)),
            _ => {
                self.remove.remove(name);
                done.remove(name);
                ctx.clear_flag(flag(name))?;
            }
        }
        ctx.kv().set(DONE, &done)
    }
}

fn one(ctx: &mut Context, verb: &str, name: &str, arguments: &[String]) -> Result<Attempt> {
    // `snap install` leaves one that is there on its channel.
    let is_there = verb != "refresh" && snapd::version(ctx, name)?.is_some();
    let verb = match verb {
        "install" if is_there => "refresh",
        "remove" if !is_there => return Ok(Ok(())),
        verb => verb,
    };
    let mut all = vec![verb];
    all.extend(arguments.iter().map(String::as_str));
    snapd::snap(ctx, &all, "")
}

/// The snaps that were installed through this layer, and how each was chosen.
fn done(ctx: &mut Context) -> Result<BTreeMap<String, Snap>> {
    ctx.kv().get_or(DONE, BTreeMap::new())
}

/// Asks for a snap that is not there yet, or not from this channel.
pub(crate) fn install(ctx: &mut Context, snap: &Snap) -> Result {
    let before = done(ctx)?.remove(&snap.name);
    let is_done = before.as_ref() == Some(snap);
    if !is_done {
        ctx.clear_flag(flag(&snap.name))?;
    }
    Queue::change(ctx, |queue| {
        queue.remove.remove(&snap.name);
        if is_done {
            queue.install.remove(&snap.name);
        } else {
            queue.install.insert(snap.name.clone(), snap.clone());
        }
    })
}
