//! Whatever is printed reads back as what it was, to parsers that are not ours.

use granit_parser::{Event, Parser, ScalarStyle};
use proptest::prelude::*;

use super::{Format, Value, scalar_kind};

/// What another parser makes of a document.
#[derive(Debug, Clone, PartialEq)]
enum Read {
    Scalar { text: String, plain: bool },
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

fn read_yaml(text: &str) -> Result<Read, String> {
    let mut events = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        match event {
            Event::StreamStart | Event::StreamEnd => {}
            Event::DocumentStart(..) | Event::DocumentEnd => {}
            event => events.push(event),
        }
    }
    let mut events = events.into_iter();
    let root = node(&mut events)?;
    match events.next() {
        None => Ok(root),
        Some(event) => Err(format!("more than one node: {event:?}")),
    }
}

fn node<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Result<Read, String> {
    let event = events.next().ok_or("it ends too early")?;
    inside(event, events)
}

fn inside<'a>(
    event: Event<'a>,
    events: &mut impl Iterator<Item = Event<'a>>,
) -> Result<Read, String> {
    match event {
        Event::Scalar(text, style, _, _) => Ok(Read::Scalar {
            text: text.into_owned(),
            plain: style == ScalarStyle::Plain,
        }),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match events.next().ok_or("a list without end")? {
                    Event::SequenceEnd => return Ok(Read::List(items)),
                    event => items.push(inside(event, events)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Vec::new();
            loop {
                match events.next().ok_or("a mapping without end")? {
                    Event::MappingEnd => return Ok(Read::Map(entries)),
                    event => {
                        let key = inside(event, events)?;
                        entries.push((key, node(events)?));
                    }
                }
            }
        }
        other => Err(format!("unexpected {other:?}")),
    }
}

/// Whether a node is what `value` stands for.
fn is(read: &Read, value: &Value) -> bool {
    match (read, value) {
        // A string that is printed plain must not be anything else to a reader of YAML 1.1.
        (Read::Scalar { text, plain }, Value::String(expected)) => {
            text == expected && (!plain || scalar_kind(text).tag() == "!!str")
        }
        (Read::Scalar { text, plain }, Value::Nil) => *plain && text == "null",
        (Read::Scalar { text, plain }, Value::Bool(expected)) => {
            *plain && *text == expected.to_string()
        }
        (Read::Scalar { text, plain }, Value::Float(expected)) => {
            *plain && text.parse() == Ok(*expected)
        }
        (Read::Scalar { text, plain }, Value::Int(expected)) => {
            *plain && text.parse() == Ok(*expected)
        }
        (Read::List(items), Value::List(values)) => {
            items.len() == values.len()
                && items
                    .iter()
                    .zip(values)
                    .all(|(item, value)| is(item, value))
        }
        (Read::List(items), Value::Strings(values)) => {
            items.len() == values.len()
                && items
                    .iter()
                    .zip(values)
                    .all(|(item, text)| is(item, &Value::String(text.clone())))
        }
        (Read::Map(entries), Value::Map(values)) => {
            entries.len() == values.len()
                && values.iter().all(|(key, value)| {
                    let key = Value::String(key.clone());
                    entries
                        .iter()
                        .any(|(name, read)| is(name, &key) && is(read, value))
                })
        }
        _ => false,
    }
}

/// Texts that look like something else, and others.
fn text() -> impl Strategy<Value = String> {
    // Line and paragraph separators break lines in YAML 1.1 and do not in 1.2; go-yaml itself loses them.
    let ordinary = |text: &String| !text.contains(['\u{2028}', '\u{2029}']);
    prop_oneof![
        3 => "[ -~\t\n]{0,12}",
        2 => "[-:#?&*!|>'\"%@`{}\\[\\],=~ a-c0-2._+\n\t\r]{0,8}",
        2 => any::<String>().prop_filter("broken lines", ordinary),
        1 => "([a-z]{1,12} ){0,30}",
        1 => prop::sample::select(vec![
            "true", "null", "~", "yes", "on", "y", "1e3", "1e+3", "0x10", "010", "1_0", ".5", "1.", "-", "--", "---",
            "...", "<<", "=", "2001-01-01", "12:30", ".inf", ".NaN", "-0", "+1", "0b1", "a: b", "a #b", "- a", "? a",
        ])
        .prop_map(str::to_owned),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::String),
        1 => Just(Value::Nil),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (any::<i32>(), 0..12).prop_map(|(digits, places)| Value::Float(f64::from(digits) / 10_f64.powi(places))),
        1 => (-2_000_000..2_000_000_i32).prop_map(|number| Value::Float(number.into())),
        1 => any::<i32>().prop_map(|number| Value::Int(number.into())),
        1 => prop::collection::vec(text(), 0..4).prop_map(Value::Strings),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::btree_map(text(), inner, 0..5)
                .prop_map(|map| Value::Map(map.into_iter().collect())),
        ]
    })
}

fn printed(format: Format, value: &Value) -> String {
    String::from_utf8(format.print(value)).expect("it prints UTF-8")
}

fn as_json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Nil | Value::NilMap => Json::Null,
        Value::Bool(yes) => (*yes).into(),
        Value::Float(number) => (*number).into(),
        // As a float, like what is read back.
        Value::Int(number) => f64::from(i32::try_from(*number).unwrap_or_default()).into(),
        Value::String(text) | Value::Time(text) => text.clone().into(),
        Value::Strings(texts) => texts.clone().into(),
        Value::List(items) => items.iter().map(as_json).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), as_json(value)))
            .collect(),
        Value::Struct(fields) => fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), as_json(value)))
            .collect(),
    }
}

/// All numbers as floats.
fn floats(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Number(number) => number.as_f64().into(),
        Json::Array(items) => items.into_iter().map(floats).collect(),
        Json::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, floats(value)))
            .collect(),
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn json_reads_back(value in value()) {
        let text = printed(Format::Json, &value);
        prop_assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "{}", text);
        let read: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        prop_assert_eq!(floats(read), as_json(&value));
    }

    #[test]
    fn yaml_reads_back(value in value()) {
        // Not alone, since newlines at the end of all are lost, as they are in Juju.
        let value = Value::List(vec![value, Value::Bool(true)]);
        let text = printed(Format::Yaml, &value);
        let read = read_yaml(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text:?}")))?;
        prop_assert!(is(&read, &value), "{:?} of {:?}", read, text);
    }

    #[test]
    fn numbers_read_back(number in prop::num::f64::NORMAL) {
        for format in [Format::Json, Format::Yaml, Format::Smart] {
            prop_assert_eq!(printed(format, &Value::Float(number)).trim_end().parse(), Ok(number));
        }
    }

    #[test]
    fn smart_is_lines_of_text_and_yaml_for_the_rest(value in value()) {
        let text = printed(Format::Smart, &value);
        let line = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
        let expected = match &value {
            Value::String(text) => line(text),
            Value::Strings(texts) => line(&texts.join("\n")),
            Value::Bool(yes) => line(if *yes { "True" } else { "False" }),
            value => printed(Format::Yaml, value),
        };
        prop_assert_eq!(text, expected);
    }
}
