//! From text to tree.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::Source;
use super::node::{Entry, Key, Map, Node, Place, Scalar, Value};
use crate::finding::Finding;

/// A file that grows beyond this many values through its aliases is an attack or an accident.
const MOST_NODES: usize = 200_000;

/// Reads the one document of a file. An empty file is an empty value.
///
/// # Errors
/// With the place of the first mistake.
pub fn parse(source: &Source) -> Result<Node, Finding> {
    parse_as(source, 0)
}

/// The same for the file with that number among those that are read together.
///
/// # Errors
/// As [`parse`].
pub fn parse_as(source: &Source, file: usize) -> Result<Node, Finding> {
    // A byte order mark is no part of the text.
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let mut options = Options::default();
    options.set_emit_comments(false);
    let parser = Parser::new_from_str_with_options(text, options);
    Builder {
        source,
        file,
        parser,
        anchors: HashMap::new(),
        nodes: 0,
    }
    .document()
}

struct Builder<'a> {
    source: &'a Source,
    file: usize,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

type Next<'a> = (Event<'a>, Place);

impl<'a> Builder<'a> {
    fn document(mut self) -> Result<Node, Finding> {
        let mut found = None;
        while let Some((event, place)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if found.is_some() => {
                    return Err(self.mistake(
                        place,
                        "a second document begins here",
                        "leave one document in the file",
                    ));
                }
                Event::DocumentStart(..) => {
                    if let Some(next) = self.next()? {
                        found = Some(self.node(next)?);
                    }
                }
                _ => {
                    return Err(self.mistake(
                        place,
                        "this is not YAML",
                        "see the YAML of another charm",
                    ));
                }
            }
        }
        let empty = Value::Scalar(Scalar {
            text: String::new(),
            plain: true,
        });
        Ok(found.unwrap_or(Node {
            place: Place {
                file: self.file,
                ..Place::START
            },
            value: empty,
        }))
    }

    fn next(&mut self) -> Result<Option<Next<'a>>, Finding> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, place_of(&span, self.file)))),
            Some(Err(error)) => Err(self.scan_error(&error)),
        }
    }

    fn expect(&mut self, place: Place) -> Result<Next<'a>, Finding> {
        self.next()?.ok_or_else(|| {
            self.mistake(
                place,
                "the file ends in the middle of this value",
                "complete it",
            )
        })
    }

    fn node(&mut self, (event, place): Next<'a>) -> Result<Node, Finding> {
        self.nodes += 1;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                let plain = style == ScalarStyle::Plain && !forced;
                (
                    anchor,
                    Value::Scalar(Scalar {
                        text: text.into_owned(),
                        plain,
                    }),
                )
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.list(place)?),
            Event::MappingStart(_, anchor, _) => (anchor, self.map(place)?),
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.mistake(
                        place,
                        "this alias stands inside its own anchor",
                        "write the value out",
                    ));
                };
                self.nodes += count(&node);
                if self.nodes > MOST_NODES {
                    return Err(self.mistake(
                        place,
                        "aliases make this file too large",
                        "write the values out",
                    ));
                }
                return Ok(node);
            }
            _ => {
                return Err(self.mistake(
                    place,
                    "a value is missing here",
                    "write one, or remove the key",
                ));
            }
        };
        let node = Node { place, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, place: Place) -> Result<Value, Finding> {
        let mut items = Vec::new();
        loop {
            match self.expect(place)? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                next => items.push(self.node(next)?),
            }
        }
    }

    fn map(&mut self, place: Place) -> Result<Value, Finding> {
        let (mut map, mut merged) = (Map::default(), Vec::new());
        loop {
            let key = match self.expect(place)? {
                (Event::MappingEnd, _) => break,
                next => self.key(next)?,
            };
            let next = self.expect(key.place)?;
            let node = self.node(next)?;
            if key.scalar.plain && key.name() == "<<" {
                self.merge(node, &mut merged)?;
            } else if let Some(first) = map.entry(key.name()) {
                let message = format!("the key `{}` stands here a second time", key.name());
                let hint = format!(
                    "the first is in line {}: remove one of the two",
                    first.key.place.line
                );
                return Err(self.mistake(key.place, message, hint));
            } else {
                map.set(Entry { key, node });
            }
        }
        for entry in merged {
            if map.get(entry.key.name()).is_none() {
                map.set(entry);
            }
        }
        Ok(Value::Map(map))
    }

    /// `<<: *other` and `<<: [*one, *two]`: keys of the mapping itself win, then the earlier one.
    fn merge(&self, node: Node, merged: &mut Vec<Entry>) -> Result<(), Finding> {
        match node.value {
            Value::Map(map) => merged.extend(map.entries().iter().cloned()),
            Value::List(items) => {
                for item in items {
                    self.merge(item, merged)?;
                }
            }
            Value::Scalar(_) => {
                return Err(self.mistake(
                    node.place,
                    "`<<` can merge mappings only",
                    "write `<<: *anchor`",
                ));
            }
        }
        Ok(())
    }

    fn key(&mut self, next: Next<'a>) -> Result<Key, Finding> {
        let node = self.node(next)?;
        match node.value {
            Value::Scalar(scalar) => Ok(Key {
                place: node.place,
                scalar,
            }),
            _ => Err(self.mistake(
                node.place,
                "a key must be a text",
                "see whether a `:` or an indent is misplaced",
            )),
        }
    }

    fn mistake(
        &self,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Finding {
        Finding::error(self.source, place, message).hint(hint)
    }

    fn scan_error(&self, error: &ScanError) -> Finding {
        let mark = error.marker();
        let place = Place {
            file: self.file,
            line: mark.line().max(1),
            column: mark.col() + 1,
        };
        let line = self.source.line(place.line);
        let hint = if line.contains('\t') {
            "indent with spaces: YAML takes no tabs"
        } else if error.to_string().contains("quot")
            || line.contains(": ") && line.matches(": ").count() > 1
        {
            "put a value that holds `: ` or ` #` in quotes, and close every quote"
        } else {
            "check the indent and the quotes of this line and the one before it"
        };
        self.mistake(place, error.info(), hint)
    }
}

fn place_of(span: &Span, file: usize) -> Place {
    Place {
        file,
        line: span.start.line().max(1),
        column: span.start.col() + 1,
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar(_) => 0,
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(map) => map
            .entries()
            .iter()
            .map(|entry| 1 + count(&entry.node))
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Finding> {
        parse(&Source {
            path: "x.yaml".into(),
            text: text.into(),
        })
    }

    fn json(text: &str) -> serde_json::Value {
        read(text).map(|node| node.to_json()).unwrap()
    }

    #[test]
    fn values_know_their_place() {
        let node = read("a: 1\nb:\n  c: [x, 'y']\n").unwrap();
        let b = node.as_map().unwrap().get("b").unwrap();
        let c = b.as_map().unwrap().entry("c").unwrap();
        assert_eq!(c.key.place, Place::new(3, 3));
        assert_eq!(c.node.place, Place::new(3, 6));
        assert_eq!(
            node.to_json(),
            serde_json::json!({"a": 1, "b": {"c": ["x", "y"]}})
        );
    }

    #[test]
    fn anchors_and_merge_keys_work_and_own_keys_win() {
        let text = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nx:\n  <<: [*base, *other]\n  a: 9\n";
        assert_eq!(json(text)["x"], serde_json::json!({"a": 9, "b": 2, "c": 4}));
    }

    #[test]
    fn an_empty_file_is_nothing() {
        assert!(read("").unwrap().is_null());
        assert!(read("# only a comment\n").unwrap().is_null());
    }

    #[test]
    fn a_duplicate_key_names_both_lines() {
        let error = read("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 1));
        assert!(error.hint.unwrap().contains("line 1"));
    }

    #[test]
    fn a_syntax_error_has_a_place_and_a_hint() {
        let error = read("name: x\nsummary: a: b\n").unwrap_err();
        assert_eq!(error.line, 2, "{error}");
        assert!(error.hint.as_deref().unwrap().contains("quotes"), "{error}");
        let error = read("provides:\n\tdb: x\n").unwrap_err();
        assert!(error.hint.as_deref().unwrap().contains("tabs"), "{error}");
    }

    #[test]
    fn an_alias_bomb_is_refused_quickly() {
        let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..12 {
            let all = vec![format!("*a{}", n - 1); 10].join(",");
            text.push_str(&format!("a{n}: &a{n} [{all}]\n"));
        }
        assert!(read(&text).unwrap_err().message.contains("too large"));
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        let text = "[".repeat(100_000);
        assert!(read(&text).is_err());
    }

    #[test]
    fn a_second_document_is_refused() {
        assert_eq!(read("a: 1\n---\nb: 2\n").unwrap_err().line, 2);
    }
}
