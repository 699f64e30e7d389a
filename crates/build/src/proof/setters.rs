//! Who sets which flag, as far as that can be seen.

use std::collections::{BTreeMap, BTreeSet};

use super::charm::Charm;
use super::handler::Handler;

/// What the library says of every endpoint.
const ENDPOINT_STATES: [&str; 7] = [
    "joined",
    "changed",
    "departed",
    "has_requests",
    "new_requests",
    "has_responses",
    "all_responses",
];

/// Stands for the name of any endpoint, in the handlers of interface layers.
pub(super) const ENDPOINT: &str = "{endpoint_name}";

/// The flags of a charm and who sets them.
#[derive(Debug)]
pub(super) struct Setters<'c> {
    charm: &'c Charm,
    /// By flag or pattern, the handlers that set it themselves.
    handlers: BTreeMap<&'c str, Vec<&'c Handler>>,
}

/// What is known of a flag that no handler and no trigger sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Set by the library, a layer or a program.
    Elsewhere,
    /// In the namespace of automatic flags, but none of them.
    Nowhere,
    /// Nobody is seen to set it.
    Unseen,
}

impl<'c> Setters<'c> {
    pub(super) fn of(charm: &'c Charm) -> Self {
        let mut handlers: BTreeMap<&str, Vec<&Handler>> = BTreeMap::new();
        for handler in &charm.handlers {
            for flag in &handler.sets {
                handlers.entry(flag).or_default().push(handler);
            }
        }
        Self { charm, handlers }
    }

    /// The handlers that set the flag.
    pub(super) fn handlers(&self, flag: &str) -> Vec<&'c Handler> {
        let all = self.handlers.iter();
        all.filter(|(pattern, _)| stands_for(pattern, flag))
            .flat_map(|(_, handlers)| handlers.iter().copied())
            .collect()
    }

    /// Whether a trigger sets it.
    pub(super) fn is_triggered(&self, flag: &str) -> bool {
        let triggers = &self.charm.triggers;
        triggers
            .iter()
            .any(|trigger| trigger.set.iter().any(|set| set == flag))
    }

    /// Where a flag comes from that neither a handler nor a trigger sets.
    pub(super) fn origin(&self, flag: &str) -> Origin {
        if let Some(is_known) = automatic(flag) {
            return if is_known {
                Origin::Elsewhere
            } else {
                Origin::Nowhere
            };
        }
        let provided = self
            .charm
            .providers
            .iter()
            .any(|prefix| flag.starts_with(prefix));
        let scripted = || {
            let texts = &self.charm.scripts.texts;
            texts.iter().any(|(_, text)| sets_somewhere(text, flag))
        };
        if provided || flag.contains(['{', '*']) || self.charm.scripts.mentions(flag) || scripted()
        {
            Origin::Elsewhere
        } else {
            Origin::Unseen
        }
    }

    /// The flags that somebody is seen to set, for a guess at what was meant.
    pub(super) fn known(&self) -> BTreeSet<&'c str> {
        let triggers = self.charm.triggers.iter();
        let set = self.handlers.keys().copied();
        set.chain(triggers.flat_map(|trigger| trigger.set.iter().map(String::as_str)))
            .chain([
                "leadership.is_leader",
                "leadership.changed",
                "config.changed",
                "upgrade.charm",
            ])
            .filter(|flag| !flag.contains(['*', '{']))
            .collect()
    }
}

/// Whether a flag in an automatic namespace is one of its flags; none for any other.
fn automatic(flag: &str) -> Option<bool> {
    let (namespace, rest) = flag.split_once('.')?;
    let below = |kinds: &[&str]| {
        let split = rest.split_once('.');
        split.is_some_and(|(kind, key)| kinds.contains(&kind) && !key.is_empty())
    };
    match namespace {
        "leadership" => {
            Some(["is_leader", "changed"].contains(&rest) || below(&["set", "changed"]))
        }
        "config" => Some(rest == "changed" || below(&["changed", "set", "default"])),
        "upgrade" => Some(["charm", "series.in-progress"].contains(&rest)),
        "endpoint" => {
            let (_, state) = rest.split_once('.')?;
            let kind = state.split('.').next().unwrap_or_default();
            ENDPOINT_STATES.contains(&kind).then_some(true)
        }
        _ => None,
    }
}

/// Whether what a handler declares includes the flag.
pub(super) fn stands_for(pattern: &str, flag: &str) -> bool {
    if let Some((head, tail)) = pattern.split_once(ENDPOINT) {
        return flag.len() >= head.len() + tail.len()
            && flag.starts_with(head)
            && flag.ends_with(tail);
    }
    match pattern.strip_suffix('*') {
        Some(prefix) => flag.starts_with(prefix),
        None => pattern == flag,
    }
}

/// Whether a script sets the flag somewhere, in a function of its own or below it.
fn sets_somewhere(text: &str, flag: &str) -> bool {
    let lines = text.lines().filter(|line| line.contains(flag));
    lines.into_iter().any(|line| {
        [
            "set_flag",
            "toggle_flag",
            "set_state",
            "toggle_state",
            "register_trigger",
        ]
        .iter()
        .any(|command| line.contains(command))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_flags_are_known_by_name() {
        for known in [
            "leadership.is_leader",
            "leadership.set.k",
            "config.default.a.b",
            "upgrade.charm",
            "endpoint.db.changed.host",
        ] {
            assert_eq!(automatic(known), Some(true), "{known}");
        }
        for unknown in [
            "leadership.leader",
            "leadership.set",
            "config.sat.k",
            "upgrade.done",
        ] {
            assert_eq!(automatic(unknown), Some(false), "{unknown}");
        }
        for other in ["db.ready", "ready", "endpoint.db.ready", "configured"] {
            assert_eq!(automatic(other), None, "{other}");
        }
    }

    #[test]
    fn declarations_stand_for_more_than_one_flag() {
        assert!(stands_for("a.*", "a.b") && !stands_for("a.*", "ab"));
        assert!(stands_for(
            "endpoint.{endpoint_name}.ready",
            "endpoint.db.ready"
        ));
        assert!(!stands_for(
            "endpoint.{endpoint_name}.ready",
            "endpoint.db.done"
        ));
        assert!(stands_for("a", "a") && !stands_for("a", "b"));
    }
}
