//! The running action, as its handler sees it.

use serde::de::DeserializeOwned;

use super::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::hook::HookAction;
use crate::tools;

/// The running action: its parameters, and what its operator gets to see. Results are sent when the action
/// ends, whether or not it succeeded; log lines at once.
#[derive(Debug)]
pub struct Action<'a> {
    ctx: &'a mut Context,
    details: HookAction,
}

impl Context {
    /// The running action.
    ///
    /// # Errors
    /// `Unavailable` when none runs.
    pub fn action(&mut self) -> Result<Action<'_>> {
        match self.env.hook.action().cloned() {
            Some(details) => Ok(Action { ctx: self, details }),
            None => Err(Error::new(ErrorKind::Unavailable, "no action is running")
                .hint("read the action only in handlers with `#[action(\"…\")]`")),
        }
    }
}

impl Action<'_> {
    /// The action's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.details.name
    }

    /// All parameters as a `T`; Juju has filled in defaults and checked them against `actions.yaml`.
    ///
    /// # Errors
    /// When they are no `T`.
    pub fn parameters<T: DeserializeOwned>(&mut self) -> Result<T> {
        let parameters = tools::action_get_all(&mut self.ctx.tools)?;
        self.shaped(serde_json::from_value(parameters.into_iter().collect()))
    }

    /// One parameter; `None` if it was not given and has no default.
    ///
    /// # Errors
    /// When it is no `T`.
    pub fn parameter<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let parameter = tools::action_get(&mut self.ctx.tools, name)?;
        let shaped = parameter.map(serde_json::from_value).transpose();
        self.shaped(shaped)
    }

    /// Adds results. Keys are lower case letters, digits, dashes, and dots for nesting.
    ///
    /// # Errors
    /// When Juju refuses a key.
    pub fn set<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        results: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        Ok(tools::action_set(&mut self.ctx.tools, results)?)
    }

    /// Marks the action as failed, with a message. What it changed is committed all the same; a handler that
    /// wants that undone returns an error instead.
    ///
    /// # Errors
    /// When the tool fails.
    pub fn fail(&mut self, message: &str) -> Result {
        Ok(tools::action_fail(&mut self.ctx.tools, message)?)
    }

    /// Shows its operator a line, at once.
    ///
    /// # Errors
    /// When the tool fails.
    pub fn log(&mut self, message: &str) -> Result {
        Ok(tools::action_log(&mut self.ctx.tools, message)?)
    }

    fn shaped<T>(&self, parsed: serde_json::Result<T>) -> Result<T> {
        parsed.map_err(|e| {
            let name = &self.details.name;
            Error::new(
                ErrorKind::Invalid,
                format!("the parameters of the action `{name}` have the wrong shape: {e}"),
            )
            .hint("compare `params` in actions.yaml with the type the charm reads them as")
        })
    }
}
