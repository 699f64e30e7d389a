//! Relations and their data bags (Juju facts, hook tools §5).

use std::collections::BTreeMap;

use super::call::Call;
use super::{ToolError, Tools, answer, yaml};

/// The relations of an endpoint, such as `db:3`, sorted as text: `db:10` stands before `db:9`.
///
/// A relation that is breaking is not listed, even in its own `relation-broken` hook.
///
/// # Errors
/// If the tool fails.
pub fn relation_ids(tools: &mut Tools, endpoint: &str) -> Result<Vec<String>, ToolError> {
    let output = Call::json("relation-ids").arg(endpoint).run(tools)?;
    answer::parse_list("relation-ids", &output)
}

/// The remote units that have joined, sorted as text; never this one.
///
/// # Errors
/// If the tool fails or there is no such relation.
pub fn relation_list(tools: &mut Tools, relation: &str) -> Result<Vec<String>, ToolError> {
    let output = Call::json("relation-list")
        .value("-r", relation)
        .run(tools)?;
    answer::parse_list("relation-list", &output)
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
    let app: Option<String> = answer::parse("relation-list", &output)?;
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
    answer::parse_map("relation-get", &output)
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
    answer::parse::<Model>("relation-model-get", &output).map(|model| model.uuid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Kind};
    use crate::tools::fake::{on, play};

    #[test]
    fn relations_and_members_are_lists() {
        let argv = ["relation-ids", "--format=json", "db"];
        let ids = play([on(&argv).says("[\"db:10\",\"db:9\"]\n")], |t| {
            relation_ids(t, "db")
        });
        assert_eq!(ids.unwrap(), ["db:10", "db:9"]);
        assert!(
            play([on(&argv).says("[]\n")], |t| relation_ids(t, "db"))
                .unwrap()
                .is_empty()
        );

        let argv = ["relation-list", "--format=json", "-r", "cluster:0"];
        let units = play([on(&argv).says("[\"redis/1\",\"redis/2\"]\n")], |t| {
            relation_list(t, "cluster:0")
        });
        assert_eq!(units.unwrap(), ["redis/1", "redis/2"]);

        let argv = ["relation-list", "--format=json", "-r", "db:3", "--app"];
        let app = |answer: &str| {
            play([on(&argv).says(answer)], |t| relation_list_app(t, "db:3")).unwrap()
        };
        assert_eq!(app("\"mysql\"\n"), Some("mysql".to_owned()));
        assert_eq!(app("\"\"\n"), None);
    }

    #[test]
    fn a_bag_is_read_whole() {
        let argv = [
            "relation-get",
            "--format=json",
            "-r",
            "db:3",
            "-",
            "mysql/0",
        ];
        let calls = [on(&argv).says("{\"-x\":\"a\\n\\nb\",\"2\":\"a😀b\"}\n")];
        let bag = play(calls, |t| relation_get(t, "db:3", false, "mysql/0")).unwrap();
        assert_eq!((bag["-x"].as_str(), bag["2"].as_str()), ("a\n\nb", "a😀b"));

        let argv = [
            "relation-get",
            "--format=json",
            "-r",
            "db:3",
            "--app",
            "-",
            "mysql",
        ];
        assert!(
            play([on(&argv).says("{}\n")], |t| relation_get(
                t, "db:3", true, "mysql"
            ))
            .unwrap()
            .is_empty()
        );

        let calls = [on(&argv).fails(1, "ERROR permission denied\n")];
        let error = play(calls, |t| relation_get(t, "db:3", true, "mysql")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tool);
        assert_eq!(
            error.to_string(),
            "`relation-get --format=json -r db:3 --app - mysql` failed with exit code 1: permission denied"
        );
    }

    fn values(pairs: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.map(str::to_owned)))
            .collect()
    }

    #[test]
    fn a_bag_is_written_through_stdin_with_everything_escaped() {
        let bag = values(&[("gone", None), ("k", Some(" /é\n")), ("emoji", Some("😀"))]);
        let yaml = "\"emoji\": \"\\U0001f600\"\n\"gone\": \"\"\n\"k\": \" /\\xe9\\x0a\"\n";
        let calls = [on(&["relation-set", "-r", "db:3", "--file", "-"])
            .stdin(yaml)
            .secret(false)];
        play(calls, |t| relation_set(t, "db:3", false, &bag, false)).unwrap();

        let calls = [on(&["relation-set", "-r", "db:3", "--app", "--file", "-"])
            .stdin(yaml)
            .secret(true)];
        play(calls, |t| relation_set(t, "db:3", true, &bag, true)).unwrap();
        play([], |t| relation_set(t, "db:3", true, &values(&[]), true)).unwrap();
        assert!(
            play([], |t| relation_set(
                t,
                "db:3",
                true,
                &values(&[("", None)]),
                true
            ))
            .is_err()
        );
    }

    #[test]
    fn only_the_leader_writes_for_the_application() {
        for words in [
            "ERROR cannot write relation settings\n",
            "ERROR cannot read relation application settings: permission denied\n",
        ] {
            let argv = ["relation-set", "-r", "db:3", "--app", "--file", "-"];
            let calls = [on(&argv).stdin("\"k\": \"v\"\n").fails(1, words)];
            let error = play(calls, |t| {
                relation_set(t, "db:3", true, &values(&[("k", Some("v"))]), false)
            })
            .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotLeader, "{words}");
        }
    }

    #[test]
    fn the_model_of_the_other_side_has_a_uuid() {
        let argv = ["relation-model-get", "--format=json", "-r", "db:3"];
        let uuid = play([on(&argv).says("{\"uuid\":\"deadbeef\"}\n")], |t| {
            relation_model_get(t, "db:3")
        });
        assert_eq!(uuid.unwrap(), "deadbeef");
        let words = "ERROR bad request: unknown command: relation-model-get\n";
        let error = play([on(&argv).fails(1, words)], |t| {
            relation_model_get(t, "db:3")
        })
        .unwrap_err();
        assert!(error.is_missing());
    }
}
