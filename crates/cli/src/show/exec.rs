//! The results of `juju exec`.

use ensign_model::{ActionRecord, ActionStatus, Time};
use serde_json::{Map, Value, json};

use super::time::stamp;
use crate::ops::Executed;

/// For stdout and stderr: of one unit what its commands said, of several each below its name.
pub(crate) fn plain(ran: &Executed) -> (String, String) {
    if let [only] = &ran.records[..] {
        return (part(only, "stdout"), part(only, "stderr"));
    }
    let mut text = String::new();
    for record in &ran.records {
        text += &format!("{}:\n", record.unit);
        for name in ["stdout", "stderr"] {
            for line in part(record, name).lines() {
                text += &format!("  {line}\n");
            }
        }
    }
    (text, String::new())
}

fn part(record: &ActionRecord, name: &str) -> String {
    record
        .results
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The object that `juju exec --format json` prints.
pub(crate) fn json(ran: &Executed) -> Value {
    let all: Map<String, Value> = ran
        .records
        .iter()
        .map(|record| (record.unit.to_string(), one(ran, record)))
        .collect();
    Value::Object(all)
}

fn one(ran: &Executed, record: &ActionRecord) -> Value {
    let mut timing = Map::new();
    let mut at = |name: &str, time: Option<Time>| {
        if let Some(time) = time {
            timing.insert(
                name.to_owned(),
                json!(stamp(ran.status.epoch + time.as_micros() / 1_000_000)),
            );
        }
    };
    at("enqueued", Some(record.enqueued));
    at("started", record.started);
    at("completed", record.completed);
    let mut value = json!({
        "id": record.id.to_string(),
        "results": record.results,
        "status": record.status,
        "timing": timing,
        "unit": record.unit,
    });
    if !record.message.is_empty() {
        value["message"] = json!(record.message);
    }
    value
}

/// Which of them failed, in Juju's words; none if none did.
pub(crate) fn failures(ran: &Executed) -> Option<String> {
    let code = |record: &ActionRecord| {
        record
            .results
            .get("return-code")
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let failed: Vec<String> = ran
        .records
        .iter()
        .filter(|record| record.status == ActionStatus::Failed || code(record) != 0)
        .map(|record| format!(" - id \"{}\" with return code {}", record.id, code(record)))
        .collect();
    let noun = if failed.len() == 1 { "task" } else { "tasks" };
    (!failed.is_empty()).then(|| format!("the following {noun} failed:\n{}", failed.join("\n")))
}
