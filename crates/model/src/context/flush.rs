//! What a run that ended well asks the controller to commit.

use super::HookContext;
use crate::Hook;
use crate::world::Commit;

impl HookContext<'_> {
    /// The request; empty if nothing changed.
    pub(crate) fn commit_request(&self) -> Commit {
        let run = &*self.run;
        let mut commit = Commit {
            network_info: run.hook() == Some(&Hook::ConfigChanged),
            open_ports: run.open_ports.clone(),
            close_ports: run.close_ports.clone(),
            ..Commit::default()
        };
        if run.state_changed {
            commit.state = run.state.as_deref().cloned();
        }
        for (id, draft) in &run.unit_bags {
            let changes = draft.changes();
            if !changes.is_empty() {
                commit.relations.entry(*id).or_default().unit = changes;
            }
        }
        for (id, draft) in &run.application_bags {
            let changes = draft.changes();
            if !changes.is_empty() {
                commit.relations.entry(*id).or_default().application = changes;
            }
        }
        commit
    }

    /// Commits what the run has buffered: all of it or nothing. No call is made if there is nothing.
    ///
    /// # Errors
    ///
    /// The controller's text, or that it cannot be reached.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        let commit = self.commit_request();
        if commit.is_empty() {
            return Ok(());
        }
        if self.run.severed {
            return Err(super::CUT.to_owned());
        }
        self.world.commit(self.unit, commit)
    }
}
