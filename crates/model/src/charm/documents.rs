//! A charm's documents (`metadata.yaml`, `config.yaml`, `actions.yaml`), already parsed by the driver.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::{ActionSpec, CharmInfo, Endpoint, OptionKind, OptionSpec, Role, Scope, StorageSpec};

/// The parsed documents of a charm; null where there is none.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// `metadata.yaml`.
    pub metadata: Value,
    /// `config.yaml`, with or without its outer `options`.
    pub config: Value,
    /// `actions.yaml`.
    pub actions: Value,
}

/// What a document says that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharmError {
    /// Which document: `metadata.yaml`, `config.yaml` or `actions.yaml`.
    pub document: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for CharmError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.document, self.problem)
    }
}

impl std::error::Error for CharmError {}

impl Documents {
    /// The charm they describe, as build `build`.
    ///
    /// # Errors
    ///
    /// When a document is not a mapping, or an entry is not of the kind Juju takes; it names document and entry.
    pub fn charm(&self, build: &str) -> Result<CharmInfo, CharmError> {
        let metadata = mapping("metadata.yaml", "the document", &self.metadata)?;
        let Some(Value::String(name)) = metadata.get("name") else {
            return Err(CharmError {
                document: "metadata.yaml",
                problem: "`name` is missing".to_owned(),
            });
        };
        let mut charm = CharmInfo {
            build: build.to_owned(),
            ..CharmInfo::named(name)
        };
        for (key, role) in [
            ("provides", Role::Provider),
            ("requires", Role::Requirer),
            ("peers", Role::Peer),
        ] {
            for (endpoint, entry) in &mapping(
                "metadata.yaml",
                key,
                metadata.get(key).unwrap_or(&Value::Null),
            )? {
                charm
                    .endpoints
                    .insert(endpoint.clone(), read_endpoint(endpoint, role, entry)?);
            }
        }
        for (storage, entry) in &mapping(
            "metadata.yaml",
            "storage",
            metadata.get("storage").unwrap_or(&Value::Null),
        )? {
            charm
                .storage
                .insert(storage.clone(), read_storage(storage, entry)?);
        }
        for (resource, entry) in &mapping(
            "metadata.yaml",
            "resources",
            metadata.get("resources").unwrap_or(&Value::Null),
        )? {
            if let Some(file) = read_resource(resource, entry)? {
                charm.resources.insert(resource.clone(), file);
            }
        }
        let bindings = metadata.get("extra-bindings").unwrap_or(&Value::Null);
        let bindings = mapping("metadata.yaml", "extra-bindings", bindings)?;
        charm.extra_bindings = bindings.keys().cloned().collect();
        charm.subordinate = metadata.get("subordinate") == Some(&Value::Bool(true));
        charm.options = read_options(&self.config)?;
        charm.actions = read_actions(&self.actions)?;
        Ok(charm)
    }
}

fn mapping(
    document: &'static str,
    what: &str,
    value: &Value,
) -> Result<Map<String, Value>, CharmError> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map.clone()),
        _ => Err(CharmError {
            document,
            problem: format!("`{what}` is not a mapping"),
        }),
    }
}

fn read_endpoint(name: &str, role: Role, entry: &Value) -> Result<Endpoint, CharmError> {
    let wrong = |problem: &str| CharmError {
        document: "metadata.yaml",
        problem: format!("endpoint `{name}` {problem}"),
    };
    // Juju takes `db: pgsql` for `db: {interface: pgsql}`.
    if let Value::String(interface) = entry {
        return Ok(Endpoint {
            role,
            interface: interface.clone(),
            scope: Scope::Global,
            optional: false,
        });
    }
    let Value::Object(entry) = entry else {
        return Err(wrong("is neither a mapping nor an interface"));
    };
    let Some(Value::String(interface)) = entry.get("interface") else {
        return Err(wrong("has no `interface`"));
    };
    let scope = match entry.get("scope") {
        None | Some(Value::Null) => Scope::Global,
        Some(Value::String(scope)) if scope == "global" => Scope::Global,
        Some(Value::String(scope)) if scope == "container" => Scope::Container,
        Some(_) => {
            return Err(wrong(
                "has a `scope` that is neither `global` nor `container`",
            ));
        }
    };
    let optional = entry.get("optional") == Some(&Value::Bool(true));
    Ok(Endpoint {
        role,
        interface: interface.clone(),
        scope,
        optional,
    })
}

fn read_storage(name: &str, entry: &Value) -> Result<StorageSpec, CharmError> {
    let wrong = |problem: &str| CharmError {
        document: "metadata.yaml",
        problem: format!("storage `{name}` {problem}"),
    };
    let kind = match entry.get("type") {
        Some(Value::String(kind)) if kind == "filesystem" || kind == "block" => kind.clone(),
        _ => return Err(wrong("needs a `type`, `filesystem` or `block`")),
    };
    let location = entry
        .get("location")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let (minimum, maximum) = match entry
        .get("multiple")
        .and_then(|multiple| multiple.get("range"))
    {
        None => (1, Some(1)),
        Some(range) => {
            let text = range
                .as_str()
                .map_or_else(|| range.to_string(), str::to_owned);
            read_range(&text)
                .ok_or_else(|| wrong("has a `range` that is none of `N`, `N-M`, `N-`, `N+`"))?
        }
    };
    Ok(StorageSpec {
        kind,
        location,
        minimum,
        maximum,
    })
}

/// The name of a resource's file; images have none.
fn read_resource(name: &str, entry: &Value) -> Result<Option<String>, CharmError> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    if text("type") == Some("oci-image") {
        return Ok(None);
    }
    match text("filename") {
        Some(file) if !file.is_empty() && !file.contains('/') => Ok(Some(file.to_owned())),
        _ => Err(CharmError {
            document: "metadata.yaml",
            problem: format!("resource `{name}` needs a `filename` without slashes"),
        }),
    }
}

fn read_range(text: &str) -> Option<(u32, Option<u32>)> {
    if let Some(minimum) = text.strip_suffix('+').or_else(|| text.strip_suffix('-')) {
        return Some((minimum.parse().ok()?, None));
    }
    match text.split_once('-') {
        Some((minimum, maximum)) => Some((minimum.parse().ok()?, Some(maximum.parse().ok()?))),
        None => text.parse().ok().map(|count| (count, Some(count))),
    }
}

fn read_options(document: &Value) -> Result<BTreeMap<String, OptionSpec>, CharmError> {
    let wrong = |problem: String| CharmError {
        document: "config.yaml",
        problem,
    };
    let outer = mapping("config.yaml", "the document", document)?;
    // An option may itself be called `options`; then it has a `type`.
    let options = match outer.get("options") {
        Some(inner) if inner.get("type").is_none_or(Value::is_object) => {
            mapping("config.yaml", "options", inner)?
        }
        _ => outer,
    };
    let mut read = BTreeMap::new();
    for (name, entry) in &options {
        let kind = entry
            .get("type")
            .cloned()
            .unwrap_or_else(|| Value::String("string".to_owned()));
        let kind: OptionKind = serde_json::from_value(kind).map_err(|_| {
            wrong(format!(
                "option `{name}` has a `type` that is none of string, int, float, boolean, secret"
            ))
        })?;
        let default = kind
            .read(entry.get("default").unwrap_or(&Value::Null))
            .map_err(|()| {
                wrong(format!(
                    "option `{name}` has a `default` that is not of type {}",
                    kind.as_str()
                ))
            })?;
        read.insert(name.clone(), OptionSpec { kind, default });
    }
    Ok(read)
}

fn read_actions(document: &Value) -> Result<BTreeMap<String, ActionSpec>, CharmError> {
    let mut read = BTreeMap::new();
    for (name, entry) in &mapping("actions.yaml", "the document", document)? {
        let entry = mapping("actions.yaml", name, entry)?;
        let mut schema = Map::new();
        let params = entry
            .get("params")
            .cloned()
            .unwrap_or_else(|| Value::Object(Map::new()));
        schema.insert("properties".to_owned(), params);
        for key in ["required", "additionalProperties"] {
            if let Some(value) = entry.get(key) {
                schema.insert(key.to_owned(), value.clone());
            }
        }
        let parallel = entry.get("parallel") == Some(&Value::Bool(true));
        let group = entry
            .get("execution-group")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let spec = ActionSpec {
            schema: Value::Object(schema),
            parallel,
            execution_group: group.to_owned(),
        };
        read.insert(name.clone(), spec);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::ConfigValue;
    use super::*;

    #[test]
    fn documents_become_a_charm() {
        let documents = Documents {
            metadata: json!({
                "name": "redis",
                "peers": {"cluster": {"interface": "redis-peer"}},
                "provides": {"db": "redis"},
                "storage": {"data": {"type": "filesystem", "multiple": {"range": "0-"}}},
            }),
            config: json!({"options": {"port": {"type": "int", "default": 6379}, "name": {"type": "string"}}}),
            actions: json!({"backup": {"params": {"to": {"type": "string"}}, "required": ["to"]}}),
        };
        let charm = documents.charm("b1").unwrap();
        assert_eq!(charm.peers().collect::<Vec<_>>(), ["cluster"]);
        assert_eq!(charm.endpoints["db"].interface, "redis");
        assert_eq!(charm.options["port"].default, Some(ConfigValue::Int(6379)));
        assert_eq!(charm.options["name"].default, None);
        assert_eq!(charm.storage["data"].maximum, None);
        assert_eq!(charm.actions["backup"].schema["required"], json!(["to"]));
    }

    #[test]
    fn a_wrong_entry_is_named_with_its_document() {
        let mut documents = Documents {
            metadata: json!({"name": "x"}),
            ..Documents::default()
        };
        documents.config = json!({"port": {"type": "int", "default": "many"}});
        let error = documents.charm("").unwrap_err();
        assert_eq!(
            error.to_string(),
            "config.yaml: option `port` has a `default` that is not of type int"
        );
        documents.metadata = json!([]);
        assert_eq!(documents.charm("").unwrap_err().document, "metadata.yaml");
    }
}
