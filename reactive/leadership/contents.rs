//! What a store of plain leader data holds: values, their generation, and the bell.

use std::collections::BTreeMap;

use super::generation::{Generation, KEY};

/// Prefix of our keys in the peer relation's application data; anything else there is the charm's own.
pub(super) const IN_BAG: &str = "leader.";

/// The key of the bell.
pub(super) const BELL: &str = "ensign-secret";

/// Keys that are the layer's own.
pub(super) const RESERVED: [&str; 2] = [KEY, BELL];

/// What precedes the generation in the bell.
const QUERY: &str = "ensign-rev=";

/// The names of the stores in commit records.
pub(super) const BAG: &str = "bag";
pub(super) const SECRET: &str = "secret";

/// What a store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// The charm's keys.
    pub(super) values: BTreeMap<String, String>,
    /// The generation of the last write; none if no layer of ours ever wrote.
    pub(super) generation: Option<Generation>,
    /// The generation of the application's secret, when it was rung last: it only wakes, it is not the truth.
    pub(super) bell: Option<Generation>,
}

impl Contents {
    /// Sorts the keys of a store.
    pub(super) fn of(all: BTreeMap<String, String>) -> Self {
        let mut contents = Self::default();
        for (key, value) in all {
            match key.as_str() {
                KEY => contents.generation = Generation::parse(&value),
                BELL => contents.bell = rung(&value),
                _ => {
                    contents.values.insert(key, value);
                }
            }
        }
        contents
    }

    /// The same from a bag, where the keys are prefixed.
    pub(super) fn of_bag(bag: BTreeMap<String, String>) -> Self {
        let ours = bag
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(IN_BAG)?.to_owned(), value)));
        Self::of(ours.collect())
    }

    /// What tells one state of the store from another; `None` where no layer of ours ever wrote.
    pub(super) fn mark(&self) -> Option<String> {
        let text = |part: &Option<Generation>| {
            part.as_ref()
                .map_or_else(|| "-".to_owned(), ToString::to_string)
        };
        (self.generation.is_some() || self.bell.is_some())
            .then(|| format!("{} {}", text(&self.generation), text(&self.bell)))
    }

    /// Takes a group in; `None` removes.
    pub(super) fn apply(&mut self, group: &BTreeMap<String, Option<String>>) {
        for (key, value) in group {
            match value {
                Some(value) => self.values.insert(key.clone(), value.clone()),
                None => self.values.remove(key),
            };
        }
    }
}

/// What follows the `?` of the secret's URI in the bell.
pub(super) fn query(generation: &Generation) -> String {
    format!("{QUERY}{generation}")
}

/// The generation in a bell, a URI such as `secret:9m4e2mr0ui3e8a215n4g?ensign-rev=3.00ff`.
fn rung(text: &str) -> Option<Generation> {
    let (_, query) = text.strip_prefix("secret:")?.split_once('?')?;
    Generation::parse(query.strip_prefix(QUERY)?)
}

/// Whether a plain value would be mistaken for a bell.
pub(super) fn looks_like_a_bell(value: &str) -> bool {
    value.starts_with("secret:") && value.contains(&format!("?{QUERY}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_has_values_a_generation_and_a_bell() {
        let pairs = [
            ("leader.k", "v"),
            ("leader.ensign-gen", "2.ab"),
            ("leader.ensign-secret", "secret:xyz?ensign-rev=3.cd"),
            ("other", "the charm's own"),
        ];
        let bag = pairs.map(|(k, v)| (k.to_owned(), v.to_owned()));
        let contents = Contents::of_bag(bag.into_iter().collect());
        assert_eq!(
            contents.values.into_iter().collect::<Vec<_>>(),
            [("k".into(), "v".into())]
        );
        assert_eq!(contents.generation, Generation::parse("2.ab"));
        assert_eq!(contents.bell, Generation::parse("3.cd"));
    }

    #[test]
    fn each_write_leaves_another_mark() {
        let mut contents = Contents::default();
        assert_eq!(contents.mark(), None);
        contents.bell = Generation::parse("1.aa");
        assert_eq!(contents.mark().as_deref(), Some("- 1.aa"));
        contents.generation = Generation::parse("1.bb");
        assert_eq!(contents.mark().as_deref(), Some("1.bb 1.aa"));
    }

    #[test]
    fn a_bell_is_a_uri_with_a_generation() {
        assert_eq!(rung("secret:x?ensign-rev=1.ff"), Generation::parse("1.ff"));
        for bad in [
            "",
            "secret:x",
            "secret:x?rev=1.ff",
            "x?ensign-rev=1.ff",
            "secret:x?ensign-rev=1",
        ] {
            assert_eq!(rung(bad), None, "{bad}");
        }
        assert!(looks_like_a_bell("secret:x?ensign-rev=1"));
        assert!(!looks_like_a_bell("secret:x"));
    }
}
