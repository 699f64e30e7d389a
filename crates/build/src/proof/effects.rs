//! What a handler changes, triggers included.

use std::collections::BTreeSet;

use super::charm::Charm;
use super::handler::Handler;

/// Flags and whether they are set or cleared.
pub(super) type Changes<'c> = BTreeSet<(&'c str, bool)>;

/// The changes that a run of the handler can make. Setting what must be set for it to run is none, and neither is
/// clearing what must not be.
pub(super) fn effects<'c>(charm: &'c Charm, handler: &'c Handler) -> Changes<'c> {
    let (required, refused) = (handler.required(), handler.refused());
    let sets = handler.sets.iter().map(|flag| (flag.as_str(), true));
    let clears = handler.clears.iter().map(|flag| (flag.as_str(), false));
    let mut left: Vec<(&str, bool)> = sets
        .filter(|(flag, _)| !required.contains(flag))
        .chain(clears.filter(|(flag, _)| !refused.contains(flag)))
        .collect();
    let mut all = Changes::new();
    while let Some(change) = left.pop() {
        if all.insert(change) {
            let fired = charm
                .triggers
                .iter()
                .filter(|trigger| (trigger.cause.as_str(), trigger.on_set) == change);
            left.extend(fired.flat_map(|trigger| trigger.effects()));
        }
    }
    all
}
