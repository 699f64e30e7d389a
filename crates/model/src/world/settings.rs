//! Reading relation data: who may read what.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::World;
use crate::format::go_quote;
use crate::{RelationId, UnitName};

/// A data bag's content.
pub(crate) type Values = Arc<BTreeMap<String, String>>;

/// The server's refusal.
const DENIED: &str = "permission denied";

impl World {
    /// A unit's bag, read by another unit.
    ///
    /// # Errors
    ///
    /// The server's text: no part of the relation, or never in scope.
    pub(crate) fn read_unit_bag(
        &self,
        relation: RelationId,
        target: &str,
        reader: &UnitName,
    ) -> Result<Values, String> {
        let relation = self.relations.get(&relation).ok_or(DENIED)?;
        let application = target
            .split_once('/')
            .map_or("", |(application, _)| application);
        if relation.side(application).is_none() {
            return Err(DENIED.to_owned());
        }
        match relation.units.get(target) {
            Some(member) if relation.share_container(reader, target) => {
                Ok(Arc::clone(&member.bag.values))
            }
            _ => Err(format!(
                "cannot read settings for unit {unit} in relation {key}: unit {unit}: settings not found",
                unit = go_quote(target),
                key = go_quote(&relation.key()),
            )),
        }
    }

    /// An application's bag, read by `reader`.
    ///
    /// # Errors
    ///
    /// The server's text: no part of the relation, or the own bag of a relation that is none between peers, read by a
    /// unit that does not lead.
    pub(crate) fn read_application_bag(
        &self,
        relation: RelationId,
        target: &str,
        reader: &UnitName,
    ) -> Result<Values, String> {
        let relation = self.relations.get(&relation).ok_or(DENIED)?;
        if relation.side(target).is_none() {
            return Err(DENIED.to_owned());
        }
        if target == reader.application() && !relation.is_peer() && !self.leases.is_held_by(reader)
        {
            return Err(DENIED.to_owned());
        }
        Ok(relation
            .applications
            .get(target)
            .map(|bag| Arc::clone(&bag.values))
            .unwrap_or_default())
    }
}
