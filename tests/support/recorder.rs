//! Remembers what a dispatch did.

use ensign::dispatch::{TraceEvent, Tracer};

#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) ran: Vec<String>,
    pub(super) queues: Vec<Vec<String>>,
    pub(super) events: Vec<String>,
}

impl Tracer for Recorder {
    fn event(&mut self, event: &TraceEvent<'_>) {
        match event {
            TraceEvent::Run { handler } => self.ran.push((*handler).to_owned()),
            TraceEvent::Queue {
                phase: "other",
                handlers,
                ..
            } => {
                let ids = handlers.iter().map(|h| (*h).to_owned());
                self.queues.push(ids.collect());
            }
            _ => {}
        }
        self.events.push(format!("{event:?}"));
    }
}
