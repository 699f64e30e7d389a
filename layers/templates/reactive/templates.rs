//! Files from the charm's `templates/`, in Jinja's language: for handlers, and for bash as `render_template`.

mod engine;
mod script;
mod target;

use ensign::prelude::*;
use minijinja::value::Serde;
use serde::Serialize;

pub use target::Target;

/// Templates, for handlers.
pub trait Templates {
    /// What a file of the charm's `templates/` makes of `values`. What it names and `values` does not have is an error,
    /// not an empty text; nothing is escaped.
    ///
    /// # Errors
    /// `Invalid` when there is no such template, or it does not work: with its name and the line.
    fn render<C: Serialize>(&self, template: &str, values: &C) -> Result<String>;

    /// Renders to a file: written as a whole, and only if it is not so already. `true` if it was not.
    ///
    /// At once: a failing hook does not undo it.
    ///
    /// # Errors
    /// As [`render`](Self::render); when the file cannot be written, or given to its owner.
    fn render_to<C: Serialize>(
        &mut self,
        template: &str,
        target: impl Into<Target>,
        values: &C,
    ) -> Result<bool>;
}

impl Templates for Context {
    fn render<C: Serialize>(&self, template: &str, values: &C) -> Result<String> {
        engine::render(self, template, &minijinja::Value::from(Serde(values)))
    }

    fn render_to<C: Serialize>(
        &mut self,
        template: &str,
        target: impl Into<Target>,
        values: &C,
    ) -> Result<bool> {
        let text = self.render(template, values)?;
        target.into().write(self, &text)
    }
}
