//! Writing leader data: the check first, then the tool, then the flags (D7).

use std::collections::BTreeMap;

use ensign::prelude::{Context, Level, Result, Value};
use ensign::{Error, ErrorKind, Updates};

use super::backend::{Group, RESERVED, View};
use super::generation::Generation;
use super::provider::{CHANGED, LeadershipFlags, Wrote, generation, recorded};

/// How a reference to the application's secret looks; a plain value must not be mistaken for one.
const REFERENCE: &str = "?ensign-rev=";

impl LeadershipFlags {
    /// `leader_set` of the context. The inner result is the charm's; flags are brought up to date either way.
    pub(super) fn write(
        &mut self,
        ctx: &mut Context,
        group: BTreeMap<String, Value>,
    ) -> Result<(Result, Updates)> {
        check(&group)?;
        if self.promise.is_stale(ctx) {
            self.promise.ask(ctx)?;
        }
        if !self.promise.holds() {
            let refused = self.not_leader("leader settings cannot be written");
            return Ok((Err(refused), self.flags(ctx)?));
        }
        let Some(current) = self.current() else {
            let keys: Vec<&str> = group.keys().map(String::as_str).collect();
            ctx.log(
                Level::Info,
                format!(
                    "`{}` not written: the unit is leaving its peer relation",
                    keys.join("`, `")
                ),
            );
            return Ok((Ok(()), Updates::default()));
        };
        let changed: BTreeMap<String, Option<Value>> = group
            .into_iter()
            .filter(|(key, value)| current.get(key).map_or("", |v| v) != &**value)
            .map(|(key, value)| (key, (!value.is_empty()).then_some(value)))
            .collect();
        if changed.is_empty() {
            return Ok((Ok(()), Updates::default()));
        }
        let done = match self.view {
            Some(View::NotYet) => self.stage(ctx, &changed),
            _ => self.put(ctx, changed.clone()),
        };
        if let Err(e) = &done {
            match e.kind() {
                ErrorKind::NotLeader => self.promise.refused(),
                ErrorKind::Unknown => {
                    self.view = None;
                    self.look(ctx)?;
                }
                _ => return Ok((done, Updates::default())),
            }
        }
        let mut updates = self.flags(ctx)?;
        // A second value in one hook changes no flag, and must not be missed for that (D8).
        updates.renewed(CHANGED);
        for key in changed.into_keys() {
            updates.renewed(format!("{CHANGED}.{key}"));
            updates.source(key);
        }
        Ok((done, updates))
    }

    /// Writes a group with a new generation.
    fn put(&mut self, ctx: &mut Context, group: BTreeMap<String, Option<Value>>) -> Result {
        let last = generation(self.view.as_ref()).cloned();
        let next = Generation::after(last.as_ref(), ctx)?;
        let secret = group.values().flatten().any(Value::is_secret);
        let Some(backend) = &mut self.backend else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the store of leader data is not chosen yet",
            ));
        };
        if secret
            && !backend.is_buffered()
            && self
                .memory
                .get_or_insert_default()
                .warned
                .insert("leader-set".to_owned())
        {
            ctx.log(
                Level::Warning,
                "`leader-set` takes values on its command line only: a secret one can be seen in the list of \
                 processes while it runs",
            );
        }
        let pairs = group
            .iter()
            .map(|(key, value)| (key.clone(), value.as_ref().map(|v| v.to_string())))
            .collect();
        backend.write(
            ctx,
            &Group {
                pairs: &pairs,
                generation: &next,
                secret,
            },
        )?;
        self.wrote = Some(Wrote {
            store: backend.name().to_owned(),
            base: self.base(ctx, last.as_ref())?,
            generation: next.to_string(),
        });
        if let Some(View::Open(contents)) = &mut self.view {
            contents.generation = Some(next);
        }
        self.own.extend(group);
        Ok(())
    }

    /// The generation that stood there before this context wrote: own earlier writes do not count, nor those
    /// of an earlier process of this context.
    fn base(&self, ctx: &Context, last: Option<&Generation>) -> Result<Option<String>> {
        let last = last.map(ToString::to_string);
        let earlier = recorded(ctx)?.wrote;
        Ok(match self.wrote.as_ref().or(earlier.as_ref()) {
            Some(wrote) if Some(&wrote.generation) == last.as_ref() => wrote.base.clone(),
            _ => last,
        })
    }

    /// Keeps a group until the peer relation is there. Secret values are never kept in clear: such a group
    /// waits, unset, and the handler that makes it is due again in the next hook.
    fn stage(&mut self, ctx: &mut Context, group: &BTreeMap<String, Option<Value>>) -> Result {
        if group.values().flatten().any(Value::is_secret) {
            let keys: Vec<&str> = group.keys().map(String::as_str).collect();
            ctx.log(
                Level::Info,
                format!(
                    "the secret leader values `{}` wait for the peer relation, which is not there yet",
                    keys.join("`, `")
                ),
            );
            return Ok(());
        }
        for (key, value) in group {
            let staged = &mut self.memory().staged;
            match value {
                Some(value) => staged.insert(key.clone(), value.to_string()),
                None => staged.remove(key),
            };
        }
        Ok(())
    }

    /// The first hook that sees the store publishes what was staged, if this unit still leads and nobody has
    /// ever written there; otherwise somebody else was first, and what was staged is dropped.
    pub(super) fn publish_staged(&mut self, ctx: &mut Context) -> Result {
        if self.memory().staged.is_empty() || !matches!(self.view, Some(View::Open(_))) {
            return Ok(());
        }
        let staged = std::mem::take(&mut self.memory().staged);
        if self.promise.holds() && generation(self.view.as_ref()).is_none() {
            let group = staged
                .into_iter()
                .map(|(key, text)| (key, Some(Value::from(text))))
                .collect();
            return self.put(ctx, group);
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

/// What no store can carry, or what would be mistaken for something else.
fn check(group: &BTreeMap<String, Value>) -> Result {
    for (key, value) in group {
        let invalid = |why: &str| {
            Error::new(
                ErrorKind::Invalid,
                format!(
                    "the leader setting `{}` cannot be written: {why}",
                    key.escape_debug()
                ),
            )
        };
        if key.is_empty() {
            return Err(invalid("a key cannot be empty"));
        }
        if key.contains('=') || key.trim() != key {
            return Err(invalid(
                "a key cannot contain `=`, nor begin or end with white space",
            ));
        }
        if RESERVED.contains(&key.as_str()) {
            return Err(invalid("the name is the layer's own"));
        }
        if !value.is_secret() && value.starts_with("secret:") && value.contains(REFERENCE) {
            return Err(invalid(
                "the value looks like a reference to the application's own secret",
            ));
        }
    }
    Ok(())
}
