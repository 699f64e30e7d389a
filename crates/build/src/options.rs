//! Layer options: defaults from the layers' definitions, values from the charm's `layer.yaml`.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::schema::{Definition, Layer};
use crate::yaml::{Entry, Reader, nearest};

/// Options by layer and name, as the charm reads them.
pub(crate) type Options = BTreeMap<String, BTreeMap<String, Json>>;

/// The layers that come with Ensign, whether `layer.yaml` includes them or not.
pub(crate) const BUILT_IN: [&str; 2] = ["basic", "leadership"];

/// Options of layer-basic that say how to install Python: they are taken and have no effect.
const OF_PYTHON: [&str; 5] = [
    "packages",
    "python_packages",
    "use_venv",
    "include_system_packages",
    "pin_pip",
];

fn definition(default: Option<Json>, kind: &str, choices: &[&str]) -> Definition {
    Definition {
        default,
        types: vec![kind.to_owned()],
        choices: choices.iter().map(|c| json!(c)).collect(),
    }
}

fn leadership() -> BTreeMap<String, Definition> {
    BTreeMap::from([
        (
            "backend".to_owned(),
            definition(Some(json!("auto")), "string", &["auto", "settings", "peer"]),
        ),
        (
            "peer".to_owned(),
            definition(Some(json!("")), "string", &[]),
        ),
    ])
}

/// The options of the charm called `name`, checked against what each layer defines (B113).
pub(crate) fn resolve(name: &str, layer: &Layer, reader: &mut Reader<'_>) -> Options {
    let known = BTreeMap::from([
        ("leadership", leadership()),
        ("basic", BTreeMap::new()),
        (name, layer.defines.clone()),
    ]);
    let mut all = Options::new();
    for (layer, definitions) in &known {
        let defaults = definitions
            .iter()
            .filter_map(|(option, d)| Some((option.clone(), d.default.clone()?)));
        let defaults: BTreeMap<_, _> = defaults.collect();
        if !defaults.is_empty() {
            all.insert((*layer).to_owned(), defaults);
        }
    }
    for (owner, values) in &layer.options {
        for entry in values.entries() {
            let Some(definitions) = known.get(owner.as_str()) else {
                let names: Vec<&str> = known.keys().copied().collect();
                let hint = match nearest(owner, &names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("include `layer:{owner}`, or remove its options"),
                };
                reader.error(
                    entry.key.place,
                    format!("`options.{owner}` is for a layer that the charm lacks"),
                    hint,
                );
                break;
            };
            if owner == "basic" && OF_PYTHON.contains(&entry.key.name()) {
                let message = format!(
                    "`options.basic.{}` has no effect: the unit installs no Python",
                    entry.key.name()
                );
                reader.warning(entry.key.place, message, "remove it");
                continue;
            }
            if let Some(value) = checked(owner, entry, definitions, reader) {
                all.entry(owner.clone())
                    .or_default()
                    .insert(entry.key.name().to_owned(), value);
            }
        }
    }
    all
}

fn checked(
    owner: &str,
    entry: &Entry,
    definitions: &BTreeMap<String, Definition>,
    reader: &mut Reader<'_>,
) -> Option<Json> {
    let name = entry.key.name();
    let path = format!("options.{owner}.{name}");
    let Some(definition) = definitions.get(name) else {
        let names: Vec<&str> = definitions.keys().map(String::as_str).collect();
        let hint = match (nearest(name, &names), names.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("its options are {}", names.join(", ")),
            (None, true) => format!("define it in the `layer.yaml` of `{owner}`, below `defines:`"),
        };
        reader.error(
            entry.key.place,
            format!("the layer `{owner}` has no option `{name}`"),
            hint,
        );
        return None;
    };
    let value = entry.node.to_json();
    if !definition.types.is_empty() && !definition.types.iter().any(|kind| is_a(&value, kind)) {
        let want = definition.types.join(" or ");
        reader.error(
            entry.node.place,
            format!("`{path}` must be a {want}, found {}", entry.node.describe()),
            "correct it",
        );
        return None;
    }
    if !definition.choices.is_empty() && !definition.choices.contains(&value) {
        let known = definition
            .choices
            .iter()
            .map(|c| format!("`{}`", plain(c)))
            .collect::<Vec<_>>()
            .join(", ");
        reader.error(
            entry.node.place,
            format!("`{path}` cannot be {}", plain(&value)),
            format!("use one of {known}"),
        );
        return None;
    }
    Some(value)
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// JSON Schema's names of types.
fn is_a(value: &Json, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
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
        assert_eq!(layer.defines, leadership());
    }
}
