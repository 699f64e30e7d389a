//! From tree to text: block style, every scalar as it was written.

use super::node::{Map, Node, Scalar, Value};
use super::scalar::Meaning;

/// The tree as a YAML document.
#[must_use]
pub fn emit(node: &Node) -> String {
    let mut out = String::new();
    match &node.value {
        Value::Map(map) if !map.is_empty() => mapping(map, 0, &mut out),
        Value::List(items) if !items.is_empty() => list(items, 0, &mut out),
        _ => {
            inline(node, &mut out);
            out.push('\n');
        }
    }
    out
}

fn mapping(map: &Map, depth: usize, out: &mut String) {
    for entry in map.entries() {
        indent(depth, out);
        scalar(&entry.key.scalar, out);
        out.push(':');
        match &entry.node.value {
            Value::Map(inner) if !inner.is_empty() => {
                out.push('\n');
                mapping(inner, depth + 1, out);
            }
            Value::List(items) if !items.is_empty() => {
                out.push('\n');
                list(items, depth, out);
            }
            Value::Scalar(Scalar { text, plain: true }) if text.is_empty() => out.push('\n'),
            _ => {
                out.push(' ');
                inline(&entry.node, out);
                out.push('\n');
            }
        }
    }
}

fn list(items: &[Node], depth: usize, out: &mut String) {
    for item in items {
        indent(depth, out);
        out.push('-');
        let mut nested = String::new();
        match &item.value {
            Value::Map(map) if !map.is_empty() => mapping(map, depth + 1, &mut nested),
            Value::List(inner) if !inner.is_empty() => list(inner, depth + 1, &mut nested),
            _ => {
                out.push(' ');
                inline(item, out);
                out.push('\n');
                continue;
            }
        }
        // The first line of what is nested goes on this line.
        out.push(' ');
        out.push_str(nested.trim_start());
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn inline(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(value) => scalar(value, out),
        Value::List(_) => out.push_str("[]"),
        Value::Map(_) => out.push_str("{}"),
    }
}

fn scalar(scalar: &Scalar, out: &mut String) {
    let text = &scalar.text;
    if scalar.plain && scalar.meaning() == Meaning::Null {
        out.push_str(if text.is_empty() { "null" } else { text });
    } else if scalar.plain && is_safe(text) || is_safe(text) && Meaning::of(text) == Meaning::Text {
        out.push_str(text);
    } else {
        // JSON's escapes are YAML's too.
        out.push_str(&serde_json::Value::from(text.as_str()).to_string());
    }
}

/// True for a text that stays itself without quotes wherever it stands.
fn is_safe(text: &str) -> bool {
    let first = text.chars().next();
    let starts = first.is_some_and(|c| {
        c.is_ascii_alphanumeric()
            || matches!(c, '_' | '/' | '.' | '+' | '$' | '(' | '<' | '^' | '~')
    }) || first == Some('-')
        && text.len() > 1
        && !text.starts_with("- ")
        && !text.starts_with("---");
    let inside = text
        .chars()
        .all(|c| c == ' ' || c.is_alphanumeric() || c.is_ascii_punctuation())
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !text.starts_with("...")
        && !text.contains(['{', '}', '[', ']', ',']);
    starts && inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Source, parse};

    fn again(text: &str) -> (Node, Node, String) {
        let read = |text: &str| {
            parse(&Source {
                path: "x".into(),
                text: text.into(),
            })
            .unwrap()
        };
        let first = read(text);
        let out = emit(&first);
        let second = read(&out);
        (first, second, out)
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let text = "a: 1.10\nb: '1.10'\nc: [x, {y: z, w: [1, [2, 3]]}, [], {}]\nd: |\n  two\n  lines\ne: 'yes'\nf: yes\n\
                    g: \"tab\\t and: colon\"\nh:\n'': empty\ni: ~\nj: ''\nk: '- x'\nl: 010\nm: ü\nn: '#no'\no: '\u{85}'\n";
        let (first, second, out) = again(text);
        assert_eq!(first.to_json(), second.to_json(), "{out}");
        assert!(
            out.contains("a: 1.10\n") && out.contains("b: \"1.10\"\n") && out.contains("l: 010\n"),
            "{out}"
        );
        assert_eq!(emit(&second), out);
    }

    #[test]
    fn an_empty_document_stays_valid() {
        assert_eq!(again("{}").2, "{}\n");
        assert_eq!(again("").2, "null\n");
    }
}
