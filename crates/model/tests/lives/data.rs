//! What was committed, kept beside the model: what it has must be the same.

use std::collections::BTreeMap;

use ensign_model::{ContextId, Exit, Operation, Profile, UnitName};

use super::Dice;
use crate::support::Sim;

/// What a hook has written and not yet committed.
#[derive(Debug, Default)]
pub(super) struct Writes {
    state: Option<String>,
    bag: Option<String>,
    application_bag: Option<String>,
    /// The application's secret: id and value.
    secret: Option<(String, String)>,
}

/// What was committed last.
#[derive(Debug)]
pub(super) struct Data {
    profile: Profile,
    /// Nothing new is written.
    pub(super) quiet: bool,
    count: u32,
    state: BTreeMap<UnitName, String>,
    bags: BTreeMap<UnitName, String>,
    application_bags: BTreeMap<String, String>,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, (String, String)>,
}

/// A tool's line: the value without its newline; a value nobody set is empty.
fn value(sim: &mut Sim, context: &ContextId, line: &str) -> String {
    sim.ok(context, line).trim_end().to_owned()
}

impl Data {
    pub(super) fn new(profile: Profile) -> Self {
        Self {
            profile,
            quiet: false,
            count: 0,
            state: BTreeMap::new(),
            bags: BTreeMap::new(),
            application_bags: BTreeMap::new(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
        }
    }

    fn next(&mut self, dice: &mut Dice, sides: usize) -> Option<String> {
        if self.quiet || dice.roll(sides) > 0 {
            return None;
        }
        self.count += 1;
        Some(format!("v{}", self.count))
    }

    /// Reads everything, compares, and writes some.
    pub(super) fn visit(
        &mut self,
        sim: &mut Sim,
        operation: &Operation,
        leads: bool,
        dice: &mut Dice,
    ) -> Writes {
        let (unit, context) = (&operation.unit, &operation.context);
        let name = unit.application();
        self.compare(sim, unit, context);
        let mut writes = Writes::default();
        if let Some(new) = self.next(dice, 3) {
            sim.ok(context, &format!("state-set n={new}"));
            writes.state = Some(new);
        }
        for id in sim.ok(context, "relation-ids cluster").lines() {
            if let Some(new) = self.next(dice, 4) {
                sim.ok(context, &format!("relation-set -r {id} n={new}"));
                writes.bag = Some(new);
            }
            if let Some(new) = self.next(dice, 4).filter(|_| leads) {
                sim.ok(context, &format!("relation-set -r {id} --app n={new}"));
                writes.application_bag = Some(new);
            }
        }
        if let Some(new) = self.next(dice, 4).filter(|_| leads) {
            writes.secret = Some(match self.secrets.get(name) {
                Some((id, _)) => {
                    sim.ok(context, &format!("secret-set {id} token={new}"));
                    (id.clone(), new)
                }
                None => {
                    let id = value(
                        sim,
                        context,
                        &format!("secret-add --label main token={new}"),
                    );
                    (id, new)
                }
            });
        }
        // At once and for good.
        if self.profile.differences().leader_settings
            && leads
            && let Some(new) = self.next(dice, 4)
        {
            sim.ok(context, &format!("leader-set n={new}"));
            self.settings.insert(name.to_owned(), new);
        }
        writes
    }

    fn compare(&self, sim: &mut Sim, unit: &UnitName, context: &ContextId) {
        let name = unit.application();
        let known = |map: &BTreeMap<String, String>| map.get(name).cloned().unwrap_or_default();
        let state = self.state.get(unit).cloned().unwrap_or_default();
        assert_eq!(value(sim, context, "state-get n"), state, "state of {unit}");
        for id in sim.ok(context, "relation-ids cluster").lines() {
            let bag = self.bags.get(unit).cloned().unwrap_or_default();
            let read = value(sim, context, &format!("relation-get -r {id} n {unit}"));
            assert_eq!(read, bag, "own data of {unit}");
            let read = value(
                sim,
                context,
                &format!("relation-get -r {id} --app n {name}"),
            );
            assert_eq!(
                read,
                known(&self.application_bags),
                "data of {name} as {unit} sees it"
            );
        }
        if self.profile.differences().leader_settings {
            let read = value(sim, context, "leader-get n");
            assert_eq!(
                read,
                known(&self.settings),
                "settings of {name} as {unit} sees them"
            );
        }
        if let Some((id, token)) = self.secrets.get(name) {
            let read = value(sim, context, &format!("secret-get --peek {id} token"));
            assert_eq!(read, *token, "secret of {name} as {unit} sees it");
        }
    }

    pub(super) fn commit(&mut self, unit: &UnitName, writes: Writes) {
        let name = unit.application();
        if let Some(new) = writes.state {
            self.state.insert(unit.clone(), new);
        }
        if let Some(new) = writes.bag {
            self.bags.insert(unit.clone(), new);
        }
        if let Some(new) = writes.application_bag {
            self.application_bags.insert(name.to_owned(), new);
        }
        if let Some(new) = writes.secret {
            self.secrets.insert(name.to_owned(), new);
        }
    }

    /// At the end: a unit also sees what each of its peers has said.
    pub(super) fn check(&self, sim: &mut Sim, unit: &UnitName) {
        let run = sim.enter(unit);
        self.compare(sim, unit, &run.context);
        for id in sim.ok(&run.context, "relation-ids cluster").lines() {
            let peers = sim.ok(&run.context, &format!("relation-list -r {id}"));
            for peer in peers.lines() {
                let bag = self.bags.get(peer).cloned().unwrap_or_default();
                let line = format!("relation-get -r {id} n {peer}");
                assert_eq!(
                    value(sim, &run.context, &line),
                    bag,
                    "{peer} as {unit} sees it"
                );
            }
        }
        let _ = sim.finish(&run, Exit::Code(0));
    }
}
