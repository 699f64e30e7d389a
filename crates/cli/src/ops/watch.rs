//! Tells about what happens in a model.

use std::collections::BTreeMap;

use ensign_local::Event;
use ensign_model::{Level, LogRecord, Outcome, UnitName};

use crate::progress::Progress;

/// Follows a model's events.
#[derive(Debug)]
pub(super) struct Watch<'p> {
    progress: &'p mut Progress,
    doing: String,
    running: BTreeMap<UnitName, String>,
}

impl<'p> Watch<'p> {
    pub(super) fn new(progress: &'p mut Progress) -> Self {
        Self {
            progress,
            doing: String::new(),
            running: BTreeMap::new(),
        }
    }

    /// Follows the events of `work`, which is called `doing`.
    pub(super) fn during<T>(
        &mut self,
        doing: &str,
        work: impl FnOnce(&mut dyn FnMut(Event)) -> T,
    ) -> T {
        doing.clone_into(&mut self.doing);
        self.progress.detail(doing);
        self.show();
        work(&mut |event| self.event(event))
    }

    fn show(&mut self) {
        let running: Vec<String> = self
            .running
            .iter()
            .map(|(unit, what)| format!("{unit} runs {what}"))
            .collect();
        let text = if running.is_empty() {
            self.doing.clone()
        } else {
            format!("{}: {}", self.doing, running.join(", "))
        };
        self.progress.activity(&text);
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Started { unit, what } => {
                self.running.insert(unit, what);
            }
            Event::Ended {
                unit,
                what,
                outcome,
                took,
            } => {
                self.running.remove(&unit);
                let line = format!("{unit} {what}: {}, {} ms", word(outcome), took.as_millis());
                self.progress.detail(&line);
            }
            Event::MachineUp(machine) => self.progress.detail(&format!("machine {machine} is up")),
            Event::MachineDown(machine) => {
                self.progress.detail(&format!("machine {machine} is down"))
            }
            Event::Jumped(time) => self
                .progress
                .detail(&format!("all is quiet: {} s pass at once", time.as_secs())),
            Event::Log(record) => self.log(&record),
            Event::Note(text) => self.progress.note(&text),
            _ => {}
        }
        self.show();
    }

    fn log(&mut self, record: &LogRecord) {
        let who = record.unit.as_ref().map_or("controller", UnitName::as_str);
        let line = format!("{who} {}: {}", record.level, record.message);
        if record.level >= Level::Warning {
            self.progress.say(&line);
        } else if record.logger.ends_with(".juju-log") {
            // What the agent says of each hook is told already.
            self.progress.detail(&line);
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Skipped => "nothing to run",
        Outcome::Failed => "failed",
        Outcome::FlushFailed => "done, but the controller refused what it said",
        Outcome::Requeued => "killed, will run again",
    }
}
