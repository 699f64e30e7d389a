//! Reads typed values out of a tree, noting each mistake with its place instead of stopping at the first.

use super::Source;
use super::node::{Entry, Map, Node, Place, Value};
use super::scalar::Meaning;
use crate::finding::{Finding, Findings};

/// Files being read: where mistakes are noted.
pub(crate) struct Reader<'a> {
    sources: &'a [Source],
    findings: &'a mut Findings,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a Source, findings: &'a mut Findings) -> Self {
        Self::of(std::slice::from_ref(source), findings)
    }

    /// Of a tree whose values come from several files: each [`Place`] says from which.
    pub(crate) fn of(sources: &'a [Source], findings: &'a mut Findings) -> Self {
        Self { sources, findings }
    }

    /// The file of a place. One that no file has is shown as the first.
    fn source(&self, place: Place) -> Option<&'a Source> {
        self.sources.get(place.file).or(self.sources.first())
    }

    pub(crate) fn error(
        &mut self,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if let Some(source) = self.source(place) {
            self.findings
                .push(Finding::error(source, place, message).hint(hint));
        }
    }

    pub(crate) fn warning(
        &mut self,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if let Some(source) = self.source(place) {
            self.findings
                .push(Finding::warning(source, place, message).hint(hint));
        }
    }

    /// `path` must be a mapping; nothing counts as an empty one.
    pub(crate) fn entries<'n>(&mut self, node: &'n Node, path: &str) -> &'n [Entry] {
        match &node.value {
            Value::Map(map) => {
                self.text_keys(map, path);
                map.entries()
            }
            _ if node.is_null() => &[],
            _ => {
                self.wanted(
                    node,
                    path,
                    "a mapping",
                    "write `key: value` lines below it, indented",
                );
                &[]
            }
        }
    }

    /// Juju refuses keys that are no texts.
    fn text_keys(&mut self, map: &Map, path: &str) {
        for entry in map.entries() {
            let scalar = &entry.key.scalar;
            if scalar.meaning() != Meaning::Text {
                let message = format!("a key of `{path}` is no text: {}", scalar.text);
                self.error(
                    entry.key.place,
                    message,
                    format!("put it in quotes: \"{}\"", scalar.text),
                );
            }
        }
    }

    pub(crate) fn items<'n>(&mut self, node: &'n Node, path: &str) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            _ if node.is_null() => &[],
            _ => {
                self.wanted(
                    node,
                    path,
                    "a list",
                    "write each item on a line of its own, after `- `",
                );
                &[]
            }
        }
    }

    pub(crate) fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        let Value::Scalar(scalar) = &node.value else {
            self.wanted(node, path, "a text", "write it on one line, or after `|`");
            return None;
        };
        match scalar.meaning() {
            Meaning::Text => Some(scalar.text.clone()),
            Meaning::Null => {
                self.wanted(node, path, "a text", "write one, or \"\" for an empty one");
                None
            }
            _ => {
                self.wanted(
                    node,
                    path,
                    "a text",
                    &format!("put it in quotes: \"{}\"", scalar.text),
                );
                None
            }
        }
    }

    pub(crate) fn texts(&mut self, node: &Node, path: &str) -> Vec<String> {
        let items = self.items(node, path);
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.text(item, &format!("{path}[{index}]")))
            .collect()
    }

    /// Juju also takes the words that Go's `ParseBool` knows.
    pub(crate) fn truth(&mut self, node: &Node, path: &str) -> Option<bool> {
        if let Value::Scalar(scalar) = &node.value {
            match (scalar.meaning(), scalar.text.as_str()) {
                (Meaning::Bool(is), _) => return Some(is),
                (Meaning::OldBool(is), text) => {
                    let message =
                        format!("`{path}` is `{text}`, which versions of Juju read differently");
                    self.warning(node.place, message, format!("write `{is}`"));
                    return Some(is);
                }
                (Meaning::Text, "1" | "t" | "T" | "true" | "TRUE" | "True") => return Some(true),
                (Meaning::Text, "0" | "f" | "F" | "false" | "FALSE" | "False") => {
                    return Some(false);
                }
                _ => {}
            }
        }
        self.wanted(node, path, "a truth value", "write `true` or `false`");
        None
    }

    pub(crate) fn integer(&mut self, node: &Node, path: &str) -> Option<i64> {
        if let Value::Scalar(scalar) = &node.value {
            match scalar.meaning() {
                Meaning::Int(number) => return Some(number),
                Meaning::Text => {
                    if let Some(number) = super::scalar::integer(&scalar.text) {
                        return Some(number);
                    }
                }
                _ => {}
            }
        }
        self.wanted(node, path, "a whole number", "write it in digits");
        None
    }

    /// One of a few words.
    pub(crate) fn choice(&mut self, node: &Node, path: &str, choices: &[&str]) -> Option<String> {
        let text = self.text(node, path)?;
        if choices.contains(&text.as_str()) {
            return Some(text);
        }
        let known = choices
            .iter()
            .map(|c| format!("`{c}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let hint = match nearest(&text, choices) {
            Some(near) => format!("did you mean `{near}`? Known are {known}"),
            None => format!("use one of {known}"),
        };
        self.error(node.place, format!("`{path}` cannot be {text:?}"), hint);
        None
    }

    pub(crate) fn wanted(&mut self, node: &Node, path: &str, want: &str, hint: &str) {
        self.error(
            node.place,
            format!("`{path}` must be {want}, found {}", node.describe()),
            hint,
        );
    }
}

/// The choice that differs least from `word`, if any is close.
pub(crate) fn nearest<'c>(word: &str, choices: &[&'c str]) -> Option<&'c str> {
    let best = choices
        .iter()
        .map(|choice| (distance(word, choice), *choice))
        .min()?;
    (best.0 <= 1 + word.len() / 4).then_some(best.1)
}

/// How many letters have to be put in, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
