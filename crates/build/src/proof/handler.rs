//! A handler as the checks see it, whatever it is written in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::registry::Registered;

/// A handler: when it runs, and what it is known to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Handler {
    /// Its id.
    pub(super) id: String,
    /// The crate it is in; empty for a script.
    pub(super) krate: String,
    /// The file it stands in.
    pub(super) file: PathBuf,
    /// The line in it.
    pub(super) line: usize,
    /// Joined by AND.
    pub(super) conditions: Vec<Condition>,
    /// Flags that it sets, `b.*` for anything below `b.`.
    pub(super) sets: Vec<String>,
    /// Flags that it clears.
    pub(super) clears: Vec<String>,
    /// Handlers that come after it.
    pub(super) before: Vec<String>,
    /// Handlers that come before it.
    pub(super) after: Vec<String>,
    /// Ids it had.
    pub(super) was: Vec<String>,
    /// Functions of the leadership layer that it names.
    pub(super) calls: Vec<String>,
}

/// One condition of a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// The attribute: `when`, `when_not`, `hook`, ….
    pub(super) kind: String,
    /// Flags, hook patterns, actions, or sources as `leader=KEY`.
    pub(super) args: Vec<String>,
}

/// A flag whose change sets or clears others at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Trigger {
    /// The flag.
    pub(super) cause: String,
    /// Fires when it is set, else when it is cleared.
    pub(super) on_set: bool,
    /// What it sets.
    pub(super) set: Vec<String>,
    /// What it clears.
    pub(super) clear: Vec<String>,
    /// The file it stands in.
    pub(super) file: PathBuf,
    /// The line in it.
    pub(super) line: usize,
}

impl Condition {
    /// Whether its arguments are flags.
    pub(super) fn names_flags(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "when" | "when_any" | "when_not" | "when_not_all" | "not_unless"
        )
    }

    /// Whether its flags have to be set.
    pub(super) fn is_positive(&self) -> bool {
        matches!(self.kind.as_str(), "when" | "when_any")
    }

    /// Whether it ties the handler to one occasion: it then runs once in a hook.
    fn is_occasion(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "hook" | "action" | "collect_metrics" | "meter_status_changed"
        )
    }
}

impl Handler {
    /// A handler of the binary; its file is looked for in `folders`.
    pub(super) fn compiled(handler: &Registered, folders: &[PathBuf]) -> Self {
        let record = &handler.record;
        let conditions = record["clauses"].as_array().into_iter().flatten();
        Self {
            id: handler.id.clone(),
            krate: handler.krate.clone(),
            file: found(Path::new(&handler.file), folders),
            line: usize::try_from(handler.line).unwrap_or_default(),
            conditions: conditions
                .map(|clause| Condition {
                    kind: clause["kind"].as_str().unwrap_or_default().to_owned(),
                    args: texts(&clause["args"]),
                })
                .collect(),
            sets: texts(&record["sets"]),
            clears: texts(&record["clears"]),
            before: texts(&record["before"]),
            after: texts(&record["after"]),
            was: texts(&record["was"]),
            calls: texts(&record["calls"]),
        }
    }

    /// The flags that it names in conditions.
    pub(super) fn flags(&self) -> impl Iterator<Item = &str> {
        let conditions = self.conditions.iter().filter(|c| c.names_flags());
        conditions.flat_map(|c| c.args.iter().map(String::as_str))
    }

    /// The sources of that kind that it waits for.
    pub(super) fn sources(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.args_of("when_changed")
            .filter_map(move |source| source.strip_prefix(kind)?.strip_prefix('='))
    }

    /// Arguments of the conditions of one kind.
    pub(super) fn args_of(&self, kind: &str) -> impl Iterator<Item = &str> {
        let conditions = self.conditions.iter().filter(move |c| c.kind == kind);
        conditions.flat_map(|c| c.args.iter().map(String::as_str))
    }

    /// Whether it has a condition of that kind.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.conditions.iter().any(|c| c.kind == kind)
    }

    /// Flags that must be set for it to run.
    pub(super) fn required(&self) -> BTreeSet<&str> {
        let single = |c: &&Condition| c.kind == "when" || c.kind == "when_any" && c.args.len() == 1;
        self.args_where(single)
    }

    /// Flags that must not be set.
    pub(super) fn refused(&self) -> BTreeSet<&str> {
        let single =
            |c: &&Condition| c.kind == "when_not" || c.kind == "when_not_all" && c.args.len() == 1;
        self.args_where(single)
    }

    fn args_where(&self, wanted: impl Fn(&&Condition) -> bool) -> BTreeSet<&str> {
        let conditions = self.conditions.iter().filter(wanted);
        conditions
            .flat_map(|c| c.args.iter().map(String::as_str))
            .collect()
    }

    /// Whether it runs in a hook or action of its own, and not as often as flags change.
    pub(super) fn has_occasion(&self) -> bool {
        self.conditions.iter().any(Condition::is_occasion)
    }

    /// Whether both can never be due together.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let apart = |a: &Self, b: &Self| !a.required().is_disjoint(&b.refused());
        let occasions = |handler: &Self| -> BTreeSet<String> {
            let all = handler.conditions.iter().filter(|c| c.is_occasion());
            all.flat_map(|c| match c.args.is_empty() {
                true => vec![c.kind.clone()],
                false => c
                    .args
                    .iter()
                    .map(|arg| format!("{} {arg}", c.kind))
                    .collect(),
            })
            .collect()
        };
        let (one, two) = (occasions(self), occasions(other));
        apart(self, other) || apart(other, self) || one != two && one.is_disjoint(&two)
    }
}

impl Trigger {
    /// A line of the binary's section.
    pub(super) fn compiled(record: &Json, folders: &[PathBuf]) -> Option<Self> {
        let (cause, on_set) = match (record["when"].as_str(), record["when_not"].as_str()) {
            (Some(flag), _) => (flag, true),
            (None, Some(flag)) => (flag, false),
            (None, None) => return None,
        };
        let file = record["file"].as_str().unwrap_or_default();
        Some(Self {
            cause: cause.to_owned(),
            on_set,
            set: texts(&record["set"]),
            clear: texts(&record["clear"]),
            file: found(Path::new(file), folders),
            line: line(&record["line"]),
        })
    }

    /// The changes that it makes.
    pub(super) fn effects(&self) -> impl Iterator<Item = (&str, bool)> {
        let set = self.set.iter().map(|flag| (flag.as_str(), true));
        set.chain(self.clear.iter().map(|flag| (flag.as_str(), false)))
    }
}

fn line(number: &Json) -> usize {
    let number = number.as_u64().and_then(|line| usize::try_from(line).ok());
    number.unwrap_or_default()
}

fn texts(list: &Json) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// The file as it can be opened from here, if it can be.
fn found(file: &Path, folders: &[PathBuf]) -> PathBuf {
    let mut places = folders.iter().map(|folder| folder.join(file));
    places
        .find(|path| path.is_file())
        .unwrap_or_else(|| file.to_owned())
}
