//! Random schedules. Each has its own taste: some never lose a flush, some kill at every other write.

use std::collections::{BTreeMap, VecDeque};

use ensign_model::UnitName;

use super::chance::{Chance, mixed};
use super::event::Event;
use super::frame::StepKind;
use super::subject::Subject;
use super::view::View;

/// Invents a schedule while it is played.
#[derive(Debug)]
pub(super) struct Explorer {
    chance: Chance,
    taste: Taste,
    /// Names and options to choose from.
    steps: Vec<String>,
    options: Vec<(String, Vec<String>)>,
    migrations: bool,
    /// Events until the next rest.
    left: usize,
    rounds: usize,
    /// A coup comes as soon as the process reads something else.
    slow: bool,
    /// How often each step was taken.
    seen: BTreeMap<String, usize>,
    /// What was decided to happen one after the other.
    planned: VecDeque<Event>,
}

/// How often what happens in this schedule.
#[derive(Debug)]
struct Taste {
    seed: u64,
    /// Of a thousand moments, at how many something happens.
    moments: usize,
    /// The same for a step that was never taken before; the more often it was, the less.
    rare: usize,
    /// The same for the steps that this schedule has an eye on.
    focus: usize,
    /// Every how many steps' names are such.
    width: u64,
    /// Weights of what happens within a hook.
    inside: Vec<(usize, Kind)>,
    /// Weights of what happens between hooks.
    between: Vec<(usize, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Run,
    Wait,
    Elect,
    /// Another unit is elected and acts; perhaps the old one returns.
    Coup,
    Expire,
    Cut,
    Heal,
    Restart,
    Lose,
    Add,
    Remove,
    Config,
    Refresh,
    Migrate,
    Operator,
    Refuse,
    LoseAnswer,
    Delay,
    Arrive,
    LoseSet,
    Kill,
}

const INSIDE: [(usize, Kind); 15] = [
    (10, Kind::Kill),
    (10, Kind::Elect),
    (10, Kind::Coup),
    (8, Kind::Run),
    (8, Kind::Wait),
    (4, Kind::Operator),
    (4, Kind::Refuse),
    (3, Kind::LoseAnswer),
    (3, Kind::Delay),
    (3, Kind::LoseSet),
    (1, Kind::Cut),
    (2, Kind::Restart),
    (1, Kind::Lose),
    (1, Kind::Remove),
    (1, Kind::Config),
];

const BETWEEN: [(usize, Kind); 18] = [
    (6, Kind::Elect),
    (10, Kind::Operator),
    (4, Kind::Refuse),
    (3, Kind::LoseAnswer),
    (4, Kind::Delay),
    (20, Kind::Arrive),
    (3, Kind::LoseSet),
    (3, Kind::Wait),
    (2, Kind::Expire),
    (3, Kind::Cut),
    (4, Kind::Heal),
    (3, Kind::Restart),
    (1, Kind::Lose),
    (2, Kind::Add),
    (1, Kind::Remove),
    (2, Kind::Config),
    (1, Kind::Refresh),
    (1, Kind::Migrate),
];

impl Explorer {
    pub(super) fn new(seed: u64, subject: &Subject, migrations: bool) -> Self {
        let mut chance = Chance::new(seed);
        let mut taste = Taste {
            seed: chance.bits(),
            moments: *chance.pick(&[0, 5, 20, 60, 120]).unwrap_or(&0),
            rare: *chance.pick(&[0, 300, 500, 700]).unwrap_or(&0),
            focus: *chance.pick(&[0, 0, 100, 300]).unwrap_or(&0),
            width: *chance.pick(&[3, 6, 12]).unwrap_or(&6),
            inside: INSIDE.to_vec(),
            between: BETWEEN.to_vec(),
        };
        for weights in [&mut taste.inside, &mut taste.between] {
            for (weight, _) in weights.iter_mut() {
                match chance.below(10) {
                    0..3 => *weight = 0,
                    9 => *weight *= 6,
                    _ => {}
                }
            }
        }
        Self {
            left: 6 + chance.below(30),
            rounds: 1 + chance.below(3),
            chance,
            taste,
            steps: subject.steps.iter().map(|step| step.name.clone()).collect(),
            options: subject.options.clone(),
            migrations,
            slow: false,
            seen: BTreeMap::new(),
            planned: VecDeque::new(),
        }
    }

    /// What happens next between hooks.
    pub(super) fn next(&mut self, view: &View) -> Option<Event> {
        if let Some(event) = self.planned.pop_front() {
            return Some(event);
        }
        if self.left == 0 {
            if self.rounds == 0 {
                return None;
            }
            self.rounds -= 1;
            self.left = if self.rounds == 0 {
                0
            } else {
                4 + self.chance.below(24)
            };
            return Some(Event::Settle);
        }
        self.left -= 1;
        if let Some(late) = view.late.first()
            && self.chance.permille(250)
        {
            // It may arrive before the next attempt, or after one that failed, too.
            if self.chance.permille(500) {
                let refused = Event::Refuse(late.clone(), 0);
                self.planned.extend([refused, run(late.clone())]);
            }
            self.planned.push_back(Event::Arrive(late.clone()));
            self.planned.push_back(run(late.clone()));
            return self.planned.pop_front();
        }
        let kind = if self.chance.permille(750) {
            Kind::Run
        } else {
            self.chance.weighted(&self.taste.between)?
        };
        match kind {
            Kind::Run => {
                // Whoever has something to run is tried; if nobody has, time passes.
                let mut units = view.live.clone();
                units.extend(view.idle.iter().filter(|u| !view.live.contains(u)).cloned());
                units.extend(view.others.iter().cloned());
                let first = self.chance.below(units.len());
                units.rotate_left(first);
                self.planned.extend(units.into_iter().map(run));
                if self.chance.permille(300) {
                    self.planned.push_back(Event::Idle);
                }
                self.planned.pop_front().or(Some(Event::Idle))
            }
            // What is not possible now leaves the place to a unit that has something to run.
            kind => self
                .event(kind, view)
                .or_else(|| view.leader.clone().map(run)),
        }
    }

    /// What happens now before that step of a running hook; asked until it says nothing.
    pub(super) fn inside(
        &mut self,
        view: &View,
        kind: StepKind,
        step: &str,
        depth: usize,
        happened: usize,
    ) -> Option<Event> {
        if happened == 0 {
            self.planned.clear();
            if self.slow && kind == StepKind::Read && step != "is-leader" {
                self.slow = false;
                self.coup(view, depth);
                return self.planned.pop_front();
            }
            if view.may_return && self.chance.permille(400) {
                return view.running.clone().map(Event::Elect);
            }
            let focused = step == "juju-log" && self.chance.permille(80)
                || mixed(self.taste.seed, name(step)).is_multiple_of(self.taste.width);
            let seen = self.seen.entry(step.to_owned()).or_insert(0);
            *seen += 1;
            // Steps that write for others are few and come one after the other: a schedule that has an eye on one of
            // them has to get there.
            let often = match (kind, focused) {
                (StepKind::Tool, true) => 800,
                (StepKind::Tool, false) => self.taste.moments + self.taste.rare / (4 * *seen),
                (_, true) => self.taste.moments + self.taste.rare / *seen + self.taste.focus,
                (_, false) => self.taste.moments + self.taste.rare / *seen,
            };
            if !self.chance.permille(often >> (depth - 1)) {
                return None;
            }
            let what = if kind == StepKind::Tool && focused && self.chance.permille(700) {
                self.chance.weighted(&[(5, Kind::Kill), (6, Kind::Elect)])?
            } else if focused && self.chance.permille(400) {
                Kind::Kill
            } else {
                self.chance.weighted(&self.taste.inside)?
            };
            if kind == StepKind::Write && !matches!(what, Kind::Kill | Kind::Coup | Kind::Elect) {
                return None;
            }
            if what == Kind::Coup && self.chance.permille(250) {
                // First the process takes its time, long enough to ask again whether it leads.
                self.slow = true;
                self.planned.push_back(Event::Wait(21));
            } else if what == Kind::Coup {
                self.coup(view, depth);
            } else {
                let event = self.event(what, view)?;
                self.planned.push_back(event);
            }
        }
        self.planned.pop_front()
    }

    /// Another unit is elected and runs what it has to run, and perhaps what an operator asks of it.
    fn coup(&mut self, view: &View, depth: usize) {
        let others: Vec<&UnitName> = view
            .idle
            .iter()
            .filter(|unit| Some(*unit) != view.leader.as_ref())
            .collect();
        let Some(other) = self.chance.pick(&others).map(|unit| (*unit).clone()) else {
            return;
        };
        self.planned.push_back(Event::Elect(other.clone()));
        if self.chance.permille(400)
            && let Some(step) = self.chance.pick(&self.steps)
        {
            self.planned
                .push_back(Event::Operator(step.clone(), other.clone()));
        }
        if depth < 3 {
            for _ in 0..=self.chance.below(3) {
                self.planned.push_back(run(other.clone()));
            }
        }
        if let Some(running) = view.running.clone().filter(|_| self.chance.permille(600)) {
            self.planned.push_back(Event::Elect(running));
        }
    }

    /// Rather the unit that runs now than another.
    fn near(chance: &mut Chance, view: &View) -> Option<UnitName> {
        let running = view.running.clone().filter(|_| chance.permille(800));
        let leader = || view.leader.clone();
        let leader = if running.is_none() && chance.permille(500) {
            leader()
        } else {
            None
        };
        running
            .or(leader)
            .or_else(|| chance.pick(&view.live).cloned())
    }

    fn event(&mut self, kind: Kind, view: &View) -> Option<Event> {
        let any = |chance: &mut Chance, from: &[UnitName]| chance.pick(from).cloned();
        let chance = &mut self.chance;
        Some(match kind {
            Kind::Run => run(any(chance, &view.idle)?),
            Kind::Coup => return None,
            Kind::Wait => Event::Wait(*chance.pick(&[3, 15, 19, 21, 34, 70])?),
            Kind::Elect => {
                let leads = |unit: &&UnitName| Some(*unit) == view.leader.as_ref();
                let others: Vec<&UnitName> = view.live.iter().filter(|u| !leads(u)).collect();
                Event::Elect((*chance.pick(&others)?).clone())
            }
            Kind::Expire => Event::Expire,
            Kind::Cut => {
                // A leader that is cut off is the more interesting one.
                let leader = view.leader.clone().filter(|_| chance.permille(500));
                let unit = leader.or_else(|| any(chance, &view.live))?;
                if view.running.is_none() && chance.permille(600) {
                    self.planned.push_back(Event::Wait(70));
                }
                Event::Cut(unit)
            }
            Kind::Heal => Event::Heal(any(chance, &view.cut)?),
            Kind::Restart => Event::Restart(any(chance, &view.live)?),
            Kind::Lose => Event::Lose(any(chance, &view.live)?),
            Kind::Add => {
                if view.live.len() > 4 {
                    return None;
                }
                Event::Add
            }
            Kind::Remove => Event::Remove(any(chance, &view.live)?),
            Kind::Config => {
                let (option, values) = chance.pick(&self.options)?;
                let (option, values) = (option.clone(), values.clone());
                Event::Config(option, chance.pick(&values)?.clone())
            }
            Kind::Refresh => Event::Refresh,
            Kind::Migrate => {
                if !self.migrations {
                    return None;
                }
                match (view.controller_settings, view.settings) {
                    (true, true) => Event::Migrate,
                    (false, true) => Event::UpgradeAgents,
                    _ => return None,
                }
            }
            Kind::Operator => {
                let step = chance.pick(&self.steps)?.clone();
                let leader = view.leader.clone().filter(|_| chance.permille(700));
                Event::Operator(step, leader.or_else(|| any(chance, &view.live))?)
            }
            Kind::Refuse => Event::Refuse(Self::near(chance, view)?, chance.below(view.parts)),
            Kind::LoseAnswer => Event::LoseAnswer(Self::near(chance, view)?),
            Kind::Delay => Event::Delay(Self::near(chance, view)?),
            Kind::Arrive => Event::Arrive(any(chance, &view.late)?),
            Kind::LoseSet => {
                if !view.settings {
                    return None;
                }
                Event::LoseSet(Self::near(chance, view)?, chance.permille(500))
            }
            Kind::Kill => Event::Kill,
        })
    }
}

fn run(unit: UnitName) -> Event {
    Event::Run {
        unit,
        what: String::new(),
        inside: Vec::new(),
    }
}

/// A number for a name.
fn name(text: &str) -> u64 {
    text.bytes()
        .fold(7, |number, byte| mixed(number, u64::from(byte)))
}
