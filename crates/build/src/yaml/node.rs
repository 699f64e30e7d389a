//! A YAML value that remembers where it stands and how it was written.

use serde_json::Number;

use super::scalar::Meaning;

/// A position in a file, line and column counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files that were read together; 0 where there is one.
    pub file: usize,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    /// The beginning of the first file.
    pub const START: Self = Self::new(1, 1);

    /// A position in a file that was read alone.
    #[must_use]
    pub const fn new(line: usize, column: usize) -> Self {
        Self {
            file: 0,
            line,
            column,
        }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, number, yes or no, or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, quotes and escapes undone.
    pub text: String,
    /// Neither quoted nor a block: its text decides what it means.
    pub plain: bool,
}

/// A mapping; keys keep the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map {
    entries: Vec<Entry>,
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// Its value.
    pub node: Node,
}

/// The key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it stands.
    pub place: Place,
    /// How it was written.
    pub scalar: Scalar,
}

impl Key {
    /// The key's text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.scalar.text
    }
}

impl Scalar {
    /// A text, whatever it looks like.
    #[must_use]
    pub fn quoted(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            plain: false,
        }
    }

    /// What the scalar means to Juju's parser.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        if self.plain {
            Meaning::of(&self.text)
        } else {
            Meaning::Text
        }
    }
}

impl Map {
    /// The entries, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entry(name).map(|entry| &entry.node)
    }

    /// The entry of `name`.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.name() == name)
    }

    /// Sets a key, in its old place if it had one.
    pub fn set(&mut self, entry: Entry) {
        match self
            .entries
            .iter_mut()
            .find(|old| old.key.name() == entry.key.name())
        {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// The value of `name`, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.entries
            .iter_mut()
            .find(|entry| entry.key.name() == name)
            .map(|entry| &mut entry.node)
    }

    /// Takes a key out.
    pub fn remove(&mut self, name: &str) -> Option<Entry> {
        let at = self
            .entries
            .iter()
            .position(|entry| entry.key.name() == name)?;
        Some(self.entries.remove(at))
    }

    /// True if it has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl Node {
    /// The mapping, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping, if it is one, to be changed.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// True for an empty value, `~` and `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.meaning() == Meaning::Null)
    }

    /// What it is, for a message: "the number 1", "a list".
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.value {
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a mapping".into(),
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => "nothing".into(),
                Meaning::Bool(_) | Meaning::OldBool(_) => {
                    format!("the truth value {}", scalar.text)
                }
                Meaning::Int(_) | Meaning::Float(_) => format!("the number {}", scalar.text),
                Meaning::Date => format!("the date {}", scalar.text),
                Meaning::Text => format!("the text {:?}", scalar.text),
            },
        }
    }

    /// The value as JSON, scalars read as Juju's parser reads them.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(map) => Json::Object(
                map.entries()
                    .iter()
                    .map(|entry| (entry.key.name().to_owned(), entry.node.to_json()))
                    .collect(),
            ),
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => Json::Null,
                Meaning::Bool(is) | Meaning::OldBool(is) => Json::Bool(is),
                Meaning::Int(number) => Json::from(number),
                // JSON has no infinity.
                Meaning::Float(number) => Number::from_f64(number)
                    .map_or_else(|| Json::from(scalar.text.clone()), Json::Number),
                Meaning::Date | Meaning::Text => Json::from(scalar.text.clone()),
            },
        }
    }
}
