//! Generations: every store of leader data carries one, new with each write.

use std::fmt;

use ensign::{Context, Result};
use serde::{Deserialize, Serialize};

/// The key that carries it; hidden from charms.
pub(super) const KEY: &str = "ensign-gen";

/// `N.TAG`: a number that grows and a random tag, since two leaders may count to the same number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Generation {
    /// How many writes there were.
    pub(super) number: u64,
    tag: String,
}

impl Generation {
    /// Reads one; anything else is treated as none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, tag) = text.split_once('.')?;
        let plain = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then_some(())?;
        Some(Self {
            number: number.parse().ok()?,
            tag: tag.to_owned(),
        })
    }

    /// The one after all of these.
    pub(super) fn after<'a>(
        seen: impl IntoIterator<Item = &'a Self>,
        ctx: &mut Context,
    ) -> Result<Self> {
        let last = seen.into_iter().map(|g| g.number).max().unwrap_or(0);
        Ok(Self {
            number: last.saturating_add(1),
            tag: format!("{:016x}", u64::from_be_bytes(ctx.random()?)),
        })
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.number, self.tag)
    }
}

impl From<Generation> for String {
    fn from(generation: Generation) -> Self {
        generation.to_string()
    }
}

impl TryFrom<String> for Generation {
    type Error = &'static str;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a generation is a number and a hexadecimal tag")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_a_number_and_a_tag() {
        let generation = Generation::parse("12.00ff").expect("a generation");
        assert_eq!(generation.to_string(), "12.00ff");
        for bad in ["", "12", ".ff", "12.", "x.ff", "12.xyz", "-1.ff"] {
            assert_eq!(Generation::parse(bad), None, "{bad}");
        }
    }
}
