//! What apt has still to do, and what it has done.

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

use crate::package::{Package, flag};
use crate::{CHANGED, QUEUED};

const QUEUE: &str = "layer.apt.queue";
const DONE: &str = "layer.apt.done";

/// What is asked for and not done yet. By name: of two wishes for a package the later counts.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queue {
    /// To install: the version or release that was chosen, or nothing.
    pub(crate) install: BTreeMap<String, String>,
    /// To remove, with configuration.
    pub(crate) purge: BTreeSet<String>,
    /// To hold, or to hold no longer.
    pub(crate) hold: BTreeMap<String, bool>,
}

impl Queue {
    pub(crate) fn of(ctx: &mut Context) -> Result<Self> {
        ctx.kv().get_or(QUEUE, Self::default())
    }

    /// Changes what is asked for. What is new gets a try in this very hook.
    pub(crate) fn change(ctx: &mut Context, change: impl FnOnce(&mut Self)) -> Result {
        let before = Self::of(ctx)?;
        let mut queue = before.clone();
        change(&mut queue);
        if queue == before {
            return Ok(());
        }
        if queue == Self::default() {
            ctx.kv().unset(QUEUE);
            return ctx.clear_flag(QUEUED);
        }
        ctx.kv().set(QUEUE, &queue)?;
        ctx.set_flag(QUEUED)?;
        // A set flag that is set again wakes nobody.
        ctx.set_flag(CHANGED)?;
        ctx.clear_flag(CHANGED)
    }

    /// All of it was done.
    pub(crate) fn finish(self, ctx: &mut Context) -> Result {
        let mut done = done(ctx)?;
        for (name, choice) in self.install {
            ctx.set_flag(flag(&name))?;
            done.insert(name, choice);
        }
        for name in self.purge {
            ctx.clear_flag(flag(&name))?;
            done.remove(&name);
        }
        ctx.kv().set(DONE, &done)?;
        ctx.kv().unset(QUEUE);
        ctx.clear_flag(QUEUED)
    }

    /// Packages as apt takes them.
    pub(crate) fn installs(&self) -> Vec<String> {
        let all = self.install.iter();
        all.map(|(name, choice)| format!("{name}{choice}"))
            .collect()
    }

    /// What it is about, for people.
    pub(crate) fn told(&self) -> String {
        let holds = || self.hold.keys().map(String::as_str).collect::<Vec<_>>();
        if !self.install.is_empty() {
            let names: Vec<_> = self.install.keys().map(String::as_str).collect();
            format!("install {}", listed(&names))
        } else if !self.purge.is_empty() {
            let names: Vec<_> = self.purge.iter().map(String::as_str).collect();
            format!("remove {}", listed(&names))
        } else {
            format!("hold or release {}", listed(&holds()))
        }
    }
}

/// The packages that were installed through this layer, and how each was chosen.
pub(crate) fn done(ctx: &mut Context) -> Result<BTreeMap<String, String>> {
    ctx.kv().get_or(DONE, BTreeMap::new())
}

/// Asks for packages that are not there yet, or not in this version.
pub(crate) fn install(ctx: &mut Context, packages: &[Package]) -> Result {
    let done = done(ctx)?;
    for package in packages {
        if done
            .get(&package.name)
            .is_some_and(|c| *c != package.choice)
        {
            ctx.clear_flag(flag(&package.name))?;
        }
    }
    Queue::change(ctx, |queue| {
        for Package { name, choice } in packages {
            queue.purge.remove(name);
            if done.get(name) == Some(choice) {
                queue.install.remove(name);
            } else {
                queue.install.insert(name.clone(), choice.clone());
            }
        }
    })
}

/// A few by name, the rest by number.
fn listed(names: &[&str]) -> String {
    const FEW: usize = 4;
    let mut text = names[..names.len().min(FEW)].join(", ");
    if names.len() > FEW {
        text.push_str(&format!(" and {} more", names.len() - FEW));
    }
    text
}

/// Those of `names` that a failure speaks of; of none, all of them.
pub(crate) fn blamed<'a>(names: &[&'a str], cause: &str) -> Vec<&'a str> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    let words: BTreeSet<&str> = (cause.split(|c| !is_of_name(c)))
        .map(|word| word.trim_end_matches(['.', ':']))
        .collect();
    let told: Vec<_> = names
        .iter()
        .filter(|n| words.contains(*n))
        .copied()
        .collect();
    if told.is_empty() {
        names.to_vec()
    } else {
        told
    }
}

impl Queue {
    /// What cannot be done, with the packages at fault if the cause names them.
    pub(crate) fn failed(&self, cause: &str) -> String {
        let names: Vec<_> = self.install.keys().map(String::as_str).collect();
        if names.is_empty() {
            return format!("cannot {}: {cause}", self.told());
        }
        format!("cannot install {}: {cause}", listed(&blamed(&names, cause)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_at_fault_is_named() {
        let names = ["foo", "redis-server", "redis"];
        let cause = "Unable to locate package redis";
        assert_eq!(blamed(&names, cause), ["redis"]);
        let cause = "error processing package redis-server (--configure): it failed";
        assert_eq!(blamed(&names, cause), ["redis-server"]);
        let cause = "Version '9' for 'foo' was not found";
        assert_eq!(blamed(&names, cause), ["foo"]);
        assert_eq!(blamed(&names, "the network is down"), names);
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(listed(&["a", "b"]), "a, b");
        assert_eq!(
            listed(&["a", "b", "c", "d", "e", "f"]),
            "a, b, c, d and 2 more"
        );
    }
}
