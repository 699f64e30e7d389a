//! Hook patterns: which hooks a handler's `hook("…")` means (B35).
//!
//! `{A,B}` stands for either; `{requires:http}` for every endpoint of that role and interface, and for
//! nothing if the charm has none. Groups multiply, and a group may mix both forms.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::{ErrorKind, Kind};
use crate::metadata::{Metadata, Role};

/// The most names a pattern may stand for.
const MOST: usize = 4096;

/// The hook names that `pattern` stands for, in the order it spells them, each once.
///
/// # Errors
/// If the pattern is malformed or stands for more than 4096 names.
pub fn expand(pattern: &str, metadata: &Metadata) -> Result<Vec<String>, PatternError> {
    let mut names = vec![String::new()];
    for part in parse(pattern)? {
        let choices = part.choices(metadata);
        if names.len().saturating_mul(choices.len()) > MOST {
            return Err(PatternError::TooMany);
        }
        names = names
            .iter()
            .flat_map(|name| choices.iter().map(move |choice| format!("{name}{choice}")))
            .collect();
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// Whether `pattern` stands for the hook of that name.
///
/// # Errors
/// If the pattern is malformed.
pub fn matches(pattern: &str, hook_name: &str, metadata: &Metadata) -> Result<bool, PatternError> {
    // The places in the name that the parts so far can reach: no product, whatever the pattern.
    let mut reached = BTreeSet::from([0]);
    for part in parse(pattern)? {
        let choices = part.choices(metadata);
        reached = reached
            .iter()
            .filter_map(|&at| hook_name.get(at..).map(|rest| (at, rest)))
            .flat_map(|(at, rest)| {
                choices
                    .iter()
                    .filter(move |choice| rest.starts_with(**choice))
                    .map(move |choice| at + choice.len())
            })
            .collect();
    }
    Ok(reached.contains(&hook_name.len()))
}

/// Why a hook pattern means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// There is no pattern.
    Empty,
    /// A brace without its other half, or one inside another group.
    Brace {
        /// The pattern.
        pattern: String,
        /// Where, in bytes from its start.
        at: usize,
    },
    /// A group with an empty alternative, such as `{a,}`.
    Alternative {
        /// The pattern.
        pattern: String,
    },
    /// A role that is not `provides`, `requires` or `peers`.
    Role {
        /// The pattern.
        pattern: String,
        /// What stands there.
        role: String,
    },
    /// More than 4096 names.
    TooMany,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => {
                f.write_str("a hook pattern cannot be empty: name a hook, such as `install`")
            }
            Self::Brace { pattern, at } => write!(
                f,
                "the brace at byte {at} of hook pattern `{pattern}` has no partner: write `{{A,B}}` or `{{requires:http}}`"
            ),
            Self::Alternative { pattern } => write!(
                f,
                "hook pattern `{pattern}` has an empty alternative: write `{{A,B}}` or `{{requires:http}}`"
            ),
            Self::Role { pattern, role } => write!(
                f,
                "`{role}` in hook pattern `{pattern}` is not a role: use `provides`, `requires` or `peers`"
            ),
            Self::TooMany => write!(
                f,
                "a hook pattern may stand for {MOST} names at most: use several handlers"
            ),
        }
    }
}

impl std::error::Error for PatternError {}

impl Kind for PatternError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

/// A piece of a pattern.
enum Part<'a> {
    Text(&'a str),
    Group(Vec<Choice<'a>>),
}

/// One alternative of a group.
enum Choice<'a> {
    Text(&'a str),
    Endpoints(Role, &'a str),
}

impl<'a> Part<'a> {
    fn choices(&'a self, metadata: &'a Metadata) -> Vec<&'a str> {
        let group = match self {
            Self::Text(text) => return vec![text],
            Self::Group(group) => group,
        };
        let mut all = Vec::new();
        for choice in group {
            match choice {
                Choice::Text(text) => all.push(*text),
                Choice::Endpoints(role, interface) => {
                    all.extend(metadata.endpoints_of(*role, interface))
                }
            }
        }
        all
    }
}

fn parse(pattern: &str) -> Result<Vec<Part<'_>>, PatternError> {
    if pattern.is_empty() {
        return Err(PatternError::Empty);
    }
    let brace = |at: usize| PatternError::Brace {
        pattern: pattern.to_owned(),
        at,
    };
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = pattern.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(inner) = rest.strip_prefix('{') else {
            let end = rest.find(['{', '}']).unwrap_or(rest.len());
            if end == 0 {
                return Err(brace(at));
            }
            parts.push(Part::Text(&rest[..end]));
            at += end;
            continue;
        };
        let close = match inner.find(['{', '}']) {
            Some(close) if inner[close..].starts_with('}') => close,
            Some(close) => return Err(brace(at + 1 + close)),
            None => return Err(brace(at)),
        };
        let group = inner[..close]
            .split(',')
            .map(|text| choice(pattern, text.trim()));
        parts.push(Part::Group(group.collect::<Result<_, _>>()?));
        at += close + 2;
    }
    Ok(parts)
}

fn choice<'a>(pattern: &str, text: &'a str) -> Result<Choice<'a>, PatternError> {
    let Some((role, interface)) = text.split_once(':') else {
        return match text {
            "" => Err(PatternError::Alternative {
                pattern: pattern.to_owned(),
            }),
            text => Ok(Choice::Text(text)),
        };
    };
    match Role::parse(role) {
        Some(role) => Ok(Choice::Endpoints(role, interface)),
        None => Err(PatternError::Role {
            pattern: pattern.to_owned(),
            role: role.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;
