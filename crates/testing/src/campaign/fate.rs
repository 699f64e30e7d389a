//! What Juju made of a flush that failed for the agent.

use ensign_model::FlushPart;

use super::frame::Frame;
use super::ghost::Fate;
use super::stage::{FlushFault, Late, Stage};

impl Stage {
    /// What became of a context whose flush failed, with the record of this id.
    pub(super) fn flush_fate(&self, frame: &Frame, id: &str, fault: Option<FlushFault>) -> Fate {
        let sim = self.sim.borrow();
        let parts = sim.model().controller_profile().differences().flush;
        let late = sim.model().has_late_flush(&frame.unit);
        let line = format!("{} state ensign-commit: {id}", frame.unit);
        let arrived = sim.model().everything_readable().contains(&line);
        match fault {
            Some(FlushFault::Refused(_)) if arrived => self.count("flush taken in part"),
            Some(FlushFault::Refused(_)) => self.count("flush refused"),
            Some(FlushFault::Unheard) if arrived => self.count("flush taken and answer lost"),
            Some(FlushFault::Unheard | FlushFault::Delayed) | None => {}
        }
        if late {
            let write = frame.write.filter(|_| frame.buffered);
            let late = Late {
                write,
                deposed: false,
            };
            self.notes
                .borrow_mut()
                .late
                .insert(frame.unit.clone(), late);
            return Fate::Open;
        }
        // Others may have written since this context began: what it was based on is then gone, and proves nothing.
        let alone = self.ghost.borrow().landed() == frame.landed;
        let mut ghost = self.ghost.borrow_mut();
        if let Some(write) = frame.write.filter(|_| frame.buffered) {
            // A part of it may have arrived.
            ghost.flushed(write);
        }
        let leaving = self.notes.borrow().leaving.contains(&frame.unit);
        match (arrived, fault) {
            (false, _) => Fate::Lost,
            (true, Some(FlushFault::Unheard)) => Fate::Open,
            (true, fault) if alone && !leaving && is_missed(frame, parts, fault) => {
                Fate::StateOnly {
                    landed: ghost.landed(),
                }
            }
            (true, _) => Fate::Open,
        }
    }
}

/// Whether leader data of a flush that failed was not stored, although the state was.
fn is_missed(frame: &Frame, parts: &[FlushPart], fault: Option<FlushFault>) -> bool {
    let stored = match fault {
        Some(FlushFault::Refused(stored)) => stored,
        // Refused by the first part that needs leadership.
        _ => {
            let needs = |part: &FlushPart| match part {
                FlushPart::Secrets => frame.secret,
                FlushPart::State => false,
                _ => frame.bag,
            };
            parts.iter().position(needs).unwrap_or(parts.len())
        }
    };
    parts.iter().skip(stored).any(|part| match part {
        FlushPart::Secrets => frame.secret,
        FlushPart::Relations => frame.bag,
        _ => false,
    })
}
