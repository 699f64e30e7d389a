//! `assumes`: what the charm needs of Juju.

use crate::yaml::{Node, Reader, Value};

/// Checks a list of expressions.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) {
    for item in reader.items(node, "assumes") {
        expression(item, reader);
    }
}

fn expression(node: &Node, reader: &mut Reader<'_>) {
    let hint = "write a feature, such as `juju >= 3.1`, or a list below `any-of:` or `all-of:`";
    match &node.value {
        Value::Scalar(_) => {
            if let Some(text) = reader.text(node, "assumes")
                && !is_feature(&text)
            {
                reader.error(
                    node.place,
                    format!("`{text}` is no expression for `assumes`"),
                    hint,
                );
            }
        }
        Value::List(_) => {
            reader.error(node.place, "a list stands where an expression should", hint)
        }
        Value::Map(map) => match map.entries() {
            [only] if matches!(only.key.name(), "any-of" | "all-of") => read(&only.node, reader),
            _ => reader.error(
                node.place,
                "an expression is neither `any-of` nor `all-of`",
                hint,
            ),
        },
    }
}

/// `juju`, `juju >= 3.1`, `k8s-api < 1.20`
fn is_feature(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    let name = parts.next().unwrap_or_default();
    let good = name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let limited = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => true,
        (Some(">=" | "<"), Some(version), None) => is_version(version),
        _ => false,
    };
    good && limited
}

/// One to three numbers.
pub(super) fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn expressions_are_features_and_lists_of_them() {
        let good = "assumes: [juju, juju >= 3.1, {any-of: [juju < 4, {all-of: [k8s-api]}]}]\n";
        assert_eq!(found("metadata.yaml", good), [""; 0]);
        let bad = "assumes:\n- juju > 3\n- {some-of: [juju]}\n- [juju]\n- {any-of: juju}\n- juju >= three\n";
        assert_eq!(
            found("metadata.yaml", bad),
            [
                "5 `juju > 3` is no expression for `assumes`",
                "6 an expression is neither `any-of` nor `all-of`",
                "7 a list stands where an expression should",
                "8 `assumes` must be a list, found the text \"juju\"",
                "9 `juju >= three` is no expression for `assumes`",
            ]
        );
    }
}
