//! Arguments one by one: options in their spellings, and the rest.

use crate::format::go_quote;
use crate::tool::Failure;

/// A name as it is typed.
pub(super) fn dashed(name: &str) -> String {
    if name.len() > 1 {
        format!("--{name}")
    } else {
        format!("-{name}")
    }
}

/// What an argument is.
pub(super) enum Word<'a> {
    Positional,
    End,
    Option(GivenOption<'a>),
}

/// An option as given.
pub(super) struct GivenOption<'a> {
    pub(super) name: &'a str,
    /// The name as messages show it: two dashes if it is longer than a byte, however it was typed.
    pub(super) shown: String,
    pub(super) long: bool,
    pub(super) attached: Option<&'a str>,
}

impl<'a> Word<'a> {
    pub(super) fn of(arg: &'a str) -> Result<Self, Failure> {
        let Some(rest) = arg.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
            return Ok(Self::Positional);
        };
        let Some(long) = rest.strip_prefix('-') else {
            return Ok(Self::Option(GivenOption::short(rest)));
        };
        let (name, attached) = match long.split_once('=') {
            _ if long.is_empty() => return Ok(Self::End),
            Some(("", _)) => {
                return Err(Failure::usage(format!(
                    "empty option in argument {}",
                    go_quote(arg)
                )));
            }
            Some((name, value)) => (name, Some(value)),
            None => (long, None),
        };
        Ok(Self::Option(GivenOption {
            name,
            shown: dashed(name),
            long: true,
            attached,
        }))
    }
}

impl<'a> GivenOption<'a> {
    pub(super) fn short(group: &'a str) -> Self {
        let end = group.chars().next().map_or(0, char::len_utf8);
        let (name, rest) = group.split_at(end);
        Self {
            name,
            shown: dashed(name),
            long: false,
            attached: Some(rest).filter(|rest| !rest.is_empty()),
        }
    }
}
