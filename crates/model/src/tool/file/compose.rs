//! From YAML text to nodes.

use std::collections::BTreeMap;
use std::rc::Rc;

use libyaml_safer::{Error, ErrorKind, Event, EventData, Mark, Parser, ScalarStyle};

/// Anything deeper is refused; settings are flat.
const DEPTH: usize = 1000;

/// The byte order mark.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// A parsed node.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Scalar {
        value: String,
        tag: String,
        plain: bool,
        line: u64,
    },
    Sequence {
        line: u64,
    },
    /// Shared, since aliases repeat nodes: otherwise a few lines could stand for gigabytes.
    Mapping {
        entries: Rc<Vec<(Self, Self)>>,
        line: u64,
    },
}

/// Builds nodes from the parser's events.
pub(super) struct Composer<'a> {
    parser: Parser<&'a [u8]>,
    /// The text, if it has the one escape that the parser takes and go-yaml does not.
    slashes: Option<&'a str>,
    anchors: BTreeMap<String, Node>,
}

impl Composer<'_> {
    pub(super) fn document(content: &[u8]) -> Result<Option<Node>, String> {
        // The parser takes the first byte of some letters for that of a byte order mark.
        let marked: Vec<u8>;
        let content = if content.first() == Some(&MARK[0]) && !content.starts_with(&MARK) {
            marked = [&MARK, content].concat();
            &marked
        } else {
            content
        };
        let mut parser = Parser::new();
        parser.set_input(content);
        let mut composer = Composer {
            parser,
            // Places are counted from behind the mark.
            slashes: std::str::from_utf8(content.strip_prefix(&MARK).unwrap_or(content))
                .ok()
                .filter(|text| text.contains("\\/")),
            anchors: BTreeMap::new(),
        };
        composer.next()?;
        if !matches!(composer.next()?.data, EventData::DocumentStart { .. }) {
            return Ok(None);
        }
        let root = composer.root()?;
        composer.next()?;
        Ok(Some(root))
    }

    fn next(&mut self) -> Result<Event, String> {
        self.parser.parse().map_err(|error| describe(&error))
    }

    /// Refuses `\/` in a double-quoted scalar, which later versions of YAML allow.
    fn refuse_slash(&self, start: Mark, end: Mark) -> Result<(), String> {
        let place = |mark: Mark| usize::try_from(mark.index).unwrap_or(usize::MAX);
        let scalar = self
            .slashes
            .and_then(|text| text.get(place(start)..place(end)));
        let mut line = start.line;
        let mut escaped = false;
        for letter in scalar.unwrap_or_default().chars() {
            if escaped && letter == '/' {
                let line = if line == 0 {
                    String::new()
                } else {
                    format!("line {}: ", line + 1)
                };
                return Err(format!("{line}found unknown escape character"));
            }
            escaped = letter == '\\' && !escaped;
            line += u64::from(letter == '\n');
        }
        Ok(())
    }

    /// The document's node. Not by recursion: a file decides how deep it goes, not how much stack there is.
    fn root(&mut self) -> Result<Node, String> {
        let mut open: Vec<Collection> = Vec::new();
        loop {
            let event = self.next()?;
            let line = event.start_mark.line;
            let (anchor, node) = match event.data {
                EventData::Scalar {
                    anchor,
                    tag,
                    value,
                    style,
                    ..
                } => {
                    if style == ScalarStyle::DoubleQuoted {
                        self.refuse_slash(event.start_mark, event.end_mark)?;
                    }
                    let plain = style == ScalarStyle::Plain;
                    (
                        anchor,
                        Node::Scalar {
                            value,
                            tag: short(tag),
                            plain,
                            line,
                        },
                    )
                }
                EventData::SequenceStart { anchor, .. } => {
                    open.push(Collection {
                        anchor,
                        line,
                        entries: None,
                        key: None,
                    });
                    if open.len() > DEPTH {
                        return Err(format!("exceeded max depth of {DEPTH}"));
                    }
                    continue;
                }
                EventData::MappingStart { anchor, .. } => {
                    open.push(Collection {
                        anchor,
                        line,
                        entries: Some(Vec::new()),
                        key: None,
                    });
                    if open.len() > DEPTH {
                        return Err(format!("exceeded max depth of {DEPTH}"));
                    }
                    continue;
                }
                EventData::SequenceEnd | EventData::MappingEnd => match open.pop() {
                    Some(Collection {
                        anchor,
                        line,
                        entries: Some(entries),
                        ..
                    }) => (
                        anchor,
                        Node::Mapping {
                            entries: Rc::new(entries),
                            line,
                        },
                    ),
                    Some(Collection {
                        anchor,
                        line,
                        entries: None,
                        ..
                    }) => (anchor, Node::Sequence { line }),
                    None => return Err(UNKNOWN.to_owned()),
                },
                EventData::Alias { anchor } => {
                    let known = self.anchors.get(&anchor).cloned();
                    (
                        None,
                        known.ok_or_else(|| format!("unknown anchor '{anchor}' referenced"))?,
                    )
                }
                EventData::StreamStart { .. }
                | EventData::StreamEnd
                | EventData::DocumentStart { .. }
                | EventData::DocumentEnd { .. } => return Err(UNKNOWN.to_owned()),
            };
            if let Some(anchor) = anchor {
                self.anchors.insert(anchor, node.clone());
            }
            match open.last_mut() {
                None => return Ok(node),
                Some(Collection {
                    entries: Some(entries),
                    key,
                    ..
                }) => match key.take() {
                    None => *key = Some(node),
                    Some(key) => entries.push((key, node)),
                },
                // Nobody asks for what is in a list.
                Some(Collection { entries: None, .. }) => {}
            }
        }
    }
}

/// A list or mapping that has begun.
struct Collection {
    anchor: Option<String>,
    line: u64,
    /// Of a mapping: what it holds so far, and the key whose value comes next.
    entries: Option<Vec<(Node, Node)>>,
    key: Option<Node>,
}

/// What go-yaml says when it knows no more.
const UNKNOWN: &str = "unknown problem parsing YAML content";

fn short(tag: Option<String>) -> String {
    match tag {
        None => String::new(),
        Some(tag) => match tag.strip_prefix("tag:yaml.org,2002:") {
            Some(name) => format!("!!{name}"),
            None => tag,
        },
    }
}

/// An error as go-yaml tells it: the line, unless it is the first, and the problem.
fn describe(error: &Error) -> String {
    let at = error.problem_mark().map_or(0, |mark| mark.line);
    let line = if at != 0 {
        // The scanner counts from 0 where the parser has moved on.
        at + u64::from(error.kind() == ErrorKind::Scanner)
    } else {
        error.context_mark().map_or(0, |mark| mark.line)
    };
    let problem = error.problem();
    let problem = if problem.is_empty() { UNKNOWN } else { problem };
    if line == 0 {
        problem.to_owned()
    } else {
        format!("line {line}: {problem}")
    }
}
