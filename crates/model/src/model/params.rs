//! An action's parameters against its schema: the part of JSON schema that actions use.

use serde_json::{Map, Value};

use crate::ActionSpec;
use crate::format::{Format, Value as Printed};

/// The parameters with the schema's defaults filled in.
///
/// # Errors
///
/// Juju's text, all problems joined by `; `.
pub(super) fn check(
    spec: &ActionSpec,
    mut params: Map<String, Value>,
    strict: bool,
) -> Result<Map<String, Value>, String> {
    let Value::Object(schema) = &spec.schema else {
        return Ok(params);
    };
    let mut problems = Vec::new();
    object("(root)", schema, &params, strict, &mut problems);
    if !problems.is_empty() {
        return Err(format!("validation failed: {}", problems.join("; ")));
    }
    fill(schema, &mut params);
    Ok(params)
}

fn object(
    at: &str,
    schema: &Map<String, Value>,
    given: &Map<String, Value>,
    strict: bool,
    problems: &mut Vec<String>,
) {
    let shown = || json(&Value::Object(given.clone()));
    let properties = schema.get("properties").and_then(Value::as_object);
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        if !given.contains_key(name) {
            problems.push(format!(
                "{at} : {name:?} property is missing and required, given {}",
                shown()
            ));
        }
    }
    let open = schema
        .get("additionalProperties")
        .and_then(Value::as_bool)
        .unwrap_or(!strict);
    for (name, value) in given {
        match properties.and_then(|properties| properties.get(name)) {
            Some(Value::Object(schema)) => {
                property(&format!("{at}.{name}"), schema, value, problems)
            }
            Some(_) => {}
            None if open => {}
            None => problems.push(format!(
                "{at} : additional property {name:?} is not allowed, given {}",
                shown()
            )),
        }
    }
}

fn property(at: &str, schema: &Map<String, Value>, value: &Value, problems: &mut Vec<String>) {
    if let Some(kind) = schema.get("type").and_then(Value::as_str) {
        let fits = match kind {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => {
                value.is_i64()
                    || value.is_u64()
                    || value.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            _ => true,
        };
        if !fits {
            problems.push(format!(
                "{at} : must be of type {kind}, given {}",
                json(value)
            ));
            return;
        }
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(json).collect();
        problems.push(format!(
            "{at} : must match one of the enum values [{}], given {}",
            allowed.join(" "),
            json(value)
        ));
    }
    if let Value::Object(inner) = value {
        // Only the outermost object is closed by default in 4.0.
        object(at, schema, inner, false, problems);
    }
}

fn fill(schema: &Map<String, Value>, params: &mut Map<String, Value>) {
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if let Some(default) = property.get("default") {
            params
                .entry(name.clone())
                .or_insert_with(|| default.clone());
        }
        if let (Some(schema), Some(Value::Object(inner))) =
            (property.as_object(), params.get_mut(name))
        {
            fill(schema, inner);
        }
    }
}

fn json(value: &Value) -> String {
    let printed = Format::Json.print(&Printed::from_json(value));
    String::from_utf8_lossy(&printed).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(params: &Value, strict: bool) -> Result<Value, String> {
        let schema = json!({
            "properties": {"to": {"type": "string"}, "n": {"type": "integer", "default": 3}},
            "required": ["to"],
        });
        let spec = ActionSpec {
            schema,
            ..ActionSpec::default()
        };
        check(&spec, params.as_object().unwrap().clone(), strict).map(Value::Object)
    }

    #[test]
    fn defaults_are_filled_in() {
        assert_eq!(
            checked(&json!({"to": "x"}), true),
            Ok(json!({"to": "x", "n": 3}))
        );
    }

    #[test]
    fn what_the_schema_refuses_is_refused() {
        let text = checked(&json!({"n": "many"}), false).unwrap_err();
        assert_eq!(
            text,
            "validation failed: (root) : \"to\" property is missing and required, given {\"n\":\"many\"}; \
             (root).n : must be of type integer, given \"many\""
        );
        assert!(checked(&json!({"to": "x", "else": 1}), false).is_ok());
        assert!(checked(&json!({"to": "x", "else": 1}), true).is_err());
    }
}
