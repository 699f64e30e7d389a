//! Waking providers, asking them, and applying what they say.

use std::any::Any;

use super::{Context, HandlerView, Provider, Seen, SlotState, Updates, no_endpoints, no_store};
use crate::error::{Error, ErrorKind, Result};

impl Context {
    /// Brings the namespace that `flag` belongs to up to date, if it is one.
    pub(super) fn wake_for(&mut self, flag: &str) -> Result {
        match self.slots.iter().position(|s| flag.starts_with(&*s.prefix)) {
            Some(index) => self.wake(index),
            None if self.relation_call.is_none() && flag.starts_with("endpoint.") => {
                Err(no_endpoints())
            }
            None => Ok(()),
        }
    }

    /// Brings a provider's flags up to date, once per process.
    pub(crate) fn wake(&mut self, index: usize) -> Result {
        if self.slots[index].state != SlotState::Asleep || self.is_restricted() {
            return Ok(());
        }
        self.slots[index].state = SlotState::Waking;
        let refreshed = self.ask(index, |provider, ctx| provider.refresh(ctx));
        let applied = refreshed.and_then(|updates| self.apply(index, updates));
        let slot = &mut self.slots[index];
        slot.state = match applied {
            Ok(()) => SlotState::Awake,
            // What was read half is not read: the next call fails the same way instead of guessing.
            Err(_) => SlotState::Asleep,
        };
        applied.map_err(|e| {
            e.context(format!(
                "cannot bring the flags `{}*` up to date",
                self.slots[index].prefix
            ))
        })
    }

    /// Hands the context to a provider. It is out of its slot meanwhile.
    pub(crate) fn ask<R>(
        &mut self,
        index: usize,
        question: impl FnOnce(&mut dyn Provider, &mut Self) -> Result<R>,
    ) -> Result<R> {
        let Some(mut provider) = self.slots[index].provider.take() else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!(
                    "the provider of `{}*` was called from inside itself",
                    self.slots[index].prefix
                ),
            ));
        };
        let answer = question(provider.as_mut(), self);
        self.slots[index].provider = Some(provider);
        answer
    }

    /// Applies what a provider found: flags with their triggers, then sources and flags that stay.
    pub(crate) fn apply(&mut self, index: usize, updates: Updates) -> Result {
        for (flag, set) in updates.flags {
            self.apply_flag(&flag, set)?;
        }
        if let Some((kind, begin)) = &self.slots[index].source {
            for key in updates.sources {
                self.changes.source(kind, &format!("{begin}{key}"));
            }
        }
        for flag in updates.renewed {
            if self.flags.contains(&flag) {
                self.changes.renewed(&flag);
            }
        }
        Ok(())
    }

    /// Calls a layer's own provider, woken first: how a layer's methods on the context reach their state.
    ///
    /// What `call` reports as [`Updates`] is applied when it has returned, so that triggers may call the layer
    /// again.
    ///
    /// # Errors
    /// When no linked layer registers such a provider, when its flags cannot be brought up to date, in a
    /// restricted hook, and whatever `call` fails with.
    pub fn with_provider<P: Provider, R>(
        &mut self,
        call: impl FnOnce(&mut P, &mut Self) -> Result<(R, Updates)>,
    ) -> Result<R> {
        self.with_provider_of("", call)
    }

    /// The same where several providers are of one type: the one whose prefix begins so.
    pub(crate) fn with_provider_of<P: Provider, R>(
        &mut self,
        prefix: &str,
        call: impl FnOnce(&mut P, &mut Self) -> Result<(R, Updates)>,
    ) -> Result<R> {
        if self.is_restricted() {
            return Err(no_store());
        }
        let is_ours = |slot: &super::Slot| {
            slot.prefix.starts_with(prefix)
                && slot
                    .provider
                    .as_deref()
                    .is_some_and(|p| (p as &dyn Any).is::<P>())
        };
        let Some(index) = self.slots.iter().position(is_ours) else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("no linked layer provides `{}`", std::any::type_name::<P>()),
            ));
        };
        self.wake(index)?;
        let (result, updates) = self.ask(index, |provider, ctx| {
            match (provider as &mut dyn Any).downcast_mut::<P>() {
                Some(provider) => call(provider, ctx),
                None => Err(Error::new(
                    ErrorKind::Unavailable,
                    "the provider changed its type",
                )),
            }
        })?;
        self.apply(index, updates)?;
        Ok(result)
    }

    /// Forgets what tools answered: after an executable that may have called them itself (D6).
    pub(crate) fn forget_answers(&mut self) -> Result {
        self.config = None;
        for index in 0..self.slots.len() {
            if self.slots[index].state == SlotState::Awake {
                self.ask(index, |provider, ctx| {
                    provider.forget(ctx);
                    Ok(())
                })?;
                self.slots[index].state = SlotState::Asleep;
                self.wake(index)?;
            }
        }
        Ok(())
    }

    /// The flags of a namespace that are set, without bringing it up to date: for its own provider.
    #[must_use]
    pub fn flags_below(&self, prefix: &str) -> Vec<String> {
        self.flags
            .below(prefix)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// What a source of `when_changed` holds now.
    pub(crate) fn source_value(&mut self, kind: &str, key: &str) -> Result<Seen> {
        match kind {
            "file" => self.file_seen(key),
            "data" => Ok(self
                .document
                .data
                .get(key)
                .map_or(Seen::Absent, |d| Seen::Value(*d))),
            _ => match self
                .slots
                .iter()
                .position(|s| s.key_of(kind, key).is_some())
            {
                Some(index) => {
                    self.wake(index)?;
                    let key = self.slots[index].key_of(kind, key).unwrap_or(key);
                    self.ask(index, |provider, ctx| provider.changed_value(ctx, key))
                }
                // A bare binary knows of no endpoint.
                None if kind == "endpoint" => Ok(Seen::Absent),
                None => Err(Error::new(
                    ErrorKind::Unavailable,
                    format!(
                        "no linked layer offers the source `{kind}` of `when_changed({kind} = \"{key}\")`"
                    ),
                )),
            },
        }
    }

    /// Tells the providers whose flags the handler names that it is about to run.
    pub(crate) fn revalidate(
        &mut self,
        names: &dyn Fn(&str) -> bool,
        view: &HandlerView<'_>,
    ) -> Result {
        for index in 0..self.slots.len() {
            if self.slots[index].state == SlotState::Awake && names(&self.slots[index].prefix) {
                let updates = self.ask(index, |provider, ctx| provider.revalidate(ctx, view))?;
                self.apply(index, updates)?;
            }
        }
        Ok(())
    }

    /// Tells them that it has run.
    pub(crate) fn handler_finished(
        &mut self,
        names: &dyn Fn(&str) -> bool,
        view: &HandlerView<'_>,
    ) -> Result {
        for index in 0..self.slots.len() {
            if self.slots[index].state == SlotState::Awake && names(&self.slots[index].prefix) {
                self.ask(index, |provider, ctx| {
                    provider.finished(ctx, view);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}
