//! What goes to relations at the end of the hook.

use std::collections::BTreeMap;

use super::Context;
use crate::error::Result;
use crate::tools::{self, Tools};

/// Whose data bag of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bag {
    /// The local unit's.
    Unit,
    /// The local application's: only the leader may write it.
    App,
}

/// Changes to data bags, collected until the commit (B82). `None` removes a key.
#[derive(Debug, Default)]
pub(crate) struct Publication {
    bags: BTreeMap<(String, Bag), BTreeMap<String, Option<String>>>,
}

impl Publication {
    pub(crate) fn is_empty(&self) -> bool {
        self.bags.is_empty()
    }

    /// How many data bags it touches.
    pub(crate) fn len(&self) -> usize {
        self.bags.len()
    }

    /// Hands everything to Juju, one `relation-set` a bag.
    pub(crate) fn publish(&self, tools: &mut Tools) -> Result {
        for ((relation, bag), pairs) in &self.bags {
            tools::relation_set(tools, relation, *bag == Bag::App, pairs, true)?;
        }
        Ok(())
    }
}

impl Context {
    /// Changes keys of one of our own data bags when this hook commits; `None` or an empty value removes.
    /// Later calls for the same key win. What Juju holds already should not be named.
    pub fn publish(
        &mut self,
        relation: &str,
        bag: Bag,
        pairs: impl IntoIterator<Item = (String, Option<String>)>,
    ) {
        let mut pairs = pairs.into_iter().peekable();
        if pairs.peek().is_some() {
            self.publication
                .bags
                .entry((relation.to_owned(), bag))
                .or_default()
                .extend(pairs);
        }
    }
}
