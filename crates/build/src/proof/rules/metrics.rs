//! `metrics.yaml`: what Juju 3 measures.

use crate::yaml::{Node, Reader};

/// Reads and checks the file.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) {
    let entries = reader.entries(node, "metrics.yaml");
    let Some(metrics) = entries.iter().find(|entry| entry.key.name() == "metrics") else {
        return;
    };
    for metric in reader.entries(&metrics.node, "metrics") {
        let name = metric.key.name();
        let path = format!("metrics.{name}");
        let fields = reader.entries(&metric.node, &path);
        let field = |key: &str| fields.iter().find(|field| field.key.name() == key);
        if name.starts_with("juju") {
            if let Some(own) = fields.first() {
                let message = format!(
                    "`{name}` is measured by Juju, and takes no `{}`",
                    own.key.name()
                );
                reader.error(own.key.place, message, format!("write `{name}: {{}}`"));
            }
            continue;
        }
        match field("type") {
            Some(kind) => {
                drop(reader.choice(&kind.node, &format!("{path}.type"), &["gauge", "absolute"]))
            }
            None => reader.error(
                metric.key.place,
                format!("`{path}` has no type"),
                "add `type: gauge` or `type: absolute`",
            ),
        }
        match field("description") {
            Some(text) => drop(reader.text(&text.node, &format!("{path}.description"))),
            None => reader.error(
                metric.key.place,
                format!("`{path}` has no description"),
                "add `description:`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn metrics_follow_jujus_rules() {
        let good = "metrics: {juju-units: {}, users: {type: gauge, description: Users}}\n";
        assert_eq!(found("metrics.yaml", good), [""; 0]);
        let bad = "metrics:\n  juju-units: {type: gauge}\n  users: {}\n  pings: {type: counter, description: x}\n";
        assert_eq!(
            found("metrics.yaml", bad),
            [
                "2 `juju-units` is measured by Juju, and takes no `type`",
                "3 `metrics.users` has no type",
                "3 `metrics.users` has no description",
                "4 `metrics.pings.type` cannot be \"counter\"",
            ]
        );
    }
}
