//! Relation data: the own bags with what was written to them, and the cached bags of others.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::HookContext;
use crate::tool::Failure;
use crate::{RelationId, UnitName};

/// A bag's content.
pub(crate) type Values = Arc<BTreeMap<String, String>>;

/// The own unit's or application's bag as this run sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    base: Values,
    current: Values,
}

impl Draft {
    fn of(base: Values) -> Self {
        Self {
            current: Arc::clone(&base),
            base,
        }
    }

    pub(crate) fn write(&mut self, values: &BTreeMap<String, String>) {
        let current = Arc::make_mut(&mut self.current);
        for (key, value) in values {
            if value.is_empty() {
                current.remove(key);
            } else {
                current.insert(key.clone(), value.clone());
            }
        }
    }

    /// What the flush has to send: keys that differ, removed ones as empty.
    pub(crate) fn changes(&self) -> BTreeMap<String, String> {
        let set = self
            .current
            .iter()
            .filter(|(key, value)| self.base.get(*key) != Some(value));
        let removed = self
            .base
            .keys()
            .filter(|key| !self.current.contains_key(*key));
        set.map(|(key, value)| (key.clone(), value.clone()))
            .chain(removed.map(|key| (key.clone(), String::new())))
            .collect()
    }
}

impl HookContext<'_> {
    /// The own unit's bag, to read and write.
    pub(crate) fn own_bag(&mut self, id: RelationId) -> Result<&mut Draft, Failure> {
        if !self.run.unit_bags.contains_key(&id) {
            self.connected()?;
            let values = self
                .world
                .read_unit_bag(id, self.unit.as_str(), self.unit)
                .map_err(Failure::run)?;
            self.run.unit_bags.insert(id, Draft::of(values));
        }
        Ok(self.run.unit_bags.entry(id).or_default())
    }

    /// The own application's bag, to read and write; only its leader gets here.
    pub(crate) fn own_application_bag(&mut self, id: RelationId) -> Result<&mut Draft, Failure> {
        if !self.run.application_bags.contains_key(&id) {
            self.connected()?;
            let name = self.unit.application();
            let values = self
                .world
                .read_application_bag(id, name, self.unit)
                .map_err(Failure::run)?;
            self.run.application_bags.insert(id, Draft::of(values));
        }
        Ok(self.run.application_bags.entry(id).or_default())
    }

    /// A unit's bag as this run may see it.
    pub(crate) fn unit_bag(&mut self, id: RelationId, unit: &str) -> Result<Values, Failure> {
        if unit == self.unit.as_str() {
            return Ok(Arc::clone(&self.own_bag(id)?.current));
        }
        if !self.is_member(id, unit) {
            return self.cached(id, unit, |context| {
                context.world.read_unit_bag(id, unit, context.unit)
            });
        }
        let Ok(unit) = unit.parse::<UnitName>() else {
            return Err(Failure::run("permission denied"));
        };
        let key = (id, unit);
        if let Some(values) = self.agent.memory.cache.get(&key) {
            return Ok(Arc::clone(values));
        }
        self.connected()?;
        let values = self
            .world
            .read_unit_bag(id, key.1.as_str(), self.unit)
            .map_err(Failure::run)?;
        self.agent.memory.cache.insert(key, Arc::clone(&values));
        Ok(values)
    }

    /// An application's bag as this run may see it.
    pub(crate) fn application_bag(
        &mut self,
        id: RelationId,
        application: &str,
    ) -> Result<Values, Failure> {
        if application == self.unit.application() {
            let leads = self.is_leader().map_err(|cause| {
                Failure::run(format!("cannot determine leadership status: {cause}"))
            })?;
            if leads {
                return Ok(Arc::clone(&self.own_application_bag(id)?.current));
            }
        }
        self.cached(id, application, |context| {
            context
                .world
                .read_application_bag(id, application, context.unit)
        })
    }

    fn cached(
        &mut self,
        id: RelationId,
        name: &str,
        read: impl FnOnce(&Self) -> Result<Values, String>,
    ) -> Result<Values, Failure> {
        if let Some(values) = self.run.bags.get(&id).and_then(|bags| bags.get(name)) {
            return Ok(Arc::clone(values));
        }
        self.connected()?;
        let values = read(self).map_err(Failure::run)?;
        self.run
            .bags
            .entry(id)
            .or_default()
            .insert(name.to_owned(), Arc::clone(&values));
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_differs_in_the_end_is_sent() {
        let mut draft = Draft::of(Arc::new(values(&[
            ("same", "1"),
            ("gone", "2"),
            ("back", "3"),
        ])));
        draft.write(&values(&[
            ("same", "1"),
            ("gone", ""),
            ("never", ""),
            ("new", "4"),
            ("back", "5"),
        ]));
        draft.write(&values(&[("back", "3")]));
        assert_eq!(draft.changes(), values(&[("gone", ""), ("new", "4")]));
    }
}
