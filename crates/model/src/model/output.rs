//! What running processes print.

use super::Model;
use crate::context::{Run, RunKind};
use crate::{ContextId, Level, Stream, UnitName};

impl Model {
    /// Takes what the running process printed: into the log, and into the results of an action.
    pub fn output(&mut self, context: &ContextId, stream: Stream, bytes: &[u8]) {
        let Some(unit) = self.contexts.get(context).cloned() else {
            return;
        };
        let Some(run) = self
            .agents
            .get_mut(&unit)
            .and_then(|agent| agent.running.as_mut())
        else {
            return;
        };
        let lines = run.output.take(stream, bytes, run.action_id().is_some());
        let logger = logger(&unit, run);
        self.log_lines(&unit, logger, stream, lines);
    }

    pub(super) fn log_rest(&mut self, unit: &UnitName, run: &mut Run) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = run.output.rest(stream);
            self.log_lines(unit, logger(unit, run), stream, rest);
        }
    }

    fn log_lines(
        &mut self,
        unit: &UnitName,
        logger: Option<String>,
        stream: Stream,
        lines: impl IntoIterator<Item = String>,
    ) {
        let Some(logger) = logger else { return };
        let level = if stream == Stream::Stdout {
            Level::Debug
        } else {
            Level::Warning
        };
        for line in lines {
            self.log
                .write(self.now, Some(unit), level, logger.clone(), line);
        }
    }
}

/// Where a run's output is logged; that of commands goes to their caller alone.
fn logger(unit: &UnitName, run: &Run) -> Option<String> {
    match run.kind {
        RunKind::Hook(_) | RunKind::Action { .. } => Some(format!("unit.{unit}.{}", run.name())),
        RunKind::Commands { .. } | RunKind::Deploy { .. } | RunKind::Restricted => None,
    }
}
