//! How actions and commands end.

use serde_json::{Map, Value};

use super::Model;
use super::finish::signal_name;
use crate::context::{Run, RunKind};
use crate::{ActionStatus, Exit, Outcome, UnitName};

impl Model {
    pub(super) fn end_action(&mut self, unit: &UnitName, run: &mut Run, exit: &Exit) -> Outcome {
        let commands = matches!(run.kind, RunKind::Commands { .. });
        let action = run.action.take().unwrap_or_default();
        let mut results = action.results;
        let mut message = action.failed.clone();
        let mut failed = action.failed.is_some();
        let mut outcome = if failed {
            Outcome::Failed
        } else {
            Outcome::Done
        };
        let code = match exit {
            Exit::Code(code) => *code,
            _ => -1,
        };
        let fatal = match exit {
            _ if run.severed || *exit == Exit::AgentDied => Some("action terminated".to_owned()),
            // Commands are flushed whatever their exit code is, even killed: the script itself could be run.
            Exit::Code(0) => None,
            Exit::Code(_) | Exit::Signal(_) if commands => None,
            Exit::Code(code) => Some(format!("exit status {code}")),
            Exit::Signal(signal) => Some(format!("signal: {}", signal_name(*signal))),
            Exit::Missing => Some(format!("action not implemented on unit \"{unit}\"")),
            Exit::NotExecutable(why) => Some(why.clone()),
            Exit::AgentDied => Some("action terminated".to_owned()),
        };
        if matches!(exit, Exit::Code(_) | Exit::Signal(_)) {
            run.output.report(&mut results, code);
        }
        if let Some(fatal) = fatal {
            (failed, message, outcome) = (true, Some(fatal), Outcome::Failed);
            if *exit == Exit::Missing {
                outcome = Outcome::Skipped;
            }
        } else if let Err(cause) = self.flush(unit, run) {
            failed = true;
            outcome = Outcome::FlushFailed;
            append_error(&mut results, &cause);
            message.get_or_insert_with(|| "committing requested changes failed".to_owned());
        }
        if let Some(record) = run
            .action_id()
            .and_then(|id| self.world.actions.get_mut(&id))
        {
            record.status = if failed {
                ActionStatus::Failed
            } else {
                ActionStatus::Completed
            };
            record.results = results;
            record.message = message.unwrap_or_default();
            record.completed = Some(self.now);
        }
        outcome
    }
}

/// Puts a flush's error behind what the process printed to stderr.
fn append_error(results: &mut Map<String, Value>, cause: &str) {
    let mut stderr = results
        .get("stderr")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if !stderr.is_empty() && !stderr.ends_with('\n') {
        stderr.push('\n');
    }
    stderr.push_str(cause);
    results.insert("stderr".to_owned(), stderr.into());
}
