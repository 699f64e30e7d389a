//! Flags, as a handler reads and changes them.

use super::{Context, no_store};
use crate::error::{Error, ErrorKind, Result};
use crate::flags::{Effects, FlagError, TriggerBuilder, valid};

/// How deep triggers may call each other. Declared loops are refused before; this one stops those that
/// handlers register (D21).
const TRIGGER_DEPTH: usize = 100;

impl Context {
    /// Sets a flag and follows its triggers at once. Setting a set flag changes nothing (B24).
    ///
    /// # Errors
    /// When the name breaks the rules, in a restricted hook, or when a trigger fails. An error that the
    /// handler ignores still fails the hook.
    pub fn set_flag(&mut self, flag: impl AsRef<str>) -> Result {
        self.change_flag(flag.as_ref(), true)
            .map_err(|e| self.poisoned(e))
    }

    /// Clears a flag and follows its triggers at once. Clearing an unset flag changes nothing.
    ///
    /// # Errors
    /// As [`set_flag`](Self::set_flag).
    pub fn clear_flag(&mut self, flag: impl AsRef<str>) -> Result {
        self.change_flag(flag.as_ref(), false)
            .map_err(|e| self.poisoned(e))
    }

    /// Sets the flag if `set`, else clears it (B41).
    ///
    /// # Errors
    /// As [`set_flag`](Self::set_flag).
    pub fn toggle_flag(&mut self, flag: impl AsRef<str>, set: bool) -> Result {
        self.change_flag(flag.as_ref(), set)
            .map_err(|e| self.poisoned(e))
    }

    /// Whether the flag is set, this hook's own changes included (B42). The first read of an automatic flag
    /// brings its namespace up to date.
    ///
    /// # Errors
    /// When the name breaks the rules, in a restricted hook, or when the namespace cannot be read.
    pub fn is_flag_set(&mut self, flag: impl AsRef<str>) -> Result<bool> {
        let flag = flag.as_ref();
        self.check_flag(flag)
            .and_then(|()| self.wake_for(flag))
            .map_err(|e| self.poisoned(e))?;
        Ok(self.flags.contains(flag))
    }

    /// Whether all of them are set; of none, yes.
    ///
    /// # Errors
    /// As [`is_flag_set`](Self::is_flag_set).
    pub fn all_flags_set<F: AsRef<str>>(
        &mut self,
        flags: impl IntoIterator<Item = F>,
    ) -> Result<bool> {
        for flag in flags {
            if !self.is_flag_set(flag)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether any of them is set; of none, no.
    ///
    /// # Errors
    /// As [`is_flag_set`](Self::is_flag_set).
    pub fn any_flags_set<F: AsRef<str>>(
        &mut self,
        flags: impl IntoIterator<Item = F>,
    ) -> Result<bool> {
        for flag in flags {
            if self.is_flag_set(flag)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Those of `flags` that are not set, in their order.
    ///
    /// # Errors
    /// As [`is_flag_set`](Self::is_flag_set).
    pub fn unset_flags<F: AsRef<str>>(
        &mut self,
        flags: impl IntoIterator<Item = F>,
    ) -> Result<Vec<String>> {
        let mut unset = Vec::new();
        for flag in flags {
            if !self.is_flag_set(&flag)? {
                unset.push(flag.as_ref().to_owned());
            }
        }
        Ok(unset)
    }

    /// Every flag that is set, sorted (B40). Brings every namespace up to date.
    ///
    /// # Errors
    /// In a restricted hook, or when a namespace cannot be read.
    pub fn flags(&mut self) -> Result<Vec<String>> {
        if self.is_restricted() {
            return Err(no_store());
        }
        for index in 0..self.slots.len() {
            self.wake(index)?;
        }
        Ok(self.flags.sorted().into_iter().map(str::to_owned).collect())
    }

    /// The flags that are set and match a regular expression (ASCII), sorted: `^apt\.installed\.` for all that a
    /// layer has installed.
    ///
    /// # Errors
    /// As [`flags`](Self::flags), and when the pattern is none.
    pub fn flags_matching(&mut self, pattern: &str) -> Result<Vec<String>> {
        // Flags are ASCII, and the library carries no Unicode tables.
        let ascii = regex::bytes::RegexBuilder::new(pattern)
            .unicode(false)
            .build();
        let regex = ascii.map_err(|e| {
            Error::from(e)
                .with_kind(ErrorKind::Invalid)
                .context(format!("`{pattern}` is no regular expression"))
        })?;
        let mut flags = self.flags()?;
        flags.retain(|flag| regex.is_match(flag.as_bytes()));
        Ok(flags)
    }

    /// Puts a trigger in force until the end of this hook (B43–B48, D28).
    ///
    /// ```no_run
    /// # fn f(ctx: &mut ensign::Context) -> ensign::Result {
    /// use ensign::Trigger;
    /// ctx.register_trigger(Trigger::when("redis.configured").clear_flag("redis.stale"))
    /// # }
    /// ```
    ///
    /// # Errors
    /// When it names no flag to wait for or has nothing to do, or names something that is no flag.
    pub fn register_trigger(&mut self, trigger: TriggerBuilder) -> Result {
        if self.is_restricted() {
            let error = no_store();
            return Err(self.poisoned(error));
        }
        match trigger.build() {
            Ok(trigger) => {
                self.triggers.add(trigger);
                Ok(())
            }
            Err(e) => Err(self.poisoned(e.into())),
        }
    }

    fn check_flag(&self, name: &str) -> Result {
        if self.is_restricted() {
            return Err(no_store());
        }
        // A placeholder is for declarations; at run time it stands for nothing.
        if !valid(name) || name.contains('{') {
            return Err(FlagError::Name(name.to_owned()).into());
        }
        Ok(())
    }

    fn change_flag(&mut self, name: &str, set: bool) -> Result {
        self.check_flag(name)?;
        self.wake_for(name)?;
        self.apply_flag(name, set)
    }

    /// Changes a flag whose namespace needs no look, and follows its triggers depth first (B44, B46).
    pub(super) fn apply_flag(&mut self, name: &str, set: bool) -> Result {
        let changed = if set {
            self.flags.set(name)
        } else {
            self.flags.clear(name)
        };
        if !changed {
            return Ok(());
        }
        self.touched = true;
        self.changes.flag(name, set);
        let Some(effects) = self.triggers.fired(name, set) else {
            return Ok(());
        };
        if self.changes.chain.len() >= TRIGGER_DEPTH {
            return Err(self.too_deep());
        }
        self.changes.chain.push(name.to_owned());
        let followed = self.follow(&effects);
        self.changes.chain.pop();
        followed
    }

    fn follow(&mut self, effects: &Effects) -> Result {
        for flag in &effects.set {
            self.change_flag(flag, true)?;
        }
        for flag in &effects.clear {
            self.change_flag(flag, false)?;
        }
        for callback in &effects.callbacks {
            callback(self);
        }
        Ok(())
    }

    fn too_deep(&self) -> Error {
        let last = &self.changes.chain[self.changes.chain.len().saturating_sub(8)..];
        Error::new(
            ErrorKind::Loop,
            format!(
                "triggers call each other more than {TRIGGER_DEPTH} deep: … → `{}`",
                last.join("` → `")
            ),
        )
        .hint("one of these triggers has to go")
    }
}
