//! Leadership inside one context.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CUT, HookContext, RESTRICTED, RunKind};
use crate::tool::Failure;

/// Settings as tools read them.
type Values = Arc<BTreeMap<String, String>>;

impl HookContext<'_> {
    /// Whether the unit leads. Once denied, denied for the rest of the run; a yes is asked for each time.
    ///
    /// # Errors
    ///
    /// The cause, where leadership cannot be asked for at all.
    pub(crate) fn is_leader(&mut self) -> Result<bool, String> {
        if self.run.kind == RunKind::Restricted {
            return Err(RESTRICTED.to_owned());
        }
        if let Some(cause) = &self.agent.memory.tracker.broken {
            return Err(cause.clone());
        }
        if self.run.not_leader {
            return Ok(false);
        }
        let tracker = &self.agent.memory.tracker;
        let leads = tracker.leader && tracker.renew_at.is_none_or(|renewal| self.now < renewal);
        self.run.not_leader = !leads;
        Ok(leads)
    }

    /// The leader settings, read at first use.
    pub(crate) fn leader_settings(&mut self) -> Result<Values, Failure> {
        let failed =
            |cause: &str| Failure::run(format!("cannot read leadership settings: {cause}"));
        if self.run.kind == RunKind::Restricted {
            return Err(failed(RESTRICTED));
        }
        if let Some(settings) = &self.run.leader_settings {
            return Ok(Arc::clone(settings));
        }
        if self.run.severed {
            return Err(failed(&format!(
                "cannot read settings: failed to call leadership api: {CUT}"
            )));
        }
        let application = self.world.applications.get(self.unit.application());
        let settings = application
            .map(|application| Arc::clone(&application.leader_settings))
            .unwrap_or_default();
        self.run.leader_settings = Some(Arc::clone(&settings));
        Ok(settings)
    }

    /// Merges leader settings at once. The snapshot goes before the call, whether that works or not.
    pub(crate) fn merge_leader_settings(
        &mut self,
        values: &BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let failed =
            |cause: String| Failure::run(format!("cannot write leadership settings: {cause}"));
        if self.run.kind == RunKind::Restricted {
            return Err(failed(RESTRICTED.to_owned()));
        }
        let failed = |cause: String| failed(format!("cannot write settings: {cause}"));
        if !self.is_leader().map_err(failed)? {
            return Err(failed("not the leader".to_owned()));
        }
        self.run.leader_settings = None;
        if self.run.severed {
            return Err(failed(format!("failed to call leadership api: {CUT}")));
        }
        let name = self.unit.application();
        if !self.world.leases.is_held_by(self.unit) {
            return Err(failed(format!(
                "failed to merge leadership settings: application {name:?}: checking leadership continuity: {}",
                self.world.not_leader(self.unit)
            )));
        }
        let lost = self
            .world
            .units
            .get_mut(self.unit)
            .and_then(|unit| unit.lost_leader_set.take());
        // A controller that has no leader settings any more takes those of older agents and drops them.
        let applied = lost != Some(false) && self.world.profile.differences().leader_settings;
        let application = self.world.applications.get_mut(name).filter(|_| applied);
        if application.is_some_and(|application| application.merge_leader_settings(values)) {
            self.world.notify_application(name);
        }
        match lost {
            Some(_) => Err(failed(format!("failed to call leadership api: {CUT}"))),
            None => Ok(()),
        }
    }
}
