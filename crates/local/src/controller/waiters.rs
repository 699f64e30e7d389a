//! Whoever waits for something of the model, and the jumps of time this allows.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use ensign_model::{ActionId, ActionRecord, Settled, Time, UnitName};
use serde_json::Value;

use super::message::Message;
use super::units::Phase;
use super::{Controller, Outgoing};
use crate::agent::protocol::{Content, Executed};
use crate::error::Error;
use crate::juju::protocol::{Answer, Event, Reply, Request, Settling};

/// Somebody who waits.
#[derive(Debug)]
pub(super) struct Waiter {
    waiting: Waiting,
}

/// What is waited for.
#[derive(Debug)]
pub(super) enum Waiting {
    /// That the model settles.
    Settle {
        began: Time,
        deadline: Time,
        reply: Sender<Reply>,
    },
    /// A moment of model time.
    Until(Time, Sender<Reply>),
    /// The end of an action.
    Action {
        id: ActionId,
        deadline: Time,
        reply: Sender<Reply>,
    },
    /// The end of commands that a `juju-exec` on the machine asked for.
    Commands(ActionId, Sender<Executed>),
    /// That a unit's machine is down.
    Down(UnitName, Sender<Reply>),
    /// That what is cut and healed is so.
    Cut(Sender<Reply>),
}

impl Waiter {
    pub(super) fn new(waiting: Waiting) -> Self {
        Self { waiting }
    }

    /// The moment of model time at which waiting ends in any case.
    pub(super) fn moment(&self) -> Option<Time> {
        match &self.waiting {
            Waiting::Settle { deadline, .. } | Waiting::Action { deadline, .. } => Some(*deadline),
            Waiting::Until(time, _) => Some(*time),
            Waiting::Commands(..) | Waiting::Down(..) | Waiting::Cut(_) => None,
        }
    }

    fn reply(&self) -> Option<&Sender<Reply>> {
        match &self.waiting {
            Waiting::Settle { reply, .. }
            | Waiting::Until(_, reply)
            | Waiting::Action { reply, .. }
            | Waiting::Down(_, reply)
            | Waiting::Cut(reply) => Some(reply),
            Waiting::Commands(..) => None,
        }
    }
}

/// Commands that do not take an answer for so long are stuck.
const FAREWELL: Duration = Duration::from_secs(5);
/// How often it is looked whether they have.
const GLANCE: Duration = Duration::from_millis(5);

/// Jumps shorter than this are not worth a word.
const NOTICED: Duration = Duration::from_secs(1);

impl Controller {
    /// Answers those whose wait is over.
    pub(super) fn settle_waiters(&mut self) {
        for waiter in std::mem::take(&mut self.waiters) {
            match self.outcome(&waiter.waiting) {
                Some(outgoing) => self.outgoing.push(outgoing),
                None => self.waiters.push(waiter),
            }
        }
        self.finish_looks();
    }

    /// Tells everybody who waits why nothing comes any more. What has not been saved has not happened: it is answered so,
    /// too.
    pub(super) fn give_up(&mut self, error: &Error) {
        let waiting = std::mem::take(&mut self.waiters).into_iter();
        let waiting = waiting.filter_map(|waiter| waiter.reply().cloned());
        let unsent = self
            .outgoing
            .drain(..)
            .filter_map(|outgoing| match outgoing {
                Outgoing::Reply(reply, message) if !matches!(message, Reply::Event(_)) => {
                    Some(reply)
                }
                _ => None,
            });
        let mut replies: Vec<_> = waiting.chain(unsent).collect();
        let end = Instant::now() + FAREWELL;
        // The process must not end before the answers are on their way: who has passed one on takes no other.
        while !replies.is_empty() && Instant::now() < end {
            // Nor does who asks now wait for nothing. Who wants the model removed does it when this process is gone.
            while let Ok(message) = self.inbox.try_recv() {
                match message {
                    Message::Client(Request::Destroy, ..) => {}
                    Message::Client(_, reply, _) => replies.push(reply),
                    _ => {}
                }
            }
            replies.retain(|reply| reply.send(Reply::Failed(error.to_string())).is_ok());
            std::thread::sleep(GLANCE);
        }
    }

    fn outcome(&mut self, waiting: &Waiting) -> Option<Outgoing> {
        let now = self.saved.model.now();
        if let Some(trouble) = self.trouble.clone() {
            return match waiting {
                Waiting::Commands(_, done) => {
                    Some(Outgoing::Executed(done.clone(), Executed::Failed(trouble)))
                }
                Waiting::Settle { reply, .. }
                | Waiting::Until(_, reply)
                | Waiting::Action { reply, .. }
                | Waiting::Down(_, reply)
                | Waiting::Cut(reply) => {
                    // Whoever tries again may have better luck.
                    self.trouble = None;
                    Some(Outgoing::Reply(reply.clone(), Reply::Failed(trouble)))
                }
            };
        }
        let done = |reply: &Sender<Reply>, answer| {
            Some(Outgoing::Reply(reply.clone(), Reply::Done(answer)))
        };
        match waiting {
            Waiting::Settle {
                began,
                deadline,
                reply,
            } => {
                let unsettled = self.unsettled();
                let stuck = || {
                    now >= *deadline || (self.is_idle() && self.saved.model.next_timer().is_none())
                };
                (unsettled.is_empty() || stuck())
                    .then(|| Settling {
                        unsettled,
                        took: now.since(*began),
                    })
                    .and_then(|settling| done(reply, Answer::Settling(settling)))
            }
            Waiting::Until(time, reply) => (now >= *time)
                .then_some(())
                .and_then(|()| done(reply, Answer::Nothing)),
            Waiting::Down(unit, reply) => self
                .is_down(unit)
                .then_some(())
                .and_then(|()| done(reply, Answer::Nothing)),
            Waiting::Cut(reply) => self
                .cutting
                .is_empty()
                .then_some(())
                .and_then(|()| done(reply, Answer::Nothing)),
            Waiting::Action {
                id,
                deadline,
                reply,
            } => match self.saved.model.action(*id) {
                Some(record) if record.status.is_final() => {
                    done(reply, Answer::Action(Box::new(record.clone())))
                }
                _ if now >= *deadline => {
                    let text = format!("action {id} has not ended in time");
                    Some(Outgoing::Reply(reply.clone(), Reply::Failed(text)))
                }
                _ => None,
            },
            Waiting::Commands(id, to) => {
                let record = self
                    .saved
                    .model
                    .action(*id)
                    .filter(|record| record.status.is_final())?;
                Some(Outgoing::Executed(to.clone(), executed(record)))
            }
        }
    }

    /// Why the model has not settled; empty if it has.
    pub(super) fn unsettled(&self) -> Vec<String> {
        let mut why: Vec<String> = match self.saved.model.settled() {
            Settled::Yes => Vec::new(),
            Settled::No(reasons) => reasons.iter().map(ToString::to_string).collect(),
        };
        // The model may not have heard of a machine that is on its way up or down.
        if why.is_empty() {
            let busy = self.units.iter().filter(|(_, unit)| unit.is_busy());
            why.extend(
                busy.map(|(name, _)| format!("the machine of `{name}` is on its way up or down")),
            );
        }
        why
    }

    /// No unit runs anything, no machine is on its way up or down, nobody looks at anything.
    fn is_idle(&self) -> bool {
        self.looks.is_empty() && self.units.values().all(|unit| !unit.is_busy())
    }

    /// While everybody is idle and somebody waits for time to pass, it goes to the next timer at once. True
    /// if it did.
    pub(super) fn jump(&mut self) -> bool {
        let Some(moment) = self.waiters.iter().filter_map(Waiter::moment).min() else {
            return false;
        };
        if !self.is_idle() || self.trouble.is_some() {
            return false;
        }
        let target = self
            .saved
            .model
            .next_timer()
            .map_or(moment, |timer| timer.min(moment));
        let far = self.clock.jump(target);
        self.dirty = true;
        if far >= NOTICED {
            self.event(&Event::Jumped(far));
        }
        true
    }

    /// Tells everybody who waits.
    pub(super) fn event(&mut self, event: &Event) {
        for reply in self.waiters.iter().filter_map(Waiter::reply) {
            self.outgoing
                .push(Outgoing::Reply(reply.clone(), Reply::Event(event.clone())));
        }
    }

    /// Tells the person, or the next command that listens.
    pub(super) fn note(&mut self, text: String) {
        if self.waiters.iter().any(|waiter| waiter.reply().is_some()) {
            self.event(&Event::Note(text));
        } else {
            self.unsaid.push(text);
        }
    }

    /// Writes down what the model has logged, and tells those who wait.
    pub(super) fn keep_log(&mut self) {
        for record in self.saved.model.drain_log() {
            self.logbook.write(&record, self.saved.model.config().epoch);
            self.event(&Event::Log(record));
        }
    }
}

impl super::units::Unit {
    /// Something of it is under way.
    fn is_busy(&self) -> bool {
        self.running.is_some()
            || matches!(
                self.phase,
                Phase::Booting | Phase::Rebooting | Phase::Ending
            )
    }
}

/// The results of commands, as `juju-exec` prints them.
fn executed(record: &ActionRecord) -> Executed {
    let text = |key: &str| match record.results.get(key) {
        Some(Value::String(text)) => Content(text.clone().into_bytes()),
        _ => Content::default(),
    };
    let code = record
        .results
        .get("return-code")
        .and_then(Value::as_i64)
        .and_then(|code| i32::try_from(code).ok());
    match code {
        Some(code) => Executed::Done {
            code,
            stdout: text("stdout"),
            stderr: text("stderr"),
        },
        None => Executed::Failed(record.message.clone()),
    }
}
