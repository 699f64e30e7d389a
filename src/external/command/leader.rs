//! Leader settings.

use crate::context::Context;
use crate::error::Result;
use crate::external::wire::Answer;
use crate::leadership::Leadership;

/// A value and a line end, or nothing for a key that has none; without a key all of them, as a JSON object, since
/// values may hold anything.
pub(super) fn get(ctx: &mut Context, key: Option<&str>) -> Result<Answer> {
    match key {
        Some(key) => {
            let value = ctx.leader_get(key)?;
            Ok(Answer::lines(value.iter().map(|v| &**v)))
        }
        None => {
            let mut all = serde_json::Map::new();
            for (key, value) in ctx.leader_settings()? {
                all.insert(key, (*value).into());
            }
            Ok(Answer::lines([serde_json::Value::Object(all).to_string()]))
        }
    }
}

pub(super) fn set(ctx: &mut Context, pairs: &[(String, String)]) -> Result<Answer> {
    ctx.leader_set(pairs.iter().map(|(key, value)| (key, value.as_str())))?;
    Ok(Answer::done())
}
