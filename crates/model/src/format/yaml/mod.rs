//! YAML as go-yaml v2 writes it: block style, natural key order, its quoting and its folding at 80 columns.

mod scalar;
mod writer;

use super::go::yaml_float;
use super::order::sort;
use super::resolve::{Kind, is_base60, kind};
use super::value::Value;
use scalar::{Analysis, Style};
use writer::Writer;

/// The longest key, in bytes, that stands before its colon on one line.
const SIMPLE_KEY: usize = 128;

/// Appends `value` as a document, with or without a newline at its end.
pub(crate) fn write(out: &mut String, value: &Value) {
    let mut writer = Writer::new(out);
    node(&mut writer, value, Place::Root);
}

/// Where a node stands; decides indentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    Key,
    Value,
}

fn node(writer: &mut Writer<'_>, value: &Value, place: Place) {
    match value {
        Value::Nil => scalar_node(writer, "null", Style::Plain, place),
        Value::Bool(value) => scalar_node(
            writer,
            if *value { "true" } else { "false" },
            Style::Plain,
            place,
        ),
        Value::Float(value) => scalar_node(writer, &yaml_float(*value), Style::Plain, place),
        Value::Int(value) => scalar_node(writer, &value.to_string(), Style::Plain, place),
        Value::Time(text) => scalar_node(writer, text, Style::Plain, place),
        Value::String(text) => string(writer, text, place),
        Value::Strings(texts) => list(writer, texts.len(), place, |writer, at| {
            string(writer, &texts[at], Place::Item)
        }),
        Value::List(items) => list(writer, items.len(), place, |writer, at| {
            node(writer, &items[at], Place::Item)
        }),
        Value::NilMap => map(writer, &[], place),
        Value::Map(entries) => {
            let mut sorted: Vec<(&str, &Value)> = entries
                .iter()
                .map(|(key, value)| (key.as_str(), value))
                .collect();
            sort(&mut sorted, |(key, _)| key);
            map(writer, &sorted, place);
        }
        Value::Struct(fields) => {
            let fields: Vec<(&str, &Value)> =
                fields.iter().map(|(key, value)| (*key, value)).collect();
            map(writer, &fields, place);
        }
    }
}

fn string(writer: &mut Writer<'_>, text: &str, place: Place) {
    scalar_node(writer, text, style(text), place);
}

/// The style go-yaml asks for; the writer may have to choose another.
fn style(text: &str) -> Style {
    if text.contains('\n') {
        Style::Literal
    } else if kind(text) == Kind::String && !is_base60(text) {
        Style::Plain
    } else {
        Style::DoubleQuoted
    }
}

fn scalar_node(writer: &mut Writer<'_>, text: &str, style: Style, place: Place) {
    let analysis = Analysis::of(text);
    let indent = writer.indent;
    writer.deepen();
    scalar::write(
        writer,
        text,
        analysis.choose(style, text, place == Place::Key),
        place != Place::Key,
    );
    writer.indent = indent;
}

fn list(
    writer: &mut Writer<'_>,
    length: usize,
    place: Place,
    mut item: impl FnMut(&mut Writer<'_>, usize),
) {
    if length == 0 {
        writer.indicator("[", true, true, false);
        writer.indicator("]", false, false, false);
        return;
    }
    let indent = writer.indent;
    // A list under a key is not indented.
    if place != Place::Value || writer.indention {
        writer.nest();
    }
    for at in 0..length {
        writer.new_line();
        writer.indicator("-", true, false, true);
        item(writer, at);
    }
    writer.indent = indent;
}

fn map(writer: &mut Writer<'_>, entries: &[(&str, &Value)], place: Place) {
    debug_assert!(place != Place::Key, "Juju prints no mapping as a key");
    if entries.is_empty() {
        writer.indicator("{", true, true, false);
        writer.indicator("}", false, false, false);
        return;
    }
    let indent = writer.indent;
    writer.nest();
    for (key, value) in entries {
        writer.new_line();
        if key.len() <= SIMPLE_KEY && !Analysis::of(key).multiline {
            string(writer, key, Place::Key);
            writer.indicator(":", false, false, false);
        } else {
            writer.indicator("?", true, false, true);
            string(writer, key, Place::Value);
            writer.new_line();
            writer.indicator(":", true, false, true);
        }
        node(writer, value, Place::Value);
    }
    writer.indent = indent;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(value: &Value) -> String {
        let mut out = String::new();
        write(&mut out, value);
        out
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn map_of(entries: &[(&str, Value)]) -> Value {
        Value::Map(
            entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn scalars_are_quoted_as_recorded() {
        for (value, expected) in [
            ("true", "\"true\""),
            ("#c", "'#c'"),
            ("", "\"\""),
            ("a: b", "'a: b'"),
            ("it's", "it's"),
            ("'q'", "'''q'''"),
            (" lead", "' lead'"),
            ("a\tb", "\"a\\tb\""),
            ("http://x/y", "http://x/y"),
            ("multi\nline", "|-\n  multi\n  line"),
            ("\nlead", "|2-\n\n  lead"),
            ("  ind\nent", "|2-\n    ind\n  ent"),
            ("a\u{1F600}b", "\"a\\U0001F600b\""),
            ("\u{85}", "\"\\N\""),
            ("\u{2029}x", "'\u{2029}  x'"),
            ("x: ", "'x: '"),
            ("x\r\ny", "\"x\\r\\ny\""),
            ("...", "'...'"),
            (":x", ":x"),
        ] {
            assert_eq!(yaml(&text(value)), expected, "{value:?}");
        }
    }

    #[test]
    fn long_text_folds_at_eighty_columns() {
        let long = "word ".repeat(30);
        let expected = format!(
            "'{}\n  {}'",
            "word ".repeat(17).trim_end(),
            "word ".repeat(13)
        );
        assert_eq!(yaml(&text(&long)), expected);
    }

    #[test]
    fn mappings_nest_by_two_and_lists_under_a_key_by_nothing() {
        let value = map_of(&[
            (
                "m",
                map_of(&[("k", text("v")), ("e", Value::Map(Vec::new()))]),
            ),
            (
                "l",
                Value::List(vec![
                    map_of(&[("a", Value::Float(1.0)), ("b", Value::Nil)]),
                    Value::Strings(vec!["x".into()]),
                ]),
            ),
        ]);
        assert_eq!(
            yaml(&value),
            "l:\n- a: 1\n  b: null\n- - x\nm:\n  e: {}\n  k: v"
        );
    }

    #[test]
    fn a_key_that_is_long_or_has_lines_is_marked() {
        let long = "k".repeat(129);
        assert_eq!(
            yaml(&map_of(&[(&long, text("v"))])),
            format!("? {long}\n: v")
        );
        assert_eq!(yaml(&map_of(&[("a\nb", text("v"))])), "? |-\n  a\n  b\n: v");
    }
}
