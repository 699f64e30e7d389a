//! Writing leader data: the check first, then the tool, then the flags (D7).

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::{Context, Level, Result, Value};
use ensign::{Error, ErrorKind, Updates};

use super::LeadershipFlags;
use super::bag::no_endpoint;
use super::contents::{BAG, RESERVED, SECRET, looks_like_a_bell};
use super::generation::{Generation, KEY};
use super::memory::Bell;
use super::provider::CHANGED;
use super::truth::Truth;
use super::vault::{Content, Reading};

/// Plain values that are written together; `None` removes.
#[derive(Default)]
pub(super) struct Group {
    pub(super) pairs: BTreeMap<String, Option<String>>,
    /// Values must stay out of errors and traces: this Juju has no secrets to put them into.
    pub(super) secret: bool,
}

impl From<BTreeMap<String, Option<String>>> for Group {
    fn from(pairs: BTreeMap<String, Option<String>>) -> Self {
        Self {
            pairs,
            secret: false,
        }
    }
}

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
        let Some(current) = self.digests(ctx)? else {
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
        let mut renewed = BTreeSet::new();
        let mut changed = BTreeMap::new();
        for (key, value) in group {
            let digest = (!value.is_empty()).then(|| ctx.digest(value.as_bytes()));
            let differs = digest.as_ref() != current.get(&key);
            // A value that turns secret moves, although it stays the same.
            let moves = value.is_secret() && !self.is_in_vault(ctx, &key)?;
            if differs {
                renewed.insert(key.clone());
            }
            if differs || moves {
                changed.insert(key, (!value.is_empty()).then_some(value));
            }
        }
        if changed.is_empty() {
            return Ok((Ok(()), Updates::default()));
        }
        let done = self.store(ctx, &changed, renewed.is_empty());
        match &done {
            Ok(true) => {
                self.given.extend(renewed.iter().cloned());
                self.own.extend(changed);
            }
            Ok(false) => return Ok((Ok(()), Updates::default())),
            Err(e) => match e.kind() {
                ErrorKind::NotLeader => self.promise.refused(),
                // The values are read again: they may have been written.
                ErrorKind::Unknown => self.find_truth(ctx)?,
                _ => return Ok((done.map(drop), Updates::default())),
            },
        }
        let mut updates = self.flags(ctx)?;
        // A second value in one hook changes no flag, and must not be missed for that (D8).
        updates.renewed(CHANGED);
        for key in renewed {
            updates.renewed(format!("{CHANGED}.{key}"));
            updates.source(key);
        }
        Ok((done.map(drop), updates))
    }

    /// Puts a group where it belongs: whole into the secret if any part of it is secret. Values that only turn
    /// secret stay where they are if this Juju has no secrets; `false` where nothing could be done.
    fn store(
        &mut self,
        ctx: &mut Context,
        group: &BTreeMap<String, Option<Value>>,
        moves_only: bool,
    ) -> Result<bool> {
        let secret = group.values().flatten().any(Value::is_secret);
        let hidden = self.secret_keys(ctx)?;
        if (secret || group.keys().any(|key| hidden.contains(key)))
            && self.put_into_vault(ctx, group)?
        {
            return Ok(true);
        }
        if moves_only {
            return Ok(false);
        }
        if secret && self.truth == Some(Truth::NotYet) {
            wait_for_relation(ctx, group.keys());
            return Ok(false);
        }
        let pairs = group
            .iter()
            .map(|(key, value)| (key.clone(), value.as_ref().map(|v| v.to_string())))
            .collect();
        self.put(ctx, &Group { pairs, secret })?;
        Ok(true)
    }

    /// Writes plain values with a new generation to whatever store counts.
    pub(super) fn put(&mut self, ctx: &mut Context, group: &Group) -> Result {
        let has_endpoint = self.plan(ctx)?.endpoint.is_some();
        if self.truth == Some(Truth::Settings) {
            let known = self.memory(ctx)?.settings.clone();
            let bag = match &self.bag {
                Some(super::bag::PeerData::Open(bag)) => bag.contents.generation.clone(),
                _ => None,
            };
            let settings = self.settings(ctx)?;
            let last = settings.generation.clone();
            let next = Generation::after([&known, &bag, &last].into_iter().flatten(), ctx)?;
            let kept = self.write_settings(ctx, group, next)?;
            self.warn_of_command_line(ctx, group)?;
            if kept {
                if !has_endpoint {
                    return Ok(());
                }
                return match self.open_bag(ctx)? {
                    Some(_) => self.mirror(ctx),
                    None => self.stage(ctx, group),
                };
            }
            if !has_endpoint {
                return Err(no_endpoint(ctx));
            }
            self.truth = Some(match self.open_bag(ctx)? {
                Some(_) => Truth::Bag,
                None => Truth::NotYet,
            });
        }
        if self.truth == Some(Truth::NotYet) {
            return self.stage(ctx, group);
        }
        let known = self.memory(ctx)?.settings.clone();
        let Some(bag) = self.open_bag(ctx)? else {
            return Err(no_endpoint(ctx));
        };
        let (base, last) = (bag.contents.mark(), bag.contents.generation.clone());
        let next = Generation::after([&known, &last].into_iter().flatten(), ctx)?;
        let sentinel = (KEY.to_owned(), Some(next.to_string()));
        let mut mark = None;
        if let Some(bag) = self.open_bag(ctx)? {
            bag.contents.apply(&group.pairs);
            bag.contents.generation = Some(next);
            mark = bag.contents.mark();
        }
        self.publish_bag(ctx, group.pairs.clone().into_iter().chain([sentinel]))?;
        self.memory(ctx)?.staged.clear();
        self.wrote(ctx, BAG, base, mark)
    }

    fn warn_of_command_line(&mut self, ctx: &mut Context, group: &Group) -> Result {
        if group.secret
            && ctx.tools().shows_arguments()
            && self.memory(ctx)?.warned.insert("leader-set".to_owned())
        {
            ctx.log(
                Level::Warning,
                "`leader-set` takes values on its command line only: a secret one can be seen in the list of \
                 processes while it runs",
            );
        }
        Ok(())
    }

    /// Takes a group into the application's secret, which is written with the commit; `false` where this Juju has
    /// no secrets.
    pub(super) fn put_into_vault(
        &mut self,
        ctx: &mut Context,
        group: &BTreeMap<String, Option<Value>>,
    ) -> Result<bool> {
        let plan = self.plan(ctx)?;
        if !plan.secrets {
            return Ok(false);
        }
        let nowhere_to_ring = plan.endpoint.is_none() && !(plan.settings && plan.prefers_settings);
        let stored = match self.vault.read(ctx)? {
            Reading::NoSecrets => return Ok(false),
            Reading::There(content) => Some(content.clone()),
            _ => None,
        };
        if nowhere_to_ring {
            return Err(no_endpoint(ctx));
        }
        if stored.is_some() && self.vault.id(ctx)?.is_none() {
            self.promise.refused();
            return Err(self.not_leader(
                "leader settings cannot be written: leadership came after this hook began",
            ));
        }
        let bell = self.visible_bell(ctx)?;
        let base = stored.as_ref().map(|content| content.generation.clone());
        let generation = Generation::after([&base, &bell].into_iter().flatten(), ctx)?;
        let mut values = match (self.vault.next.take(), stored) {
            (Some(next), _) => next.values,
            (None, Some(stored)) => stored.values,
            (None, None) => BTreeMap::new(),
        };
        for (key, value) in group {
            match value {
                Some(value) => values.insert(key.clone(), value.to_string()),
                None => values.remove(key),
            };
        }
        let digests = values
            .iter()
            .map(|(key, value)| (key.clone(), ctx.digest(value.as_bytes())))
            .collect();
        let content = Content { values, generation };
        // Too much is found out now rather than at the commit.
        ensign::tools::secret_document(&content.encode()?)?;
        let rings = self.ring_with_commit(ctx, &content.generation)?;
        let memory = self.memory(ctx)?;
        memory.secrets = digests;
        memory.bell = Bell::Heard(content.generation.clone());
        memory.owes = !rings;
        let (base, mark) = (base.map(|g| g.to_string()), content.generation.to_string());
        self.vault.next = Some(content);
        self.wrote(ctx, SECRET, base, Some(mark))?;
        Ok(true)
    }
}

/// This Juju has no secrets, and in clear they are not kept on disk: the values wait, unset, and the handler that
/// makes them is due again in the next hook.
fn wait_for_relation<'a>(ctx: &mut Context, keys: impl Iterator<Item = &'a String>) {
    let keys: Vec<&str> = keys.map(String::as_str).collect();
    ctx.log(
        Level::Info,
        format!(
            "the secret leader values `{}` wait for the peer relation, which is not there yet",
            keys.join("`, `")
        ),
    );
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
        if !value.is_secret() && looks_like_a_bell(value) {
            return Err(invalid(
                "the value looks like a reference to the application's own secret",
            ));
        }
    }
    Ok(())
}
