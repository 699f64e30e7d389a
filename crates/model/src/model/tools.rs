//! Hook tools inside a running operation.

use super::Model;
use crate::agent::Link;
use crate::context::HookContext;
use crate::{AgentFiles, Answer, Call, ContextId, UnitName, tool};

impl Model {
    /// Runs a hook tool inside a running operation.
    pub fn tool(
        &mut self,
        context: &ContextId,
        call: &Call<'_>,
        files: &mut dyn AgentFiles,
    ) -> Answer {
        let wrong = |have: &str| {
            Answer::Refused(format!(
                "bad request: expected context id {have:?}, got \"{context}\""
            ))
        };
        let Some(unit) = self.contexts.get(context).cloned() else {
            return wrong("");
        };
        let Some(agent) = self.agents.get_mut(&unit) else {
            return wrong("");
        };
        let Some(mut run) = agent.running.take() else {
            return wrong("");
        };
        let (world, log, now) = (&mut self.world, &mut self.log, self.now);
        run.severed |= agent.link != Link::Up;
        let mut hook_context = HookContext {
            run: &mut run,
            unit: &unit,
            agent,
            world,
            log,
            now,
        };
        let answer = tool::answer(&mut hook_context, call, files);
        agent.running = Some(run);
        self.deliver();
        answer
    }

    /// The context of what a unit is running.
    #[must_use]
    pub fn running(&self, unit: &UnitName) -> Option<&ContextId> {
        self.agents.get(unit)?.running.as_ref().map(|run| &run.id)
    }
}
