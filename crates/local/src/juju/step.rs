//! The steps that `ensign run --do` plays.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ensign_model::{Profile, UnitName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::charm::Charm;

/// Something that happens to a model. An application that is `None` is the first one deployed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Step {
    /// `kill-leader [APP]`: the leader's machine is lost for good, with everything in it.
    KillLeader(Option<String>),
    /// `partition-leader [APP]`: the leader reaches neither the controller nor its peers.
    PartitionLeader(Option<String>),
    /// `cut UNIT`: the unit reaches neither the controller nor its peers.
    Cut(UnitName),
    /// `heal`: every unit reaches the controller and its peers again.
    Heal,
    /// `add-unit [APP]`
    AddUnit(Option<String>),
    /// `remove-unit UNIT`
    RemoveUnit(UnitName),
    /// `remove-unit --force UNIT`: the unit is gone, lost or not.
    ForceRemoveUnit(UnitName),
    /// `config [APP] K=V …`
    Config(Option<String>, BTreeMap<String, String>),
    /// `integrate A B`
    Integrate(String, String),
    /// `action UNIT NAME K=V …`: queued and waited for.
    Action(UnitName, String, Map<String, Value>),
    /// `crash-next-hook UNIT`: the charm's process is killed with SIGKILL at its next hook-tool call.
    CrashNextHook(UnitName),
    /// `upgrade [APP]`: the same charm as a new revision, unless another one is put in by
    /// [`Step::with_charm`].
    Upgrade(Option<String>, Option<Box<Charm>>),
    /// `migrate VERSION`: the model becomes one of another Juju.
    Migrate(Profile),
    /// `advance 60s`: model time goes on by this much.
    Advance(Duration),
    /// `wait`: nothing but settling.
    Wait,
}

impl Step {
    /// The same step; an upgrade goes to `charm`.
    #[must_use]
    pub fn with_charm(self, charm: Charm) -> Self {
        match self {
            Self::Upgrade(application, _) => Self::Upgrade(application, Some(Box::new(charm))),
            other => other,
        }
    }
}

/// A step that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadStep {
    /// What was written.
    pub text: String,
    /// What would be right.
    pub usage: &'static str,
}

impl fmt::Display for BadStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no step; write `{}`", self.text, self.usage)
    }
}

impl std::error::Error for BadStep {}

const ALL: &str = "kill-leader [APP], partition-leader [APP], cut UNIT, heal, add-unit [APP], remove-unit [--force] UNIT, \
                   config [APP] K=V, integrate A B, action UNIT NAME K=V, crash-next-hook UNIT, upgrade [APP], \
                   migrate 4.0, advance 60s, wait";

/// The steps of one `--do`: several are separated by commas and played without settling between.
///
/// # Errors
/// When one of them is none; the error says how it is written.
pub fn read_steps(text: &str) -> Result<Vec<Step>, BadStep> {
    text.split(',').map(read_step).collect()
}

fn read_step(text: &str) -> Result<Step, BadStep> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bad = |usage: &'static str| BadStep {
        text: text.trim().to_owned(),
        usage,
    };
    let (verb, rest) = words.split_first().ok_or_else(|| bad(ALL))?;
    let application = |usage| match rest {
        [] => Ok(None),
        [name] => Ok(Some((*name).to_owned())),
        _ => Err(bad(usage)),
    };
    let unit = |usage| match rest {
        [name] => name.parse().map_err(|_| bad(usage)),
        _ => Err(bad(usage)),
    };
    let alone = |step, usage| {
        if rest.is_empty() {
            Ok(step)
        } else {
            Err(bad(usage))
        }
    };
    match *verb {
        "kill-leader" => application("kill-leader [APP]").map(Step::KillLeader),
        "partition-leader" => application("partition-leader [APP]").map(Step::PartitionLeader),
        "add-unit" => application("add-unit [APP]").map(Step::AddUnit),
        "upgrade" => application("upgrade [APP]").map(|name| Step::Upgrade(name, None)),
        "cut" => unit("cut UNIT").map(Step::Cut),
        "remove-unit" => {
            let usage = "remove-unit [--force] UNIT";
            let parsed = |name: &&str| name.parse().map_err(|_| bad(usage));
            match rest {
                ["--force", name] | [name, "--force"] => parsed(name).map(Step::ForceRemoveUnit),
                [name] => parsed(name).map(Step::RemoveUnit),
                _ => Err(bad(usage)),
            }
        }
        "crash-next-hook" => unit("crash-next-hook UNIT").map(Step::CrashNextHook),
        "heal" => alone(Step::Heal, "heal"),
        "wait" => alone(Step::Wait, "wait"),
        "config" => {
            let usage = "config [APP] K=V …";
            let (name, pairs) = match rest.split_first() {
                Some((first, pairs)) if !first.contains('=') => (Some((*first).to_owned()), pairs),
                _ => (None, rest),
            };
            let values: Option<BTreeMap<String, String>> = pairs
                .iter()
                .map(|pair| {
                    pair.split_once('=')
                        .map(|(k, v)| (k.to_owned(), v.to_owned()))
                })
                .collect();
            let values = values
                .filter(|values| !values.is_empty())
                .ok_or_else(|| bad(usage))?;
            Ok(Step::Config(name, values))
        }
        "integrate" => match rest {
            [one, other] => Ok(Step::Integrate((*one).to_owned(), (*other).to_owned())),
            _ => Err(bad("integrate A B")),
        },
        "action" => {
            let usage = "action UNIT NAME K=V …";
            let [unit, name, pairs @ ..] = rest else {
                return Err(bad(usage));
            };
            let params: Option<Map<String, Value>> = pairs
                .iter()
                .map(|pair| pair.split_once('=').map(|(k, v)| (k.to_owned(), param(v))))
                .collect();
            let unit = unit.parse().map_err(|_| bad(usage))?;
            Ok(Step::Action(
                unit,
                (*name).to_owned(),
                params.ok_or_else(|| bad(usage))?,
            ))
        }
        "migrate" => match rest {
            [version] => version
                .parse()
                .map(Step::Migrate)
                .map_err(|_| bad("migrate 4.0")),
            _ => Err(bad("migrate 4.0")),
        },
        "advance" => match rest {
            [time] => read_duration(time)
                .map(Step::Advance)
                .ok_or_else(|| bad("advance 60s")),
            _ => Err(bad("advance 60s")),
        },
        _ => Err(bad(ALL)),
    }
}

/// Parameters are YAML for `juju run`; its scalars are JSON's but for bare words.
fn param(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A length of time as people write it: `90s`, `10m`, `1h30m`, `250ms`; a bare number is seconds.
pub fn read_duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .filter(|at| *at > 0)?;
        let number: u32 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let one = match &rest[..letters] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            _ => return None,
        };
        total = total.checked_add(one.checked_mul(number)?)?;
        rest = &rest[letters..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_steps_are_separated_by_commas() {
        let steps = read_steps("kill-leader, add-unit redis,advance 1m30s").unwrap();
        let redis = Some("redis".to_owned());
        assert_eq!(
            steps,
            [
                Step::KillLeader(None),
                Step::AddUnit(redis),
                Step::Advance(Duration::from_secs(90))
            ]
        );
    }

    #[test]
    fn config_takes_an_application_or_the_first_one() {
        let values = BTreeMap::from([("a".to_owned(), "1=2".to_owned())]);
        assert_eq!(
            read_steps("config a=1=2").unwrap(),
            [Step::Config(None, values.clone())]
        );
        assert_eq!(
            read_steps("config db a=1=2").unwrap(),
            [Step::Config(Some("db".into()), values)]
        );
        assert!(read_steps("config db").is_err());
    }

    #[test]
    fn a_unit_is_removed_in_order_or_by_force() {
        let unit: UnitName = "db/0".parse().unwrap();
        let forced = [Step::ForceRemoveUnit(unit.clone())];
        assert_eq!(read_steps("remove-unit --force db/0").unwrap(), forced);
        assert_eq!(read_steps("remove-unit db/0 --force").unwrap(), forced);
        assert_eq!(
            read_steps("remove-unit db/0").unwrap(),
            [Step::RemoveUnit(unit)]
        );
        assert!(read_steps("remove-unit --force").is_err());
    }

    #[test]
    fn an_action_has_typed_parameters() {
        let [Step::Action(unit, name, params)] =
            &read_steps("action db/0 dump n=3 to=x").unwrap()[..]
        else {
            panic!("not one action");
        };
        assert_eq!((unit.as_str(), name.as_str()), ("db/0", "dump"));
        assert_eq!(
            (&params["n"], &params["to"]),
            (&Value::from(3), &Value::from("x"))
        );
    }

    #[test]
    fn what_is_no_step_is_answered_with_the_way_to_write_it() {
        assert_eq!(
            read_steps("cut").unwrap_err().to_string(),
            "`cut` is no step; write `cut UNIT`"
        );
        assert!(
            read_steps("frobnicate")
                .unwrap_err()
                .to_string()
                .contains("kill-leader [APP], ")
        );
        assert!(read_steps("").is_err());
    }

    #[test]
    fn times_are_written_as_people_do() {
        assert_eq!(read_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(read_duration("1h2m"), Some(Duration::from_secs(3720)));
        assert_eq!(read_duration("7"), Some(Duration::from_secs(7)));
        for bad in ["", "s", "10x", "1.5s", "m5"] {
            assert_eq!(read_duration(bad), None, "{bad}");
        }
    }
}
