//! Looking into machines: flags, and files compared without showing them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use ensign_model::UnitName;

use super::units::Phase;
use super::{Controller, Outgoing};
use crate::agent::protocol::{Query, Sight, ToAgent};
use crate::error::{Doing, Result};
use crate::juju::protocol::{Answer, Reply};
use crate::juju::{Comparison, HookReport, Report, UnitReport, Workload};

/// An agent that does not answer for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// All looks under way.
#[derive(Debug, Default)]
pub(super) struct Looks {
    last: u64,
    open: Vec<Look>,
}

/// One question of a command, and the many it takes.
#[derive(Debug)]
struct Look {
    asked: BTreeMap<u64, (UnitName, Subject)>,
    seen: BTreeMap<(Subject, UnitName), Sight>,
    deadline: Instant,
    /// A report of everything, rather than one comparison.
    report: bool,
    files: Vec<String>,
    reply: Sender<Reply>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    File(String),
    Flags,
}

impl Looks {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How long the first of them may still take.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.open
            .iter()
            .map(|look| look.deadline.saturating_duration_since(Instant::now()))
            .min()
    }

    pub(super) fn seen(&mut self, id: u64, sight: Sight) {
        for look in &mut self.open {
            if let Some((unit, subject)) = look.asked.remove(&id) {
                look.seen.insert((subject, unit), sight);
                return;
            }
        }
    }

    /// The unit's machine is down: it will not answer.
    pub(super) fn lost(&mut self, unit: &UnitName) {
        for look in &mut self.open {
            look.asked.retain(|_, (asked, _)| asked != unit);
        }
    }
}

impl Controller {
    /// Asks all live units for the files and, for a report, their flags.
    pub(super) fn look(
        &mut self,
        files: Vec<String>,
        report: bool,
        reply: Sender<Reply>,
    ) -> Result<()> {
        let mut key = [0; 16];
        let source = std::fs::File::open("/dev/urandom");
        source
            .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut key))
            .doing(|| "read `/dev/urandom`".into())?;
        let mut subjects: Vec<Subject> = files.iter().cloned().map(Subject::File).collect();
        if report {
            subjects.push(Subject::Flags);
        }
        let live = self.live();
        let mut asked = BTreeMap::new();
        for (unit, found) in &self.units {
            let Phase::Up(line) = &found.phase else {
                continue;
            };
            for subject in subjects
                .iter()
                .filter(|subject| **subject == Subject::Flags || live.contains(unit))
            {
                self.looks.last += 1;
                let id = self.looks.last;
                let query = match subject {
                    Subject::File(path) => Query::File {
                        path: path.clone(),
                        key,
                    },
                    Subject::Flags => Query::Flags,
                };
                self.outgoing.push(Outgoing::Agent(
                    line.clone(),
                    Box::new(ToAgent::Look { id, query }),
                ));
                asked.insert(id, (unit.clone(), subject.clone()));
            }
        }
        let deadline = Instant::now() + PATIENCE;
        self.looks.open.push(Look {
            asked,
            seen: BTreeMap::new(),
            deadline,
            report,
            files,
            reply,
        });
        Ok(())
    }

    /// Units whose agent runs and reaches the controller.
    fn live(&self) -> BTreeSet<UnitName> {
        let status = self.saved.model.status();
        let units = status
            .applications
            .into_values()
            .flat_map(|application| application.units);
        units
            .filter(|unit| unit.alive)
            .map(|unit| unit.unit)
            .collect()
    }

    /// Answers the looks that are complete, or late.
    pub(super) fn finish_looks(&mut self) {
        let now = Instant::now();
        let (over, open) = std::mem::take(&mut self.looks.open)
            .into_iter()
            .partition(|look: &Look| look.asked.is_empty() || look.deadline <= now);
        self.looks.open = open;
        for look in over {
            let reply = match self.conclude(&look) {
                Ok(answer) => Reply::Done(answer),
                Err(text) => Reply::Failed(text),
            };
            self.outgoing.push(Outgoing::Reply(look.reply, reply));
        }
    }

    fn conclude(&self, look: &Look) -> Result<Answer, String> {
        if let Some((unit, _)) = look.asked.values().next() {
            return Err(format!("the agent of `{unit}` does not answer"));
        }
        let failed = look
            .seen
            .iter()
            .find_map(|((subject, unit), sight)| match (subject, sight) {
                (Subject::File(path), Sight::Failed(why)) => {
                    Some(format!("could not read `{path}` on `{unit}`: {why}"))
                }
                _ => None,
            });
        if let Some(text) = failed {
            return Err(text);
        }
        let comparisons: Vec<Comparison> = look
            .files
            .iter()
            .map(|path| compare(path, &look.seen))
            .collect();
        if look.report {
            return Ok(Answer::Report(self.report(comparisons, look)));
        }
        comparisons
            .into_iter()
            .next()
            .map(Answer::Comparison)
            .ok_or_else(|| "no file was named".into())
    }

    fn report(&self, comparisons: Vec<Comparison>, look: &Look) -> Report {
        let status = self.saved.model.status();
        let flags = |unit: &UnitName| match look.seen.get(&(Subject::Flags, unit.clone())) {
            Some(Sight::Flags(flags)) => flags.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        let hooks = |unit: &UnitName| {
            let history = self.saved.model.history(unit).iter();
            history.map(|record| HookReport {
                hook: record.hook.clone(),
                exit: record.exit,
                tools: record.tools.clone(),
                ms: u64::try_from(record.ended.since(record.started).as_millis())
                    .unwrap_or(u64::MAX),
            })
        };
        let unsettled = self.unsettled();
        let mut report = Report {
            juju: status.profile.to_string(),
            settled: unsettled.is_empty(),
            unsettled,
            leaders: BTreeMap::new(),
            same: comparisons
                .into_iter()
                .map(|one| (one.path.clone(), one.is_same()))
                .collect(),
            units: Vec::new(),
        };
        for (name, application) in status.applications {
            if let Some(leader) = application.leader {
                report.leaders.insert(name.clone(), leader);
            }
            for unit in application.units {
                report.units.push(UnitReport {
                    app: name.clone(),
                    alive: unit.alive,
                    leader: unit.leader,
                    agent: unit.agent.status,
                    workload: Workload {
                        status: unit.workload.status,
                        message: unit.workload.message,
                    },
                    machine: unit.machine,
                    flags: flags(&unit.unit),
                    hooks: hooks(&unit.unit).collect(),
                    unit: unit.unit,
                });
            }
        }
        report
    }
}

fn compare(path: &str, seen: &BTreeMap<(Subject, UnitName), Sight>) -> Comparison {
    let mut groups: BTreeMap<&str, Vec<UnitName>> = BTreeMap::new();
    let mut missing = Vec::new();
    for ((subject, unit), sight) in seen {
        match sight {
            Sight::File(digest) if *subject == Subject::File(path.to_owned()) => match digest {
                Some(digest) => groups.entry(digest).or_default().push(unit.clone()),
                None => missing.push(unit.clone()),
            },
            _ => {}
        }
    }
    let mut groups: Vec<Vec<UnitName>> = groups.into_values().collect();
    // The key of the digests differs each time; the order must not.
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    Comparison {
        path: path.to_owned(),
        groups,
        missing,
    }
}
