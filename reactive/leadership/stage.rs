//! Staging: plain values that are written before the peer relation is there wait in the unit's own state.

use ensign::prelude::{Context, Level, Result};

use super::LeadershipFlags;
use super::truth::Truth;
use super::write::Group;

impl LeadershipFlags {
    /// Keeps a group until the peer relation is there.
    pub(super) fn stage(&mut self, ctx: &mut Context, group: &Group) -> Result {
        if group.secret {
            // It is in the settings; a copy in clear is not kept on disk.
            return Ok(());
        }
        let memory = self.memory(ctx)?;
        for (key, value) in &group.pairs {
            match value {
                Some(value) => memory.staged.insert(key.clone(), value.clone()),
                None => memory.staged.remove(key),
            };
        }
        Ok(())
    }

    /// The first hook that sees the bag publishes what was staged, if this unit still leads and nobody has ever
    /// written there; otherwise somebody else was first, and what was staged is dropped.
    pub(super) fn publish_staged(&mut self, ctx: &mut Context) -> Result {
        if self.truth != Some(Truth::Bag) || self.memory(ctx)?.staged.is_empty() {
            return Ok(());
        }
        let Some(bag) = self.open_bag(ctx)? else {
            return Ok(());
        };
        let untouched = bag.contents.generation.is_none();
        let staged = std::mem::take(&mut self.memory(ctx)?.staged);
        if self.promise.holds() && untouched {
            let pairs = staged.into_iter().map(|(key, text)| (key, Some(text)));
            return self.put(
                ctx,
                &pairs.collect::<std::collections::BTreeMap<_, _>>().into(),
            );
        }
        let why = if self.promise.holds() {
            "another unit's value was there first"
        } else {
            "this unit no longer leads"
        };
        for key in staged.keys() {
            ctx.log(
                Level::Warning,
                format!("the staged leader setting `{key}` is dropped: {why}"),
            );
        }
        Ok(())
    }
}
