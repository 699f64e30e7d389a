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
            add_storage: run.add_storage.clone(),
            pod_spec: run.pod_spec.clone(),
            raw_spec: run.raw_spec.clone(),
            secrets: run.secrets.clone(),
            ..Commit::default()
        };
        if run.state_changed {
            commit.state = run.state.clone();
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

    /// Commits what the run has buffered. No call is made if there is nothing.
    ///
    /// # Errors
    ///
    /// The controller's text, or that it cannot be reached.
    pub(crate) fn flush(&mut self) -> Result<(), String> {
        let commit = self.commit_request();
        if !commit.is_empty() {
            if self.run.severed {
                return Err(super::CUT.to_owned());
            }
            self.world.commit(self.unit, commit, self.now)?;
        }
        // What an earlier run of this unit gave up does not arrive after what came of the later one.
        self.world.late.remove(self.unit);
        Ok(())
    }
}
