//! Generations: every store of leader data carries one, new with each write.

use std::fmt;

use ensign::{Context, Result};

/// The key that carries it; hidden from charms.
pub(super) const KEY: &str = "ensign-gen";

/// `N.TAG`: a number that grows and a random tag, since two leaders may count to the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Generation {
    number: u64,
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

    /// The one after `last`.
    pub(super) fn after(last: Option<&Self>, ctx: &mut Context) -> Result<Self> {
        Ok(Self {
            number: last.map_or(0, |g| g.number).saturating_add(1),
            tag: format!("{:016x}", u64::from_be_bytes(ctx.random()?)),
        })
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.number, self.tag)
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
