//! Where a schedule is played: the model, what runs in it, and what is known about it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ensign_model::{ModelConfig, ModelError, Profile, UnitName};

use super::chance::mixed;
use super::counts::Counts;
use super::event::{Event, Inside, Schedule};
use super::explorer::Explorer;
use super::frame::{Frame, StepKind};
use super::ghost::{Ghost, Write};
use super::seams::Seams;
use super::subject::{Look, Step, Subject, What};
use super::violation::Violation;
use crate::Sim;

/// One schedule while it is played.
pub(super) struct Stage {
    pub(super) subject: Arc<Subject>,
    pub(super) seams: Arc<dyn Seams>,
    pub(super) sim: RefCell<Sim>,
    /// What the subject has to say of the machines.
    pub(super) right: Option<Look>,
    pub(super) ghost: RefCell<Ghost>,
    pub(super) counts: RefCell<Counts>,
    /// What runs, each within the one before it.
    pub(super) frames: RefCell<Vec<Frame>>,
    pub(super) notes: RefCell<Notes>,
    /// What has happened between hooks.
    done: RefCell<Vec<Event>>,
    /// Decides; none while a script is played.
    explorer: RefCell<Option<Explorer>>,
    pub(super) hooks: Cell<u64>,
    violation: RefCell<Option<Violation>>,
    /// Nothing goes wrong on purpose.
    pub(super) calm: Cell<bool>,
    /// Every process is asked at its end what it knows of the leader's values.
    pub(super) look_at_end: Cell<bool>,
    pub(super) looked_at: RefCell<Option<BTreeMap<String, String>>>,
}

/// What the campaign has done to the model.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The controller's version.
    pub(super) profile: Option<Profile>,
    pub(super) leader: Option<UnitName>,
    /// When each unit was told last, in a context that has ended, that it leads.
    pub(super) promised: BTreeMap<UnitName, Duration>,
    /// Flushes under way, and what they are to leader data.
    pub(super) late: BTreeMap<UnitName, Late>,
    pub(super) cut: BTreeSet<UnitName>,
    pub(super) leaving: BTreeSet<UnitName>,
    pub(super) lost: BTreeSet<UnitName>,
    /// What is to become of units' next flushes.
    pub(super) faults: BTreeMap<UnitName, FlushFault>,
    /// Which step an operator's action or commands belong to; `true` if it removes values.
    pub(super) operators: BTreeMap<ensign_model::ActionId, bool>,
    pub(super) values: u64,
    pub(super) builds: u64,
    /// Arguments that the tools were given since the last rest.
    pub(super) arguments: Vec<String>,
}

/// What is to become of a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlushFault {
    /// It is refused, after so many of its parts.
    Refused(usize),
    /// It is taken, and the agent does not hear of it.
    Unheard,
    /// It stays under way.
    Delayed,
}

/// A flush under way.
#[derive(Debug)]
pub(super) struct Late {
    /// Leader data that it has.
    pub(super) write: Option<Write>,
    /// Another unit has led since.
    pub(super) deposed: bool,
}

/// How a schedule ended.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) events: Vec<Event>,
    pub(super) hooks: u64,
    pub(super) counts: Counts,
    pub(super) violation: Option<Violation>,
}

impl Stage {
    /// An empty model of the schedule.
    pub(super) fn new(
        subject: &Arc<Subject>,
        seams: &Arc<dyn Seams>,
        schedule: &Schedule,
        explorer: Option<Explorer>,
    ) -> Rc<Self> {
        let mut config = ModelConfig::new(schedule.profile, mixed(schedule.seed, 0));
        config.keep_history = false;
        config.log_level = Some(ensign_model::Level::Info);
        let mut counts = Counts::of(schedule.profile);
        let executes = |step: &Step| matches!(step.what, What::Exec(_));
        if subject.steps.iter().all(executes) {
            counts.strike("action");
        }
        if !subject.steps.iter().any(executes) {
            counts.strike("commands");
        }
        let mut sim = Sim::with(config);
        let machines = subject.machines.as_ref().map(|maker| maker.0());
        let right = machines.map(|machines| {
            sim.install_boxed(machines.workload);
            machines.right
        });
        Rc::new(Self {
            subject: Arc::clone(subject),
            seams: Arc::clone(seams),
            sim: RefCell::new(sim),
            right,
            ghost: RefCell::default(),
            counts: RefCell::new(counts),
            frames: RefCell::default(),
            notes: RefCell::new(Notes {
                profile: Some(schedule.profile),
                ..Notes::default()
            }),
            done: RefCell::default(),
            explorer: RefCell::new(explorer),
            hooks: Cell::new(0),
            violation: RefCell::default(),
            calm: Cell::new(false),
            look_at_end: Cell::new(false),
            looked_at: RefCell::default(),
        })
    }

    /// Plays the schedule; with an explorer, what that makes of it.
    pub(super) fn play(self: &Rc<Self>, schedule: &Schedule) -> Played {
        if let Err(error) = self.deploy(schedule.units) {
            self.fail(Violation::new("deploys", error.to_string()));
        }
        let mut script = schedule.events.iter();
        loop {
            let next = if self.explorer.borrow().is_some() {
                let view = self.view();
                let mut explorer = self.explorer.borrow_mut();
                explorer.as_mut().and_then(|explorer| explorer.next(&view))
            } else {
                script.next().cloned()
            };
            let Some(next) = next else {
                break;
            };
            if let Some(done) = self.happen(next, None) {
                self.done.borrow_mut().push(done);
            }
            if self.violation.borrow().is_some() {
                break;
            }
        }
        self.played(self.done.take())
    }

    fn deploy(&self, units: u32) -> Result<(), ModelError> {
        let mut sim = self.sim.borrow_mut();
        let application = &self.subject.application;
        sim.deploy(application, &self.subject.charm, units)?;
        if !self.subject.settings.is_empty() {
            let settings = self.subject.settings.iter().cloned().collect();
            sim.model().set_config(application, &settings)?;
        }
        for beside in &self.subject.beside {
            sim.deploy(&beside.application, &beside.charm, beside.units)?;
            let (ours, theirs) = &beside.endpoints;
            sim.model()
                .integrate((application, ours), (&beside.application, theirs))?;
        }
        Ok(())
    }

    fn played(&self, events: Vec<Event>) -> Played {
        Played {
            events,
            hooks: self.hooks.get(),
            counts: self.counts.borrow().clone(),
            violation: self.violation.borrow_mut().take(),
        }
    }

    /// The same for a schedule that ended before its time.
    pub(super) fn interrupted(&self, violation: Violation) -> Played {
        self.fail(violation);
        self.played(self.done.take())
    }

    /// Notes a broken rule; the first one counts.
    pub(super) fn fail(&self, violation: Violation) {
        self.violation.borrow_mut().get_or_insert(violation);
    }

    /// The same for a check.
    pub(super) fn check(&self, result: Result<(), Violation>) {
        if let Err(violation) = result {
            self.fail(violation);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.violation.borrow().is_some()
    }

    /// A moment of what runs, before that step: whatever happens there happens. `false` once the process is dead.
    pub(super) fn moment(self: &Rc<Self>, kind: StepKind, step: &str) -> bool {
        if self.calm.get() {
            return true;
        }
        let Some((moment, depth)) = self.begin_moment(kind, step) else {
            return false;
        };
        let mut script = self.scripted(moment).into_iter();
        let mut happened = 0;
        while happened < 8 && !self.is_over() {
            let event = if self.explorer.borrow().is_some() {
                let view = self.view();
                let mut explorer = self.explorer.borrow_mut();
                let explorer = explorer.as_mut();
                explorer.and_then(|explorer| explorer.inside(&view, kind, step, depth, happened))
            } else {
                script.next()
            };
            let Some(event) = event else {
                break;
            };
            happened += 1;
            if let Some(event) = self.happen(event, Some(step))
                && let Some(frame) = self.frames.borrow_mut().last_mut()
            {
                frame.recorded.push(Inside {
                    moment,
                    step: step.to_owned(),
                    event,
                });
            }
            if self.frames.borrow().last().is_some_and(|frame| frame.dead) {
                return false;
            }
        }
        !self.is_over()
    }

    fn begin_moment(&self, kind: StepKind, step: &str) -> Option<(usize, usize)> {
        let mut frames = self.frames.borrow_mut();
        let depth = frames.len();
        let frame = frames.last_mut()?;
        if frame.dead {
            return None;
        }
        if kind != StepKind::End {
            let electable = kind != StepKind::Write;
            self.counts.borrow_mut().taken(step, electable);
        }
        frame.kind = kind;
        frame.moment += 1;
        Some((frame.moment - 1, depth))
    }

    fn scripted(&self, moment: usize) -> Vec<Event> {
        let frames = self.frames.borrow();
        let Some(frame) = frames.last() else {
            return Vec::new();
        };
        let inside = frame.script.iter();
        inside
            .filter(|inside| inside.moment == moment)
            .map(|inside| inside.event.clone())
            .collect()
    }

    /// How long the model has run.
    pub(super) fn now(&self) -> Duration {
        self.sim.borrow().model().now().since_start()
    }

    /// Who holds the lease.
    pub(super) fn leader(&self) -> Option<UnitName> {
        let sim = self.sim.borrow();
        let model = sim.model();
        model.leader(&self.subject.application).cloned()
    }

    /// Whether the innermost process is before a step of that kind.
    pub(super) fn is_at(&self, kind: StepKind) -> bool {
        let frames = self.frames.borrow();
        frames.last().is_some_and(|frame| frame.kind == kind)
    }
}
