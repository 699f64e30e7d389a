//! What the model is meant to become (Juju facts, hook tools §11).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::call::Call;
use super::{ToolError, Tools, answer};

/// The units and relations this application is meant to have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GoalState {
    /// This application's units by name, this one included.
    #[serde(deserialize_with = "answer::null_is_default")]
    pub units: BTreeMap<String, GoalStatus>,
    /// By endpoint: the other application and its units, by name. Peer relations are left out.
    #[serde(deserialize_with = "answer::null_is_default")]
    pub relations: BTreeMap<String, BTreeMap<String, GoalStatus>>,
}

/// A status and its age.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct GoalStatus {
    /// A unit's workload status or `dying`; a relation's status, such as `joined`.
    pub status: String,
    /// Since when, in UTC: `2006-01-02 15:04:05Z`.
    pub since: String,
}

/// What is meant to be there. Each call asks the controller.
///
/// # Errors
/// If the tool fails.
pub fn goal_state(tools: &mut Tools) -> Result<GoalState, ToolError> {
    let output = Call::json("goal-state").run(tools)?;
    answer::parse("goal-state", &output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn the_goal_names_units_and_relations() {
        let recorded = "{\"units\":{\"redis/0\":{\"status\":\"active\",\"since\":\"2024-01-02 03:04:05Z\"}},\
            \"relations\":{\"db\":{\"mysql\":{\"status\":\"joined\",\"since\":\"2024-01-02 03:04:05Z\"}}}}\n";
        let argv = ["goal-state", "--format=json"];
        let goal = play([on(&argv).says(recorded)], goal_state).unwrap();
        assert_eq!(goal.units["redis/0"].status, "active");
        assert_eq!(goal.relations["db"]["mysql"].since, "2024-01-02 03:04:05Z");
        let goal = play(
            [on(&argv).says("{\"units\":{},\"relations\":null}\n")],
            goal_state,
        )
        .unwrap();
        assert_eq!(goal, GoalState::default());
    }
}
