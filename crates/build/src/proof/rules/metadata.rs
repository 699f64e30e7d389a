//! Keys of `metadata.yaml` that only Juju reads.

use super::assumes;
use crate::finding::{Finding, Findings, Level};
use crate::proof::charm::Charm;
use crate::yaml::{Node, Reader, Value, nearest};

/// Keys that belong to either form of the metadata; Juju refuses a mixture.
const OLD: [&str; 3] = ["series", "deployment", "min-juju-version"];
const NEW: [&str; 3] = ["containers", "assumes", "charm-user"];

/// All keys that somebody reads. Juju passes over others.
const KEYS: [&str; 31] = [
    "name",
    "summary",
    "description",
    "provides",
    "requires",
    "peers",
    "extra-bindings",
    "subordinate",
    "categories",
    "tags",
    "terms",
    "storage",
    "devices",
    "payloads",
    "resources",
    "containers",
    "assumes",
    "charm-user",
    "series",
    "min-juju-version",
    "deployment",
    "revision",
    "format",
    "display-name",
    "maintainer",
    "maintainers",
    "docs",
    "issues",
    "website",
    "source",
    "peer",
];

/// Reads and checks what the build passes over.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) {
    let Some(top) = node.as_map() else { return };
    for entry in top.entries() {
        let (key, value) = (entry.key.name(), &entry.node);
        match key {
            "categories" | "tags" => drop(reader.texts(value, key)),
            "terms" => terms(value, reader),
            "extra-bindings" => extra_bindings(value, node, reader),
            "devices" => devices(value, reader),
            "payloads" => {
                for payload in reader.entries(value, key) {
                    needs_type(
                        &payload.node,
                        &format!("payloads.{}", payload.key.name()),
                        reader,
                    );
                }
            }
            "charm-user" => drop(reader.choice(value, key, &["root", "sudoer", "non-root"])),
            "min-juju-version" => {
                if let Some(text) = reader.text(value, key)
                    && !assumes::is_version(&text)
                {
                    let message = format!("`{key}` is no version: {text:?}");
                    reader.error(value.place, message, "write one such as \"2.9.0\"");
                }
            }
            "assumes" => assumes::read(value, reader),
            _ if KEYS.contains(&key) => {}
            _ => {
                if let Some(near) = nearest(key, &KEYS) {
                    let message = format!("Juju has no key `{key}` and passes over it");
                    reader.warning(entry.key.place, message, format!("did you mean `{near}`?"));
                }
            }
        }
    }
}

fn terms(node: &Node, reader: &mut Reader<'_>) {
    for (index, item) in reader.items(node, "terms").iter().enumerate() {
        let Some(text) = reader.text(item, &format!("terms[{index}]")) else {
            continue;
        };
        let name = text.split_once('/').map_or(text.as_str(), |(_, rest)| rest);
        let name = name.split_once(':').map_or(name, |(_, rest)| rest);
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
        if name.is_empty()
            || !name.starts_with(|c: char| c.is_ascii_lowercase())
            || !name.chars().all(good)
        {
            let message = format!("`{text}` cannot be a term");
            reader.error(item.place, message, "write it as `owner/name/revision`");
        }
    }
}

fn extra_bindings(node: &Node, top: &Node, reader: &mut Reader<'_>) {
    let entries = reader.entries(node, "extra-bindings");
    if entries.is_empty() && matches!(node.value, Value::Map(_)) {
        reader.error(
            node.place,
            "`extra-bindings` is empty",
            "name a binding, or remove the key",
        );
    }
    for entry in entries {
        let name = entry.key.name();
        if !entry.node.is_null() {
            let hint = format!("write `{name}:` with nothing after it");
            reader.error(
                entry.node.place,
                format!("the extra binding `{name}` has a value"),
                hint,
            );
        }
        let taken = ["provides", "requires", "peers"].into_iter().find(|role| {
            let endpoints = top
                .as_map()
                .and_then(|map| map.get(role))
                .and_then(Node::as_map);
            endpoints.is_some_and(|map| map.get(name).is_some())
        });
        if let Some(role) = taken {
            let message = format!("the extra binding `{name}` is an endpoint, too, in `{role}`");
            reader.error(
                entry.key.place,
                message,
                "remove it: every endpoint is a binding",
            );
        }
    }
}

fn devices(node: &Node, reader: &mut Reader<'_>) {
    for entry in reader.entries(node, "devices") {
        let path = format!("devices.{}", entry.key.name());
        needs_type(&entry.node, &path, reader);
        for field in reader.entries(&entry.node, &path) {
            let path = format!("{path}.{}", field.key.name());
            if matches!(field.key.name(), "countmin" | "countmax")
                && reader
                    .integer(&field.node, &path)
                    .is_some_and(|count| count < 0)
            {
                reader.error(
                    field.node.place,
                    format!("`{path}` is negative"),
                    "write 0 or more",
                );
            }
        }
    }
}

fn needs_type(node: &Node, path: &str, reader: &mut Reader<'_>) {
    let fields = reader.entries(node, path);
    match fields.iter().find(|field| field.key.name() == "type") {
        Some(field) => drop(reader.text(&field.node, &format!("{path}.type"))),
        None => reader.error(node.place, format!("`{path}` has no type"), "add `type:`"),
    }
}

/// The two forms of metadata must not be mixed; in a built charm the manifest decides which form it is.
pub(super) fn formats(charm: &Charm, findings: &mut Findings) {
    let Some((_, node)) = charm.built("metadata.yaml") else {
        return;
    };
    let has = |keys: &[&'static str]| {
        let top = node.as_map();
        let found = keys
            .iter()
            .find(|key| top.is_some_and(|map| map.get(key).is_some()));
        found.copied()
    };
    let manifest = charm.built("manifest.yaml");
    let bases = manifest
        .as_ref()
        .and_then(|(_, node)| node.as_map()?.get("bases"));
    let is_new =
        bases.is_some_and(|bases| matches!(&bases.value, Value::List(list) if !list.is_empty()));
    let mut push = |key: &str, message: String, hint: String| {
        let finding: Finding = charm.at_key(Level::Error, "metadata.yaml", &[key], message);
        findings.push(finding.hint(hint));
    };
    match (has(&OLD), has(&NEW)) {
        (Some(old), Some(new)) => push(
            new,
            format!("`{new}` and `{old}` cannot stand in one charm: Juju refuses it"),
            format!("remove `{old}`: bases stand in manifest.yaml, versions of Juju in `assumes`"),
        ),
        (Some(old), None) if is_new => push(
            old,
            format!("`{old}` is not for a charm whose manifest names its bases: Juju refuses it"),
            format!("remove `{old}`"),
        ),
        (None, Some(new)) if manifest.is_some() && !is_new => push(
            new,
            format!("`{new}` is only for a charm whose manifest names its bases: Juju refuses it"),
            "name a base in manifest.yaml".into(),
        ),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use crate::proof::sample::Sample;

    #[test]
    fn keys_that_only_juju_reads_follow_its_rules() {
        let text = "tags: x\nterms: [a/b, 'B c']\nextra-bindings: {admin: null, web: 1}\nprovides: {web: http}\n\
                    devices: {gpu: {countmin: -1}}\ncharm-user: admin\nmin-juju-version: two\npayloads: {p: {type: docker}}\nrelates: {}\nsumary: x\n";
        assert_eq!(
            found("metadata.yaml", text),
            [
                "4 `tags` must be a list, found the text \"x\"",
                "5 `B c` cannot be a term",
                "6 the extra binding `web` is an endpoint, too, in `provides`",
                "6 the extra binding `web` has a value",
                "8 `devices.gpu` has no type",
                "8 `devices.gpu.countmin` is negative",
                "9 `charm-user` and `min-juju-version` cannot stand in one charm: Juju refuses it",
                "9 `charm-user` cannot be \"admin\"",
                "10 `min-juju-version` is no version: \"two\"",
                "13 Juju has no key `sumary` and passes over it",
            ]
        );
    }

    #[test]
    fn the_two_forms_of_metadata_are_not_mixed() {
        let bases = "bases: [{name: ubuntu, channel: '22.04'}]\n";
        let codes = |metadata: &str, manifest: Option<&str>| {
            let sample = Sample::new().metadata(metadata);
            let sample = match manifest {
                Some(text) => sample.file("manifest.yaml", text),
                None => sample,
            };
            sample.found(super::super::check).len()
        };
        assert_eq!(codes("assumes: [juju >= 3.1]\n", Some(bases)), 0);
        assert_eq!(codes("assumes: [juju >= 3.1]\n", None), 0);
        assert_eq!(codes("assumes: [juju >= 3.1]\n", Some("analysis: {}\n")), 1);
        assert_eq!(codes("series: [jammy]\n", None), 0);
        assert_eq!(codes("series: [jammy]\n", Some(bases)), 1);
        assert_eq!(codes("series: [jammy]\nassumes: []\n", Some(bases)), 1);
    }
}
