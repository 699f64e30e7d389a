//! Schedules as text: one event a line, what happens within a hook indented below it.

use std::fmt;

use ensign_model::{Profile, UnitName};

use super::event::{Event, Inside, Schedule};

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "juju {}", self.profile)?;
        writeln!(f, "seed {}", self.seed)?;
        writeln!(f, "units {}", self.units)?;
        self.events.iter().try_for_each(|event| write(f, event, 0))
    }
}

fn write(f: &mut fmt::Formatter<'_>, event: &Event, depth: usize) -> fmt::Result {
    let Event::Run { what, inside, .. } = event else {
        return writeln!(f, "{event}");
    };
    writeln!(f, "{event}  # {what}")?;
    for Inside {
        moment,
        step,
        event,
    } in inside
    {
        write!(f, "{:width$}{moment} ", "", width = 2 * depth + 2)?;
        if let Event::Run { .. } = event {
            write(f, event, depth + 1)?;
        } else {
            writeln!(f, "{event}  # before {step}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { unit, .. } => write!(f, "run {unit}"),
            Self::Idle => f.write_str("idle"),
            Self::Wait(seconds) => write!(f, "wait {seconds}"),
            Self::Elect(unit) => write!(f, "elect {unit}"),
            Self::Expire => f.write_str("expire"),
            Self::Cut(unit) => write!(f, "cut {unit}"),
            Self::Heal(unit) => write!(f, "heal {unit}"),
            Self::Restart(unit) => write!(f, "restart {unit}"),
            Self::Lose(unit) => write!(f, "lose {unit}"),
            Self::Add => f.write_str("add-unit"),
            Self::Remove(unit) => write!(f, "remove-unit {unit}"),
            Self::Config(option, value) => write!(f, "config {option}={value}"),
            Self::Refresh => f.write_str("refresh"),
            Self::Migrate => f.write_str("migrate"),
            Self::Operator(step, unit) => write!(f, "operator {step} {unit}"),
            Self::UpgradeAgents => f.write_str("upgrade-agents"),
            Self::Refuse(unit, parts) => write!(f, "refuse-flush {parts} {unit}"),
            Self::LoseAnswer(unit) => write!(f, "lose-answer {unit}"),
            Self::Delay(unit) => write!(f, "delay-flush {unit}"),
            Self::Arrive(unit) => write!(f, "late-flush {unit}"),
            Self::LoseSet(unit, true) => write!(f, "lose-leader-set applied {unit}"),
            Self::LoseSet(unit, false) => write!(f, "lose-leader-set refused {unit}"),
            Self::Kill => f.write_str("kill"),
            Self::Settle => f.write_str("settle"),
        }
    }
}

/// A script that cannot be read.
#[derive(Debug)]
pub struct BadScript {
    line: usize,
    why: String,
}

impl fmt::Display for BadScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the script: {}", self.line, self.why)
    }
}

impl std::error::Error for BadScript {}

impl std::str::FromStr for Schedule {
    type Err = BadScript;

    fn from_str(text: &str) -> Result<Self, BadScript> {
        let mut schedule = Self {
            profile: Profile::V4_0,
            seed: 0,
            units: 1,
            events: Vec::new(),
        };
        for (at, line) in text.lines().enumerate() {
            let bad = |why: String| BadScript { line: at + 1, why };
            let line = line.split('#').next().unwrap_or_default().trim_end();
            let depth = (line.len() - line.trim_start().len()) / 2;
            let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            let number = |text: &str| {
                text.parse()
                    .map_err(|_| bad(format!("`{text}` is no number")))
            };
            match word {
                "" => {}
                "juju" => schedule.profile = rest.parse().map_err(|e| bad(format!("{e}")))?,
                "seed" => schedule.seed = number(rest)?,
                "units" => schedule.units = u32::try_from(number(rest)?).unwrap_or(1),
                _ if depth == 0 => schedule.events.push(event(word, rest).map_err(bad)?),
                moment => {
                    let moment = usize::try_from(number(moment)?).unwrap_or(usize::MAX);
                    let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let event = event(word, rest).map_err(bad)?;
                    let outer = last(&mut schedule.events, depth);
                    outer
                        .ok_or_else(|| bad("it stands below nothing that runs".to_owned()))?
                        .push(Inside {
                            moment,
                            step: String::new(),
                            event,
                        });
                }
            }
        }
        Ok(schedule)
    }
}

/// What happens within the last hook of that depth.
fn last(events: &mut [Event], depth: usize) -> Option<&mut Vec<Inside>> {
    let Event::Run { inside, .. } = events.last_mut()? else {
        return None;
    };
    let mut inside = inside;
    for _ in 1..depth {
        let Event::Run { inside: deeper, .. } = &mut inside.last_mut()?.event else {
            return None;
        };
        inside = deeper;
    }
    Some(inside)
}

fn event(word: &str, rest: &str) -> Result<Event, String> {
    let pair = |text: &'_ str| -> Result<(String, String), String> {
        let (one, other) = text
            .split_once(' ')
            .ok_or_else(|| format!("`{word}` wants something and a unit"))?;
        Ok((one.to_owned(), other.to_owned()))
    };
    let unit = |text: &str| text.parse::<UnitName>().map_err(|e| e.to_string());
    Ok(match word {
        "run" => Event::Run {
            unit: unit(rest)?,
            what: String::new(),
            inside: Vec::new(),
        },
        "idle" => Event::Idle,
        "wait" => Event::Wait(
            rest.parse()
                .map_err(|_| format!("`{rest}` is no number of seconds"))?,
        ),
        "elect" => Event::Elect(unit(rest)?),
        "expire" => Event::Expire,
        "cut" => Event::Cut(unit(rest)?),
        "heal" => Event::Heal(unit(rest)?),
        "restart" => Event::Restart(unit(rest)?),
        "lose" => Event::Lose(unit(rest)?),
        "add-unit" => Event::Add,
        "remove-unit" => Event::Remove(unit(rest)?),
        "config" => {
            let (option, value) = rest
                .split_once('=')
                .ok_or_else(|| format!("`{rest}` is no OPTION=VALUE"))?;
            Event::Config(option.to_owned(), value.to_owned())
        }
        "refresh" => Event::Refresh,
        "migrate" => Event::Migrate,
        "operator" => {
            let (step, on) = pair(rest)?;
            Event::Operator(step, unit(&on)?)
        }
        "upgrade-agents" => Event::UpgradeAgents,
        "refuse-flush" => {
            let (parts, on) = pair(rest)?;
            let parts = parts
                .parse()
                .map_err(|_| format!("`{parts}` is no number"))?;
            Event::Refuse(unit(&on)?, parts)
        }
        "lose-answer" => Event::LoseAnswer(unit(rest)?),
        "delay-flush" => Event::Delay(unit(rest)?),
        "late-flush" => Event::Arrive(unit(rest)?),
        "lose-leader-set" => {
            let (how, on) = pair(rest)?;
            Event::LoseSet(unit(&on)?, how == "applied")
        }
        "kill" => Event::Kill,
        "settle" => Event::Settle,
        other => return Err(format!("`{other}` is no event")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "\
juju 3.6
seed 12
units 3
run a/0
  2 elect a/1  # before is-leader
  2 run a/1
    0 kill  # before state-get
    1 run a/2
      4 wait 19  # before the end
  5 restart a/0  # before leader-set
idle
expire
cut a/0
heal a/0
lose a/1
add-unit
remove-unit a/2
config port=80
refresh
migrate
operator rotate a/3
refuse-flush 0 a/3
refuse-flush 2 a/3
lose-answer a/3
delay-flush a/3
late-flush a/3
lose-leader-set applied a/3
lose-leader-set refused a/3
upgrade-agents
settle
";

    #[test]
    fn a_schedule_reads_as_it_was_written() {
        let schedule: Schedule = SCRIPT.parse().unwrap();
        let again: Schedule = schedule.to_string().parse().unwrap();
        assert_eq!(schedule, again);
        let comments = |text: &str| -> Vec<String> {
            let line = |line: &str| line.split("  #").next().unwrap_or_default().to_owned();
            text.lines().map(line).collect()
        };
        assert_eq!(comments(&schedule.to_string()), comments(SCRIPT));
    }

    #[test]
    fn what_is_no_script_is_refused_with_its_line() {
        for (text, why) in [
            ("seed x", "line 1 of the script: `x` is no number"),
            (
                "juju 4.0\nfly a/0",
                "line 2 of the script: `fly` is no event",
            ),
            (
                "  3 kill",
                "line 1 of the script: it stands below nothing that runs",
            ),
            (
                "run a/0\n  now kill",
                "line 2 of the script: `now` is no number",
            ),
            (
                "config port",
                "line 1 of the script: `port` is no OPTION=VALUE",
            ),
        ] {
            assert_eq!(text.parse::<Schedule>().unwrap_err().to_string(), why);
        }
    }
}
