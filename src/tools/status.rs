//! What the unit and the application say about themselves (Juju facts, hook tools §6).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::call::{self, Call};
use super::{ToolError, Tools, answer};

/// A status a charm can set, with its message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// At work on the machine: installing, migrating.
    Maintenance(String),
    /// A person has to do something; the message says what.
    Blocked(String),
    /// Something else has to happen first; the message says what.
    Waiting(String),
    /// In service.
    Active(String),
}

impl Status {
    /// The word Juju has for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Maintenance(_) => "maintenance",
            Self::Blocked(_) => "blocked",
            Self::Waiting(_) => "waiting",
            Self::Active(_) => "active",
        }
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Maintenance(m) | Self::Blocked(m) | Self::Waiting(m) | Self::Active(m) => m,
        }
    }
}

/// A status as Juju reports it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StatusInfo {
    /// The word: one a charm can set, or `unknown`, `error`, `terminated`.
    pub status: String,
    /// The message.
    #[serde(default)]
    pub message: String,
    /// What else Juju knows.
    #[serde(rename = "status-data", default)]
    pub data: Map<String, Value>,
}

/// The application's status and that of its units.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AppStatusInfo {
    /// The application's own.
    #[serde(flatten)]
    pub app: StatusInfo,
    /// Its units', by name.
    #[serde(default)]
    pub units: BTreeMap<String, StatusInfo>,
}

/// Sets this unit's status, at once; nothing undoes it when the hook fails.
///
/// # Errors
/// If the tool fails.
pub fn status_set(tools: &mut Tools, status: &Status) -> Result<(), ToolError> {
    set(tools, status, false)
}

/// Sets the application's status, at once; nothing undoes it when the hook fails.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) off the leader; else if the tool fails.
pub fn app_status_set(tools: &mut Tools, status: &Status) -> Result<(), ToolError> {
    set(tools, status, true)
}

fn set(tools: &mut Tools, status: &Status, app: bool) -> Result<(), ToolError> {
    Call::write("status-set")
        .option_if(app, "--application")
        .arg(status.name())
        .arg(call::fitting(status.message(), call::LONGEST_ARG))
        .run(tools)?;
    Ok(())
}

/// This unit's status as it was when this context asked first: setting it does not change the answer.
///
/// # Errors
/// If the tool fails.
pub fn status_get(tools: &mut Tools) -> Result<StatusInfo, ToolError> {
    let output = Call::json("status-get")
        .option("--include-data")
        .run(tools)?;
    answer::parse("status-get", &output)
}

/// The application's status and its units'.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) off the leader; else if the tool fails.
pub fn app_status_get(tools: &mut Tools) -> Result<AppStatusInfo, ToolError> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "application-status")]
        status: AppStatusInfo,
    }
    let output = Call::json("status-get")
        .option("--include-data")
        .option("--application")
        .run(tools)?;
    answer::parse::<Answer>("status-get", &output).map(|answer| answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Kind};
    use crate::tools::fake::{on, play};

    #[test]
    fn a_status_is_a_word_and_a_message() {
        let active = Status::Active("ready for -it".into());
        play([on(&["status-set", "active", "ready for -it"])], |t| {
            status_set(t, &active)
        })
        .unwrap();
        let blocked = Status::Blocked("-x".into());
        play([on(&["status-set", "--", "blocked", "-x"])], |t| {
            status_set(t, &blocked)
        })
        .unwrap();
        let waiting = Status::Waiting(String::new());
        play([on(&["status-set", "--application", "waiting", ""])], |t| {
            app_status_set(t, &waiting)
        })
        .unwrap();
    }

    #[test]
    fn only_the_leader_speaks_for_the_application() {
        let argv = ["status-set", "--application", "maintenance", "m"];
        let calls = [on(&argv).fails(1, "ERROR this unit is not the leader\n")];
        let error = play(calls, |t| {
            app_status_set(t, &Status::Maintenance("m".into()))
        })
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLeader);

        let argv = [
            "status-get",
            "--format=json",
            "--include-data",
            "--application",
        ];
        let words = "ERROR finding application status: this unit is not the leader\n";
        let error = play([on(&argv).fails(1, words)], app_status_get).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLeader);
    }

    #[test]
    fn statuses_are_read_with_all_their_data() {
        let recorded =
            "{\"message\":\"needs x\",\"status\":\"blocked\",\"status-data\":{\"k\":\"v\"}}\n";
        let status = play(
            [on(&["status-get", "--format=json", "--include-data"]).says(recorded)],
            status_get,
        )
        .unwrap();
        assert_eq!(
            (status.status.as_str(), status.message.as_str()),
            ("blocked", "needs x")
        );
        assert_eq!(status.data["k"], Value::from("v"));

        let recorded = "{\"application-status\":{\"message\":\"ok\",\"status\":\"active\",\"status-data\":{},\
            \"units\":{\"redis/0\":{\"message\":\"u0\",\"status\":\"active\",\"status-data\":{}},\
            \"redis/1\":{\"message\":\"\",\"status\":\"waiting\",\"status-data\":{\"z\":1}}}}}\n";
        let argv = [
            "status-get",
            "--format=json",
            "--include-data",
            "--application",
        ];
        let status = play([on(&argv).says(recorded)], app_status_get).unwrap();
        assert_eq!(
            (status.app.status.as_str(), status.app.message.as_str()),
            ("active", "ok")
        );
        assert_eq!(status.units["redis/1"].status, "waiting");
        assert_eq!(status.units["redis/1"].data["z"], Value::from(1));
    }
}
