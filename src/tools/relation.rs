//! Relations and their data bags (Juju facts, hook tools §5).

use std::collections::BTreeMap;

use super::call::{self, Call};
use super::{ToolError, Tools, yaml};

/// The relations of an endpoint, such as `db:3`, sorted as text: `db:10` stands before `db:9`.
///
/// A relation that is breaking is not listed, even in its own `relation-broken` hook.
///
/// # Errors
/// If the tool fails.
pub fn relation_ids(tools: &mut Tools, endpoint: &str) -> Result<Vec<String>, ToolError> {
    let output = Call::json("relation-ids").arg(endpoint).run(tools)?;
    call::parse_list("relation-ids", &output)
}

/// The remote units that have joined, sorted as text; never this one.
///
/// # Errors
/// If the tool fails or there is no such relation.
pub fn relation_list(tools: &mut Tools, relation: &str) -> Result<Vec<String>, ToolError> {
    let output = Call::json("relation-list")
        .value("-r", relation)
        .run(tools)?;
    call::parse_list("relation-list", &output)
}

/// The remote application; this one's own in a peer relation. Known even before any unit has joined.
///
/// # Errors
/// If the tool fails or there is no such relation.
pub fn relation_list_app(tools: &mut Tools, relation: &str) -> Result<Option<String>, ToolError> {
    let output = Call::json("relation-list")
        .value("-r", relation)
        .option("--app")
        .run(tools)?;
    let app: Option<String> = call::parse("relation-list", &output)?;
    Ok(app.filter(|app| !app.is_empty()))
}

/// A whole data bag: of the unit `who`, or with `app` of the application `who` (a unit's name means its application).
///
/// Own bags include what this context has written and not committed. Only the leader may read its own
/// application's bag, except in peer relations.
///
/// # Errors
/// If the tool fails: no such relation, no such unit in it, or permission denied.
pub fn relation_get(
    tools: &mut Tools,
    relation: &str,
    app: bool,
    who: &str,
) -> Result<BTreeMap<String, String>, ToolError> {
    let output = Call::json("relation-get")
        .value("-r", relation)
        .option_if(app, "--app")
        .arg("-")
        .arg(who)
        .run(tools)?;
    call::parse_map("relation-get", &output)
}

/// Writes into this unit's bag, or with `app` into the application's. `None` and the empty text remove a key.
///
/// The others see it when the hook has succeeded, all of it or nothing; this context sees it at once.
/// `secret` keeps the values out of errors and traces. No values, no call.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) with `app` off the leader, where nothing changes; else if the
/// tool fails.
pub fn relation_set(
    tools: &mut Tools,
    relation: &str,
    app: bool,
    values: &BTreeMap<String, Option<String>>,
    secret: bool,
) -> Result<(), ToolError> {
    if values.is_empty() {
        return Ok(());
    }
    if values.contains_key("") {
        return Err(ToolError::invalid(
            "relation-set",
            "a key is empty: give it a name",
        ));
    }
    let pairs = values
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_deref().unwrap_or_default()));
    Call::write("relation-set")
        .value("-r", relation)
        .option_if(app, "--app")
        .value("--file", "-")
        .stdin(yaml::mapping(pairs))
        .secret(secret)
        .run(tools)?;
    Ok(())
}

/// The UUID of the model that hosts the other application. Juju 3.6.2 and newer.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing) or fails.
pub fn relation_model_get(tools: &mut Tools, relation: &str) -> Result<String, ToolError> {
    #[derive(serde::Deserialize)]
    struct Model {
        uuid: String,
    }
    let output = Call::json("relation-model-get")
        .value("-r", relation)
        .run(tools)?;
    call::parse::<Model>("relation-model-get", &output).map(|model| model.uuid)
}
