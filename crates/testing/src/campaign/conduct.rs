//! Playing a campaign, on all cores.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ensign_model::Profile;

use super::Campaign;
use super::chance::{Chance, mixed};
use super::counts::Counts;
use super::event::Schedule;
use super::explorer::Explorer;
use super::report::{Found, Part, Report};
use super::script::BadScript;
use super::shrink::shrink;
use super::stage::{Played, Stage};
use super::violation::Violation;

/// Each profile's schedules are dealt to so many players, whatever the number of cores: it is the seed alone that
/// decides what is played.
const SHARDS: u64 = 4;

/// More failing schedules than this need not be looked for in one shard.
const ENOUGH: u64 = 5;

/// Making a schedule short takes longer than finding it: so many are, in each shard.
const SHORTENED: usize = 1;

impl Campaign {
    /// Plays a script as a failing campaign prints it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn replay(&self, script: &str) -> Result<Report, BadScript> {
        let schedule: Schedule = script.parse()?;
        let played = self.play(&schedule, None);
        let found = played.violation.map(|violation| Found {
            violation,
            seed: schedule.seed,
            hooks: played.hooks,
            script: Schedule {
                events: played.events,
                ..schedule.clone()
            }
            .to_string(),
        });
        let found = Vec::from_iter(found);
        Ok(Report {
            parts: vec![Part {
                juju: schedule.profile.to_string(),
                seed: self.seed,
                hooks: played.hooks,
                schedules: 1,
                violations: u64::from(!found.is_empty()),
                found,
                counts: played.counts,
            }],
        })
    }

    pub(super) fn conduct(&self) -> Report {
        let jobs: Vec<(usize, u64)> = (0..SHARDS)
            .flat_map(|shard| (0..self.profiles.len()).map(move |profile| (profile, shard)))
            .collect();
        let next = AtomicUsize::new(0);
        let progress = Progress::new(self.hooks * self.profiles.len() as u64);
        let done = Mutex::new(Vec::new());
        let players = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        std::thread::scope(|scope| {
            for _ in 0..players.min(jobs.len()) {
                scope.spawn(|| {
                    while let Some((profile, shard)) =
                        jobs.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let part = self.shard(self.profiles[*profile], *shard, &progress);
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        done.push((*profile, *shard, part));
                    }
                    progress.player_left();
                });
            }
            progress.show(players.min(jobs.len()));
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(profile, shard, _)| (*profile, *shard));
        let parts = self.profiles.iter().enumerate().map(|(at, profile)| {
            let mut whole = self.part(*profile);
            for (_, _, part) in done.iter().filter(|(profile, ..)| *profile == at) {
                whole.hooks += part.hooks;
                whole.schedules += part.schedules;
                whole.violations += part.violations;
                whole.found.extend(part.found.iter().cloned());
                whole.counts.join(&part.counts);
            }
            whole
        });
        Report {
            parts: parts.collect(),
        }
    }

    fn part(&self, profile: Profile) -> Part {
        Part {
            juju: profile.to_string(),
            seed: self.seed,
            hooks: 0,
            schedules: 0,
            violations: 0,
            found: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Every `SHARDS`-th schedule of a profile, until its share of the hooks has run.
    fn shard(&self, profile: Profile, shard: u64, progress: &Progress) -> Part {
        let mut part = self.part(profile);
        let share = self.hooks.div_ceil(SHARDS);
        let mut number = shard;
        while part.hooks < share && part.violations < ENOUGH {
            let of_profile = mixed(self.seed, u64::from(profile.to_string().as_bytes()[0]));
            let seed = mixed(of_profile, number);
            number += SHARDS;
            let mut chance = Chance::new(seed);
            let units = 1 + chance.below(6).min(self.subject.units as usize - 1);
            let schedule = Schedule {
                profile: self.variety(profile, &mut chance),
                seed,
                units: u32::try_from(units).unwrap_or(1),
                events: Vec::new(),
            };
            let explorer = Explorer::new(mixed(seed, 1), &self.subject, self.migrations);
            let played = self.play(&schedule, Some(explorer));
            part.hooks += played.hooks;
            part.schedules += 1;
            part.counts.join(&played.counts);
            progress.add(played.hooks);
            let wanted = |violation: &Violation| {
                let rules = &self.looking_for;
                rules.is_empty() || rules.iter().any(|rule| rule == violation.rule())
            };
            if let Some(violation) = played.violation.filter(wanted) {
                part.violations += 1;
                if part.found.len() < SHORTENED {
                    let long = Schedule {
                        events: played.events,
                        ..schedule
                    };
                    let found = self.shorten(long, violation, part.hooks);
                    part.found.push(found);
                }
                if !self.looking_for.is_empty() {
                    break;
                }
            }
        }
        part
    }

    /// Releases of one version differ, and no charm can tell which it is on.
    fn variety(&self, profile: Profile, chance: &mut Chance) -> Profile {
        let varieties: &[Profile] = match profile {
            Profile::V4_0 => &[
                Profile::V4_0,
                Profile::V4_0,
                Profile::V4_0Early,
                Profile::V4_0EarlyX,
            ],
            _ => &[],
        };
        chance.pick(varieties).copied().unwrap_or(profile)
    }

    fn shorten(&self, long: Schedule, violation: Violation, hooks: u64) -> Found {
        let seed = long.seed;
        let (short, violation) = shrink(long, violation, &|schedule| {
            let played = self.play(schedule, None);
            (played.events, played.violation)
        });
        Found {
            violation,
            seed,
            hooks,
            script: short.to_string(),
        }
    }

    /// Plays a schedule; a charm that panics breaks a rule, too.
    fn play(&self, schedule: &Schedule, explorer: Option<Explorer>) -> Played {
        let stage = Stage::new(&self.subject, &self.seams, schedule, explorer);
        let played = catch_unwind(AssertUnwindSafe(|| stage.play(schedule)));
        played.unwrap_or_else(|panic| {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without a message");
            stage.interrupted(Violation::new("no panic", message))
        })
    }
}

/// How far a campaign is.
struct Progress {
    hooks: AtomicU64,
    of: u64,
    left: Arc<(Mutex<usize>, std::sync::Condvar)>,
}

impl Progress {
    fn new(of: u64) -> Self {
        Self {
            hooks: AtomicU64::new(0),
            of,
            left: Arc::default(),
        }
    }

    fn add(&self, hooks: u64) {
        self.hooks.fetch_add(hooks, Ordering::Relaxed);
    }

    fn player_left(&self) {
        let (left, changed) = &*self.left;
        *left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        changed.notify_all();
    }

    /// Shows it on a terminal until all players have left.
    fn show(&self, players: usize) {
        const EVERY: Duration = Duration::from_millis(500);
        let mut terminal = std::io::stderr();
        if !terminal.is_terminal() {
            return;
        }
        let (left, changed) = &*self.left;
        let mut gone = left.lock().unwrap_or_else(PoisonError::into_inner);
        while *gone < players {
            let waited = changed.wait_timeout(gone, EVERY);
            gone = waited.unwrap_or_else(PoisonError::into_inner).0;
            let hooks = self.hooks.load(Ordering::Relaxed);
            // Who cannot be shown it does not need it.
            let _shown = write!(terminal, "\r{hooks} of {} hooks ", self.of);
        }
        let _shown = write!(terminal, "\r\x1b[K");
    }
}

/// Adds a report to a file, one line of JSON each.
pub(super) fn append(path: &OsStr, report: &Report) {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path);
    let written = file.and_then(|mut file| writeln!(file, "{}", report.to_json()));
    if let Err(error) = written {
        let _shown = writeln!(
            std::io::stderr(),
            "cannot write the report to `{}`: {error}",
            path.display()
        );
    }
}
