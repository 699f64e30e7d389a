//! The part of a context that only actions have.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::HookContext;
use crate::tool::Failure;

/// What an action's tools have said so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ActionRun {
    pub(crate) params: Map<String, Value>,
    pub(crate) results: Map<String, Value>,
    /// `action-fail` was called, with this message.
    pub(crate) failed: Option<String>,
}

impl ActionRun {
    /// Sets a result; the dots of its key have become parts. A scalar gives way to a map and the reverse.
    pub(crate) fn set(&mut self, path: &[String], value: String) {
        let Some((last, parents)) = path.split_last() else {
            return;
        };
        let mut map = &mut self.results;
        for part in parents {
            let slot = map
                .entry(part.clone())
                .or_insert_with(|| Value::Object(Map::new()));
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            let Value::Object(inner) = slot else { return };
            map = inner;
        }
        map.insert(last.clone(), Value::String(value));
    }
}

impl HookContext<'_> {
    /// The running action.
    ///
    /// # Errors
    ///
    /// None runs, or only commands do.
    pub(crate) fn action(&mut self) -> Result<&mut ActionRun, Failure> {
        self.unrestricted()?;
        self.run
            .action
            .as_mut()
            .ok_or_else(|| Failure::run("not running an action"))
    }

    /// Notes a message of the running action, at once.
    pub(crate) fn action_log(&mut self, message: String) -> Result<(), Failure> {
        self.action()?;
        self.connected()?;
        let now = self.now;
        if let Some(record) = self
            .run
            .action_id()
            .and_then(|id| self.world.actions.get_mut(&id))
        {
            record.log.push((now, message));
        }
        Ok(())
    }
}
