//! What has to be right once everything is at rest.

use std::collections::BTreeMap;

use ensign_model::UnitName;

use super::ghost::Ghost;
use super::subject::Watch;
use super::violation::Violation;

/// Everything at rest.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) live: Vec<UnitName>,
    /// Who holds the lease.
    pub(super) holder: Option<UnitName>,
    /// Some unit asked whether it leads.
    pub(super) asked: bool,
    /// Units that were told they lead.
    pub(super) led: Vec<UnitName>,
    /// The leader's values, as each unit reads them.
    pub(super) views: BTreeMap<UnitName, BTreeMap<String, String>>,
    pub(super) files: BTreeMap<(UnitName, String), Option<String>>,
    pub(super) watches: Vec<Watch>,
    /// What anybody may read, and where it stands.
    pub(super) open_texts: Vec<(String, String)>,
}

type Check = Result<(), Violation>;

/// All of them.
pub(super) fn all(settled: &Settled, ghost: &mut Ghost) -> Check {
    one_leader(settled)?;
    units_agree(settled)?;
    changes_are_delivered(settled)?;
    committed_values_stay(settled, ghost)?;
    secrets_stay_secret(settled, ghost)
}

impl Settled {
    /// The value of a key, as the leader reads it.
    fn truth(&self, key: &str) -> Option<&String> {
        self.views.get(self.holder.as_ref()?)?.get(key)
    }
}

/// One unit leads, and it alone was told so.
pub(super) fn one_leader(settled: &Settled) -> Check {
    let holder = settled.holder.as_ref();
    let told: Vec<&UnitName> = settled.led.iter().collect();
    if holder.is_none() || settled.asked && told != Vec::from_iter(holder) {
        let told: Vec<&str> = told.into_iter().map(UnitName::as_str).collect();
        let holder = holder.map_or("nobody", UnitName::as_str);
        return Err(Violation::new(
            "one leader",
            format!("{holder} holds the lease; those who were told they lead: {told:?}"),
        ));
    }
    Ok(())
}

/// Every unit reads the leader's values.
pub(super) fn units_agree(settled: &Settled) -> Check {
    for watch in &settled.watches {
        let truth = settled.truth(&watch.key);
        if watch.required && truth.is_none() {
            return Err(Violation::new(
                "units agree",
                format!("`{}` has no value", watch.key),
            ));
        }
        for unit in &settled.live {
            let view = settled.views.get(unit);
            if view.is_none_or(|view| view.get(&watch.key) != truth) {
                return Err(Violation::new(
                    "units agree",
                    format!("{unit} does not read `{}` as the leader does", watch.key),
                ));
            }
        }
    }
    Ok(())
}

/// The handlers of every unit have heard of the last change.
pub(super) fn changes_are_delivered(settled: &Settled) -> Check {
    for watch in &settled.watches {
        let truth = settled.truth(&watch.key);
        for ((unit, path), text) in &settled.files {
            if !watch.files.contains(path) {
                continue;
            }
            let right = match truth {
                Some(value) => text.as_ref() == Some(value),
                None => text.is_none() || *text == watch.absent,
            };
            if !right {
                let what = match (text, truth) {
                    (None, _) => "is not there",
                    (Some(_), None) => "holds a value that was removed",
                    (Some(_), Some(_)) => "holds another value",
                };
                return Err(Violation::new(
                    "changes are delivered",
                    format!("{path} of {unit} {what}: `{}`", watch.key),
                ));
            }
        }
    }
    Ok(())
}

/// The values are those that were committed last: a value in use is replaced or removed by an operator only, and
/// what was replaced or removed does not come back.
pub(super) fn committed_values_stay(settled: &Settled, ghost: &mut Ghost) -> Check {
    for watch in &settled.watches {
        ghost.settled(&watch.key, settled.truth(&watch.key))?;
    }
    Ok(())
}

/// A secret value stands nowhere but in Juju's secrets and where the charm itself puts it.
pub(super) fn secrets_stay_secret(settled: &Settled, ghost: &Ghost) -> Check {
    for watch in settled.watches.iter().filter(|watch| watch.secret) {
        for value in ghost.values(&watch.key) {
            for (place, text) in &settled.open_texts {
                if text.contains(value) {
                    return Err(Violation::new(
                        "secrets stay secret",
                        format!("a value of `{}` stands in {place}", watch.key),
                    ));
                }
            }
        }
    }
    Ok(())
}
