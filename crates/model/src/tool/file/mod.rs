//! What `--file` holds: a YAML (hence also JSON) mapping of strings, read as go-yaml v2 reads it.

mod compose;

use std::collections::BTreeMap;

use base64::Engine as _;

use super::Failure;
use crate::format::scalar_kind;
use compose::{Composer, Node};

/// Reads settings from a file's content.
///
/// # Errors
///
/// go-yaml's text.
pub(super) fn parse(content: &[u8]) -> Result<BTreeMap<String, String>, Failure> {
    let failed = |text: String| Failure::run(format!("yaml: {text}"));
    let root = Composer::document(content).map_err(failed)?;
    let mut problems = Vec::new();
    let settings = match root {
        None => BTreeMap::new(),
        Some(Node::Mapping { entries, .. }) => decode(&entries, &mut problems).map_err(failed)?,
        Some(Node::Scalar {
            value, tag, plain, ..
        }) if kind(&value, &tag, plain) == "!!null" => BTreeMap::new(),
        Some(node) => {
            problems.push(mismatch(&node, "map[string]string"));
            BTreeMap::new()
        }
    };
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(failed(format!(
            "unmarshal errors:\n  {}",
            problems.join("\n  ")
        )))
    }
}

/// The text at a place in nested mappings; `None` if it is not there.
///
/// # Errors
///
/// go-yaml's text.
pub(super) fn entry(content: &[u8], path: &[&str]) -> Result<Option<String>, Failure> {
    let failed = |text: String| Failure::run(format!("yaml: {text}"));
    let mut node = Composer::document(content).map_err(failed)?;
    for name in path {
        let Some(Node::Mapping { entries, .. }) = node else {
            return Ok(None);
        };
        node = entries
            .iter()
            .find(|(key, _)| matches!(key, Node::Scalar { value, .. } if value == name))
            .map(|(_, value)| value.clone());
    }
    Ok(match node {
        Some(Node::Scalar { value, .. }) => Some(value),
        _ => None,
    })
}

fn decode(
    entries: &[(Node, Node)],
    problems: &mut Vec<String>,
) -> Result<BTreeMap<String, String>, String> {
    let mut settings = BTreeMap::new();
    let mut merged = BTreeMap::new();
    for (key, value) in entries {
        if let (
            Node::Scalar {
                value: name,
                plain: true,
                tag,
                ..
            },
            Node::Mapping { entries, .. },
        ) = (key, value)
            && name == "<<"
            && tag.is_empty()
        {
            merged.extend(decode(entries, problems)?);
            continue;
        }
        let (key, value) = (text(key, problems)?, text(value, problems)?);
        if let (Some(key), Some(value)) = (key, value) {
            settings.insert(key, value);
        }
    }
    // Own keys win over merged ones.
    merged.extend(settings);
    Ok(merged)
}

/// A scalar as a string keeps its spelling; null is empty.
fn text(node: &Node, problems: &mut Vec<String>) -> Result<Option<String>, String> {
    let Node::Scalar {
        value, tag, plain, ..
    } = node
    else {
        problems.push(mismatch(node, "string"));
        return Ok(None);
    };
    match kind(value, tag, *plain) {
        "!!null" => Ok(Some(String::new())),
        "!!binary" => {
            let compact: String = value.split_whitespace().collect();
            let bytes = base64::engine::general_purpose::STANDARD
                .decode(compact)
                .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
            Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
        }
        resolved if tag.is_empty() || tag == resolved || tag == "!!str" || !is_resolvable(tag) => {
            Ok(Some(value.clone()))
        }
        "!!int" if tag == "!!float" => Ok(Some(value.clone())),
        resolved => Err(format!("cannot decode {resolved} `{value}` as a {tag}")),
    }
}

fn is_resolvable(tag: &str) -> bool {
    matches!(
        tag,
        "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp"
    )
}

fn kind<'a>(value: &str, tag: &'a str, plain: bool) -> &'a str {
    match tag {
        "!!str" | "!!binary" => tag,
        "" if !plain => "!!str",
        "" | "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp" => scalar_kind(value).tag(),
        other => other,
    }
}

fn mismatch(node: &Node, wanted: &str) -> String {
    let (line, found) = match node {
        Node::Sequence { line } => (line, "!!seq".to_owned()),
        Node::Mapping { line, .. } => (line, "!!map".to_owned()),
        Node::Scalar {
            value,
            tag,
            plain,
            line,
        } => {
            let shown: String = if value.len() > 10 {
                format!("{}...", prefix(value, 7))
            } else {
                value.clone()
            };
            (line, format!("{} `{shown}`", kind(value, tag, *plain)))
        }
    };
    format!("line {}: cannot unmarshal {found} into {wanted}", line + 1)
}

/// The first `bytes` bytes, or a few less where that would cut a letter.
fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes)
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Result<Vec<(String, String)>, String> {
        parse(content.as_bytes())
            .map(|settings| settings.into_iter().collect())
            .map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn scalars_keep_their_spelling() {
        for (content, key, value) in [
            ("a: 1", "a", "1"),
            ("a: 0x10", "a", "0x10"),
            ("a: yes", "a", "yes"),
            ("a: null", "a", ""),
            ("a: ~", "a", ""),
            ("a:", "a", ""),
            ("a: 'null'", "a", "null"),
            ("1: x", "1", "x"),
            ("true: x", "true", "x"),
            ("a: b\na: c", "a", "c"),
            ("a: ' x '", "a", " x "),
            ("a: !!binary aGk=", "a", "hi"),
            ("a: !!str 1", "a", "1"),
            ("a: &x 1\n", "a", "1"),
            ("{\"e\": \"\\u00e9\"}", "e", "é"),
            ("a: \"\\x85\\U0001F600\"", "a", "\u{85}😀"),
            ("a: |\n  x\n  y\n", "a", "x\ny\n"),
            ("%YAML 1.1\n---\na: b\n", "a", "b"),
            ("? a\n: b\n", "a", "b"),
            ("a: b\n---\nc: d\n", "a", "b"),
            ("\u{ff5e}: b\n", "\u{ff5e}", "b"),
            ("\u{feff}a: b\n", "a", "b"),
        ] {
            assert_eq!(
                read(content),
                Ok(vec![(key.to_owned(), value.to_owned())]),
                "{content:?}"
            );
        }
        for empty in ["", "{}", "null", "~", "# nothing\n"] {
            assert_eq!(read(empty), Ok(Vec::new()), "{empty:?}");
        }
    }

    #[test]
    fn errors_read_as_go_yaml_tells_them() {
        for (content, text) in [
            (
                "haha",
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `haha` into map[string]string",
            ),
            (
                "foo=bar=baz",
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `foo=bar...` into map[string]string",
            ),
            (
                "- a\n",
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]string",
            ),
            (
                "a: [1]\nb: {c: d}\n",
                "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string\n  line 2: cannot unmarshal !!map into string",
            ),
            ("\t", "yaml: found character that cannot start any token"),
            (
                "a: b\n\tc: d\n",
                "yaml: line 2: found a tab character that violates indentation",
            ),
            (
                "a: b: c",
                "yaml: mapping values are not allowed in this context",
            ),
            ("{\"a\": \"\\/\"}", "yaml: found unknown escape character"),
            (
                "é: \"x\"\nb: \"\\\\/ \\/\"",
                "yaml: line 2: found unknown escape character",
            ),
            (
                "{\"a\": \"\\ud83d\\ude00\"}",
                "yaml: found invalid Unicode character escape code",
            ),
            ("a: *x", "yaml: unknown anchor 'x' referenced"),
            ("\u{ff5e}: \"\\/\"", "yaml: found unknown escape character"),
            ("\u{feff}a: \"\\/\"", "yaml: found unknown escape character"),
        ] {
            assert_eq!(read(content), Err(text.to_owned()), "{content:?}");
        }
    }

    #[test]
    fn hostile_depth_is_refused_rather_than_followed() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_a_tool_prints_another_reads(
            settings in proptest::collection::btree_map("[ -~\\n\\t]{0,9}|\\PC{0,9}", "[ -~\\n\\t]{0,20}|\\PC{0,9}", 0..6)
        ) {
            use crate::format::{Format, Value};
            // These break lines in the YAML of then, and newlines at the end of all are lost.
            let lost = |text: &String| text.contains(['\u{2028}', '\u{2029}']) || text.ends_with('\n');
            proptest::prop_assume!(!settings.iter().any(|(key, value)| lost(key) || lost(value)));
            for format in [Format::Yaml, Format::Json] {
                let printed = format.print(&Value::strings(&settings));
                proptest::prop_assert_eq!(parse(&printed), Ok(settings.clone()));
            }
        }
    }
}
