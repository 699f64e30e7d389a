//! What an application is meant to become: its units and relations, there already or not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::World;
use crate::{Life, UnitName};

/// A unit or relation with its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoalEntry {
    pub(crate) status: String,
    /// Seconds since 1970.
    pub(crate) since: i64,
}

/// The answer of `goal-state`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoalState {
    pub(crate) units: BTreeMap<String, GoalEntry>,
    /// By this application's endpoint, then by remote application or unit.
    pub(crate) relations: BTreeMap<String, BTreeMap<String, GoalEntry>>,
}

impl World {
    /// The goal state as a unit sees it.
    pub(crate) fn goal_state(&self, unit: &UnitName) -> GoalState {
        if let Some(fixed) = &self.goal_state {
            return fixed.clone();
        }
        let mut goal = GoalState {
            units: self.goal_units(unit.application()),
            relations: BTreeMap::new(),
        };
        let Some(application) = self.applications.get(unit.application()) else {
            return goal;
        };
        for relation in application
            .relations
            .iter()
            .filter_map(|id| self.relations.get(id))
        {
            let (false, Some(side), Some(other)) = (
                relation.is_peer(),
                relation.side(unit.application()),
                relation.other_side(unit.application()),
            ) else {
                continue;
            };
            let joined = relation.units.values().any(|member| member.in_scope);
            let status = if joined { "joined" } else { "joining" };
            let entries = goal.relations.entry(side.endpoint.clone()).or_default();
            let since = i64::try_from(self.epoch).unwrap_or(i64::MAX);
            entries.insert(
                other.application.clone(),
                GoalEntry {
                    status: status.to_owned(),
                    since,
                },
            );
            entries.extend(self.goal_units(&other.application));
        }
        goal
    }

    fn goal_units(&self, application: &str) -> BTreeMap<String, GoalEntry> {
        let units = self
            .applications
            .get(application)
            .map(|application| &application.units);
        units
            .into_iter()
            .flatten()
            .filter_map(|name| Some((name, self.units.get(name)?)))
            .filter(|(_, unit)| unit.life != Life::Dead)
            .map(|(name, unit)| {
                let status = if unit.life == Life::Dying {
                    "dying"
                } else {
                    &unit.workload.status
                };
                let since = self.epoch + unit.workload.since.since_start().as_secs();
                let since = i64::try_from(since).unwrap_or(i64::MAX);
                (
                    name.to_string(),
                    GoalEntry {
                        status: status.to_owned(),
                        since,
                    },
                )
            })
            .collect()
    }
}
