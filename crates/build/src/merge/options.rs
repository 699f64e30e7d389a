//! Layer options: defaults and rules from the layers' definitions, values from all `layer.yaml` files (B113).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::document::entry_of;
use crate::layers::{BUILT_IN, Kind, Stack};
use crate::yaml::{Entry, Map, Node, Place, Reader, Scalar, Value, nearest};

/// Options by layer and name, as the charm reads them.
pub(crate) type Options = BTreeMap<String, BTreeMap<String, Json>>;

/// What a layer's options may be, by name.
type Schemas = BTreeMap<String, Json>;

/// Options of layer-basic that say how to install Python: they are taken and have no effect.
const OF_PYTHON: [&str; 6] = [
    "packages",
    "python_packages",
    "use_venv",
    "include_system_packages",
    "pin_pip",
    "install_python_packages",
];

/// Options that charms may set for charms.reactive itself.
const OF_NO_LAYER: &str = "charms.reactive";

fn leadership() -> Schemas {
    BTreeMap::from([
        (
            "backend".to_owned(),
            json!({"type": "string", "enum": ["auto", "settings", "peer"], "default": "auto"}),
        ),
        ("peer".to_owned(), json!({"type": "string", "default": ""})),
        (
            "secret".to_owned(),
            json!({"type": "array", "items": {"type": "string"}, "default": []}),
        ),
        (
            "rotate".to_owned(),
            json!({
                "type": "string",
                "enum": ["", "never", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"],
                "default": "",
            }),
        ),
        (
            "expire".to_owned(),
            json!({"type": "string", "default": ""}),
        ),
    ])
}

/// The options of a charm, checked against what each layer defines. `given` is the merged `options` of `layer.yaml`.
pub(crate) fn resolve(stack: &Stack, given: Option<&Node>, reader: &mut Reader<'_>) -> Options {
    let mut known: BTreeMap<&str, Schemas> = BTreeMap::new();
    known.insert(BUILT_IN[0], Schemas::new());
    known.insert(BUILT_IN[1], leadership());
    let mut all = Options::new();
    for layer in stack
        .layers
        .iter()
        .filter(|layer| layer.kind != Kind::Interface)
    {
        known
            .entry(&layer.name)
            .or_insert_with(|| layer.config.defines.clone());
        if layer.raw.is_some() {
            all.entry(layer.name.clone()).or_default();
        }
    }
    for (layer, schemas) in &known {
        let mut own = serde_json::Map::new();
        fill(schemas.iter(), &mut own);
        if !own.is_empty() {
            let own = own.into_iter().collect();
            all.insert((*layer).to_owned(), own);
        }
    }
    let given = given.map_or(&[][..], |node| reader.entries(node, "options"));
    for entry in given {
        let layer = entry.key.name();
        let options = reader.entries(&entry.node, &format!("options.{layer}"));
        let Some(schemas) = known.get(layer) else {
            unknown_layer(entry, options, &known, reader);
            continue;
        };
        let own = all.entry(layer.to_owned()).or_default();
        for option in options {
            let name = option.key.name();
            if layer == BUILT_IN[0] && OF_PYTHON.contains(&name) {
                let message =
                    format!("`options.basic.{name}` has no effect: the unit installs no Python");
                reader.warning(option.key.place, message, "remove it");
            } else if let Some(value) = checked(layer, option, schemas, reader) {
                own.insert(name.to_owned(), value);
            }
        }
    }
    all
}

fn unknown_layer(
    entry: &Entry,
    options: &[Entry],
    known: &BTreeMap<&str, Schemas>,
    reader: &mut Reader<'_>,
) {
    let layer = entry.key.name();
    if layer == OF_NO_LAYER {
        return;
    }
    let names: Vec<&str> = known.keys().copied().collect();
    let hint = match nearest(layer, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("include `layer:{layer}`, or remove its options"),
    };
    // Where the value stands is in the layer that set it.
    let place = options.first().map_or(entry.key.place, |o| o.key.place);
    reader.error(
        place,
        format!("`options.{layer}` is for a layer that the charm lacks"),
        hint,
    );
}

/// Sets what has a default and no value, inside objects too.
fn fill<'s>(
    schemas: impl Iterator<Item = (&'s String, &'s Json)>,
    values: &mut serde_json::Map<String, Json>,
) {
    for (name, schema) in schemas {
        if !values.contains_key(name)
            && let Some(default) = schema.get("default")
        {
            values.insert(name.clone(), default.clone());
        }
        if let (Some(inner), Some(Json::Object(value))) = (
            schema.get("properties").and_then(Json::as_object),
            values.get_mut(name),
        ) {
            fill(inner.iter(), value);
        }
    }
}

fn checked(
    layer: &str,
    option: &Entry,
    schemas: &Schemas,
    reader: &mut Reader<'_>,
) -> Option<Json> {
    let name = option.key.name();
    let path = format!("options.{layer}.{name}");
    let Some(schema) = schemas.get(name) else {
        let names: Vec<&str> = schemas.keys().map(String::as_str).collect();
        let hint = match (nearest(name, &names), names.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("its options are {}", names.join(", ")),
            (None, true) => format!("define it in the `layer.yaml` of `{layer}`, below `defines:`"),
        };
        reader.error(
            option.key.place,
            format!("the layer `{layer}` has no option `{name}`"),
            hint,
        );
        return None;
    };
    let mut value = option.node.to_json();
    if let (Some(inner), Json::Object(fields)) = (
        schema.get("properties").and_then(Json::as_object),
        &mut value,
    ) {
        fill(inner.iter(), fields);
    }
    // The definition was looked at where it was read.
    let validator = jsonschema::draft4::new(schema).ok()?;
    let mut good = true;
    for error in validator.iter_errors(&value) {
        good = false;
        let at = error.instance_path().to_string();
        let place = at_pointer(&option.node, &at);
        let inner = at.replace('/', ".");
        reader.error(
            place,
            format!("`{path}{inner}` is not what `{layer}` takes: {error}"),
            format!("see `defines` in the `layer.yaml` of `{layer}`"),
        );
    }
    good.then_some(value)
}

/// The place of the value that a JSON pointer leads to, as far as it leads.
fn at_pointer(node: &Node, pointer: &str) -> Place {
    let mut at = node;
    for part in pointer.split('/').skip(1) {
        let next = match &at.value {
            Value::Map(map) => map.get(part),
            Value::List(items) => part.parse().ok().and_then(|n: usize| items.get(n)),
            Value::Scalar(_) => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at.place
}

/// A value that was made here and stands nowhere.
pub(super) fn node_of(json: &Json) -> Node {
    let plain = |text: String| Value::Scalar(Scalar { text, plain: true });
    let value = match json {
        Json::Null => plain("null".into()),
        Json::Bool(_) | Json::Number(_) => plain(json.to_string()),
        Json::String(text) => Value::Scalar(Scalar::quoted(text)),
        Json::Array(items) => Value::List(items.iter().map(node_of).collect()),
        Json::Object(fields) => {
            let mut map = Map::default();
            fields
                .iter()
                .for_each(|(name, value)| map.set(entry_of(name, node_of(value))));
            Value::Map(map)
        }
    };
    Node {
        place: Place::START,
        value,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::finding::Findings;
    use crate::schema::read_layer;
    use crate::yaml::{Source, parse};

    #[test]
    fn the_leadership_layer_has_the_options_of_its_own_layer_yaml() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layer.yaml");
        let source = Source::read(&path).unwrap().unwrap();
        let mut findings = Findings::default();
        let layer = read_layer(
            &parse(&source).unwrap(),
            &mut Reader::new(&source, &mut findings),
        );
        assert_eq!(findings.sorted(), []);
        let mut defines = layer.defines;
        for schema in defines.values_mut() {
            schema.as_object_mut().unwrap().remove("description");
        }
        assert_eq!(defines, leadership());
    }
}
