//! Which of the two stores of plain values is the truth, and keeping the other one ready for the day it has to be.
//!
//! Settings carry a sentinel, their generation. With a peer endpoint declared they are mirrored to its bag, sentinel
//! included. A 4.x controller accepts what an older agent writes to the settings and forgets it, so settings
//! without a sentinel, although one was seen before, are not empty but gone: the bag is the truth then.

use std::collections::BTreeMap;

use ensign::hook::HookKind;
use ensign::{Context, ErrorKind, Result, tools};

use super::LeadershipFlags;
use super::bag::PeerData;
use super::contents::{BAG, Contents};
use super::generation::{Generation, KEY};
use super::write::Group;

/// Where plain values are, as seen from this hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Settings,
    Bag,
    /// Not within reach yet; what was staged counts.
    NotYet,
    /// Not within reach any more.
    Hidden,
}

impl LeadershipFlags {
    /// Reads what has to be read and decides.
    pub(super) fn find_truth(&mut self, ctx: &mut Context) -> Result {
        if self.truth.is_some() {
            return Ok(());
        }
        let plan = self.plan(ctx)?;
        let truth = match (plan.settings, plan.prefers_settings) {
            (true, true) => self.settings_or_bag(ctx)?,
            (true, false) => self.bag_or_settings(ctx)?,
            (false, _) => self.bag_alone(ctx)?,
        };
        self.truth = Some(truth);
        Ok(())
    }

    fn bag_alone(&mut self, ctx: &mut Context) -> Result<Truth> {
        Ok(match self.peer_data(ctx)? {
            PeerData::NotYet => Truth::NotYet,
            PeerData::Hidden => Truth::Hidden,
            // Whoever only wants to know who leads needs no endpoint.
            PeerData::NoEndpoint | PeerData::Open(_) => Truth::Bag,
        })
    }

    fn settings_or_bag(&mut self, ctx: &mut Context) -> Result<Truth> {
        let has_endpoint = self.plan(ctx)?.endpoint.is_some();
        let sentinel = self.settings(ctx)?.generation.clone();
        let Some(sentinel) = sentinel else {
            let memory = self.memory(ctx)?;
            let (staged, seen) = (!memory.staged.is_empty(), memory.settings.is_some());
            // Of the bag a follower hears in the hooks of the relation; from then on it looks.
            if !has_endpoint
                || !(staged || seen || self.promise.holds() || self.has_peer_news(ctx)?)
            {
                return Ok(Truth::Settings);
            }
            let bag = match self.peer_data(ctx)? {
                PeerData::Open(bag) => bag.contents.generation.clone(),
                PeerData::NotYet if staged => return Ok(Truth::NotYet),
                _ if staged || seen => return Ok(Truth::Hidden),
                _ => return Ok(Truth::Settings),
            };
            let bag_wrote = bag.is_some();
            if !seen {
                self.memory(ctx)?.settings = bag;
            }
            if bag_wrote || staged || seen {
                return Ok(Truth::Bag);
            }
            return self.adopt_settings(ctx);
        };
        if !has_endpoint {
            return Ok(Truth::Settings);
        }
        let memory = self.memory(ctx)?;
        if memory
            .settings
            .as_ref()
            .is_none_or(|g| g.number < sentinel.number)
        {
            memory.settings = Some(sentinel.clone());
        }
        let look = !memory.staged.is_empty()
            || self.promise.holds() && (self.is_mirror_due(ctx, &sentinel)?);
        if !look {
            return Ok(Truth::Settings);
        }
        let Some(bag) = self.open_bag(ctx)? else {
            return Ok(Truth::Settings);
        };
        let mirrored = bag.contents.generation.clone();
        if mirrored
            .as_ref()
            .is_some_and(|g| g.number > sentinel.number)
        {
            return self.restore_settings(ctx);
        }
        if self.promise.holds() {
            self.mirror(ctx)?;
        } else if mirrored.is_some() {
            self.memory(ctx)?.staged.clear();
        }
        Ok(Truth::Settings)
    }

    /// The mirror is looked at in hooks that may bring news of it, and whenever the settings were written since.
    fn is_mirror_due(&mut self, ctx: &mut Context, sentinel: &Generation) -> Result<bool> {
        Ok(self.has_peer_news(ctx)? || self.memory(ctx)?.mirrored.as_ref() != Some(sentinel))
    }

    /// Hooks that may bring news of the bag.
    pub(super) fn has_peer_news(&mut self, ctx: &mut Context) -> Result<bool> {
        let kind = ctx.hook().kind();
        Ok(self.is_about_peers(ctx)?
            || matches!(kind, HookKind::LeaderElected | HookKind::UpgradeCharm))
    }

    /// Whether the hook is one of the peer relation's.
    pub(super) fn is_about_peers(&mut self, ctx: &mut Context) -> Result<bool> {
        let plan = self.plan(ctx)?;
        let endpoint = plan.endpoint.as_deref();
        Ok(endpoint.is_some() && ctx.hook().relation().map(|r| r.endpoint.as_str()) == endpoint)
    }

    /// Settings that no layer of ours ever wrote: the truth, and from now on with a sentinel.
    fn adopt_settings(&mut self, ctx: &mut Context) -> Result<Truth> {
        let empty = self.settings(ctx)?.values.is_empty();
        if !empty && self.promise.holds() && ctx.consumes() {
            let sentinel = Generation::after([], ctx)?;
            let nothing = Group::default();
            if self.write_settings(ctx, &nothing, sentinel)? {
                self.mirror(ctx)?;
            }
        }
        Ok(Truth::Settings)
    }

    /// The bag holds what was written later, while the settings were not the place: the leader writes it back, unless
    /// Juju has stopped keeping them.
    fn restore_settings(&mut self, ctx: &mut Context) -> Result<Truth> {
        if !self.promise.holds() || !ctx.consumes() {
            return Ok(Truth::Bag);
        }
        let Some(bag) = self.open_bag(ctx)?.map(|bag| bag.contents.clone()) else {
            return Ok(Truth::Bag);
        };
        let Some(generation) = bag.generation.clone() else {
            return Ok(Truth::Bag);
        };
        let group = difference(&self.settings(ctx)?.values, &bag.values);
        if !self.write_settings(ctx, &group.into(), generation.clone())? {
            return Ok(Truth::Bag);
        }
        self.memory(ctx)?.mirrored = Some(generation);
        Ok(Truth::Settings)
    }

    /// The bag is preferred although Juju has settings: what they hold moves over once.
    fn bag_or_settings(&mut self, ctx: &mut Context) -> Result<Truth> {
        match self.peer_data(ctx)? {
            PeerData::Open(bag) if bag.contents.generation.is_none() => {}
            _ => return self.bag_alone(ctx),
        }
        let settings = self.settings(ctx)?.clone();
        if settings.values.is_empty() && settings.generation.is_none() {
            return Ok(Truth::Bag);
        }
        if !self.promise.holds() || !ctx.consumes() {
            return Ok(Truth::Settings);
        }
        if settings.generation.is_none() {
            let first = Generation::after([], ctx)?;
            self.settings(ctx)?.generation = Some(first);
        }
        self.mirror(ctx)?;
        Ok(Truth::Bag)
    }

    /// Makes the bag hold what the settings hold.
    pub(super) fn mirror(&mut self, ctx: &mut Context) -> Result {
        let settings = self.settings(ctx)?.clone();
        let Some(sentinel) = settings.generation.clone() else {
            return Ok(());
        };
        let secret = self.secret_keys(ctx)?;
        let open = self.values_to_mirror(&settings, &secret);
        let Some(bag) = self.open_bag(ctx)? else {
            return Ok(());
        };
        let base = bag.contents.mark();
        let mut pairs = difference(&bag.contents.values, &open);
        let same = bag.contents.generation.as_ref() == Some(&sentinel);
        if !same || !pairs.is_empty() {
            bag.contents.apply(&pairs);
            bag.contents.generation = Some(sentinel.clone());
            let mark = bag.contents.mark();
            pairs.insert(KEY.to_owned(), Some(sentinel.to_string()));
            self.publish_bag(ctx, pairs)?;
            self.wrote(ctx, BAG, base, mark)?;
        }
        let memory = self.memory(ctx)?;
        memory.mirrored = Some(sentinel);
        memory.staged.clear();
        Ok(())
    }

    /// What is on its way into the secret is not copied about in clear.
    fn values_to_mirror(
        &self,
        settings: &Contents,
        secret: &std::collections::BTreeSet<String>,
    ) -> BTreeMap<String, String> {
        let open = settings
            .values
            .iter()
            .filter(|(key, _)| !secret.contains(*key));
        open.map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The settings, read once in this context.
    pub(super) fn settings(&mut self, ctx: &mut Context) -> Result<&mut Contents> {
        if self.settings.is_none() {
            self.settings = Some(Contents::of(tools::leader_get_all(ctx.tools())?));
        }
        Ok(self.settings.get_or_insert_default())
    }

    /// Writes to the settings at once and reads back whether Juju keeps it; `false` where it does not.
    pub(super) fn write_settings(
        &mut self,
        ctx: &mut Context,
        group: &Group,
        generation: Generation,
    ) -> Result<bool> {
        let mut pairs: BTreeMap<&str, &str> = group
            .pairs
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_deref().unwrap_or_default()))
            .collect();
        let sentinel = generation.to_string();
        pairs.insert(KEY, &sentinel);
        // Directly before the write: whatever was called since the last look at the clock may have taken long.
        self.still_leads(ctx)?;
        let done = tools::leader_set(ctx.tools(), pairs, group.secret);
        if let Err(e) = done {
            let error = ensign::Error::from(e);
            if error.kind() == ErrorKind::Unknown {
                // It may have been written: whatever is decided next looks again.
                self.settings = None;
                self.truth = None;
            }
            return Err(error);
        }
        let names: Vec<&str> = group.pairs.keys().map(String::as_str).collect();
        if !names.is_empty() {
            ctx.note_immediate(format!("leader settings `{}`", names.join("`, `")));
        }
        self.settings = None;
        let kept = self.settings(ctx)?.generation.as_ref() == Some(&generation);
        if kept && self.plan(ctx)?.endpoint.is_some() {
            self.memory(ctx)?.settings = Some(generation);
        }
        Ok(kept)
    }
}

/// What has to be written to make `from` equal `to`; `None` removes.
fn difference(
    from: &BTreeMap<String, String>,
    to: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let changed = to
        .iter()
        .filter(|(key, value)| from.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), Some(value.clone())));
    let removed = from
        .keys()
        .filter(|key| !to.contains_key(*key))
        .map(|key| (key.clone(), None));
    changed.chain(removed).collect()
}
