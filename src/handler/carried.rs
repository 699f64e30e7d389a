//! What a charm carries only if it names an endpoint: a fifteenth of its size.

use super::{Clause, Registry};
use crate::context::{RelationCall, Slot};
use crate::flags::Flag;
use crate::metadata::Metadata;

/// The code behind endpoints. Only what refers to it is linked, so handlers and triggers that name an endpoint do.
#[derive(Debug)]
pub struct Endpoints {
    /// A provider for each endpoint.
    pub(crate) slots: fn(&Metadata) -> Vec<Slot>,
    /// Handlers of interface layers, once for each endpoint of their interface.
    pub(crate) instances: fn(&Registry, &Metadata) -> Registry,
    /// What `relation_call` does.
    pub(crate) call: RelationCall,
}

/// What else than handlers names an endpoint: triggers, and whoever says `ensign::endpoints!()`.
#[linkme::distributed_slice]
pub static ENDPOINTS: [Option<&'static Endpoints>];

/// Whether one of the conditions is about an endpoint. For constants.
pub const fn clauses_name_endpoint(clauses: &[Clause]) -> bool {
    let mut i = 0;
    while i < clauses.len() {
        let named = match &clauses[i] {
            Clause::When(f)
            | Clause::WhenAny(f)
            | Clause::WhenNot(f)
            | Clause::WhenNotAll(f)
            | Clause::NotUnless(f) => flags_name_endpoint(f),
            Clause::WhenChanged(sources) => {
                let mut k = 0;
                let mut found = false;
                while k < sources.len() {
                    found |= begins(sources[k].kind, b"endpoint");
                    k += 1;
                }
                found
            }
            Clause::Hook(patterns) => {
                let mut k = 0;
                let mut found = false;
                while k < patterns.len() {
                    found |= contains_placeholder(patterns[k]);
                    k += 1;
                }
                found
            }
            _ => false,
        };
        if named {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether one of the flags is about an endpoint. For constants.
pub const fn flags_name_endpoint(flags: &[Flag]) -> bool {
    let mut i = 0;
    while i < flags.len() {
        let name = flags[i].name();
        if begins(name, b"endpoint.") || contains_placeholder(name) {
            return true;
        }
        i += 1;
    }
    false
}

const fn begins(text: &str, with: &[u8]) -> bool {
    let text = text.as_bytes();
    let mut i = 0;
    while i < with.len() {
        if i >= text.len() || text[i] != with[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn contains_placeholder(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let placeholder = super::PLACEHOLDER.as_bytes();
    while let [_, tail @ ..] = rest {
        let mut i = 0;
        while i < placeholder.len() && i < rest.len() && rest[i] == placeholder[i] {
            i += 1;
        }
        if i == placeholder.len() {
            return true;
        }
        rest = tail;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::Source;

    #[test]
    fn a_charm_carries_endpoints_only_if_it_names_one() {
        let names = |clause| clauses_name_endpoint(&[Clause::OnlyOnce, clause]);
        let source = |kind| Clause::WhenChanged(Box::leak(Box::new([Source { kind, key: "k" }])));
        let flags = |name| Clause::WhenNot(Box::leak(Box::new([Flag::new("a"), Flag::new(name)])));
        assert!(names(flags("endpoint.db.joined")));
        assert!(names(flags("{endpoint_name}.x")));
        assert!(names(Clause::Hook(&["x{endpoint_name}-relation-joined"])));
        assert!(names(source("endpoint")));
        assert!(!names(flags("endpoints.db")));
        assert!(!names(Clause::Hook(&["{provides:x}-relation-joined"])));
        assert!(!names(source("leader")));
    }
}
