//! JSON as Go's `encoding/json` writes it: compact, keys sorted bytewise, safe inside HTML.

use std::fmt::Write as _;

use super::go::json_float;
use super::value::Value;

/// Appends `value`, without a final newline.
pub(crate) fn write(out: &mut String, value: &Value) {
    match value {
        Value::Nil | Value::NilMap => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Float(value) => out.push_str(&json_float(*value)),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::String(text) | Value::Time(text) => string(out, text),
        Value::Strings(texts) => list(out, texts, |out, text| string(out, text)),
        Value::List(items) => list(out, items, write),
        Value::Map(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
            object(
                out,
                sorted.into_iter().map(|(key, value)| (key.as_str(), value)),
            );
        }
        Value::Struct(fields) => object(out, fields.iter().map(|(key, value)| (*key, value))),
    }
}

fn list<T>(out: &mut String, items: &[T], mut item: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (index, value) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item(out, value);
    }
    out.push(']');
}

fn object<'a>(out: &mut String, entries: impl Iterator<Item = (&'a str, &'a Value)>) {
    out.push('{');
    for (index, (key, value)) in entries.enumerate() {
        if index > 0 {
            out.push(',');
        }
        string(out, key);
        out.push(':');
        write(out, value);
    }
    out.push('}');
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_bytewise_and_html_is_escaped() {
        let entry = |key: &str, value: &str| (key.to_owned(), Value::String(value.to_owned()));
        let value = Value::Map(vec![
            entry("b9", "<&>"),
            entry("b10", "é\u{2028}"),
            entry("B", "\u{7f}\u{1}"),
        ]);
        let mut out = String::new();
        write(&mut out, &value);
        assert_eq!(
            out,
            "{\"B\":\"\u{7f}\\u0001\",\"b10\":\"é\\u2028\",\"b9\":\"\\u003c\\u0026\\u003e\"}"
        );
    }
}
