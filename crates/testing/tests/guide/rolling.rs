//! Rolling changes: the code of `docs/rolling.md`, and what it does.

use ensign::prelude::*;

/// A change that has to roll over the units.
#[when_changed(config = "version")]
fn ask_for_a_turn(ctx: &mut Context) -> Result {
    ctx.set_flag("rolling.due")
}

/// Tells the peers whether this unit is due.
#[when_any("rolling.due", "rolling.told")]
#[when("rolling.peers")]
fn tell_peers(ctx: &mut Context) -> Result {
    let due = ctx.is_flag_set("rolling.due")?;
    ctx.endpoint("cluster")?
        .publish(ctx, [("due", if due { "yes" } else { "" })])?;
    ctx.toggle_flag("rolling.told", due)
}

/// The leader gives the turn to the first that is due, when whoever had it is done or gone.
#[when("leadership.is_leader", "rolling.look")]
fn give_turn(ctx: &mut Context) -> Result {
    ctx.clear_flag("rolling.look")?;
    let mut due = Vec::new();
    for unit in ctx.endpoint("cluster")?.units(ctx)? {
        if unit.received(ctx)?.get("due").is_some() {
            due.push(unit.name().to_owned());
        }
    }
    if ctx.is_flag_set("rolling.due")? {
        due.push(ctx.unit().to_string());
    }
    let turn = ctx.leader_get("turn")?.map(|turn| turn.to_string());
    match (turn, due.iter().min()) {
        (Some(turn), _) if due.contains(&turn) => Ok(()),
        (_, Some(next)) => ctx.leader_set([("turn", next)]),
        (_, None) => ctx.leader_unset(["turn"]),
    }
}

/// Makes the change, when it is this unit's turn.
#[when("rolling.due", "leadership.set.turn")]
fn take_turn(ctx: &mut Context) -> Result {
    let mine = ctx.unit().to_string();
    if ctx.leader_get("turn")?.as_deref() != Some(&*mine) {
        return Ok(());
    }
    ctx.command("restart-server").run()?;
    ctx.clear_flag("rolling.due")
}

// Who is leader looks when the peers have said something, when one has left, when it is due or done itself, and when
// it becomes the leader.
trigger!(
    when = "endpoint.cluster.changed",
    set = "rolling.look",
    clear = "endpoint.cluster.changed"
);
trigger!(when = "endpoint.cluster.departed", set = "rolling.look");
trigger!(when = "rolling.due", set = "rolling.look");
trigger!(when_not = "rolling.due", set = "rolling.look");
trigger!(when = "leadership.is_leader", set = "rolling.look");

/// From this hook on there are peers to tell.
#[hook("cluster-relation-created")]
fn meet_peers(ctx: &mut Context) -> Result {
    ctx.set_flag("rolling.peers")
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::process::Output;
    use std::rc::Rc;

    use ensign::host::Program;
    use ensign_testing::{Faults, MemoryDisk, Profile, Sim, UnitName, Workload, exited};
    use serde_json::{Value, json};

    use crate::{PROFILES, charm, leader, model};

    /// The restarts of all units, in their order.
    #[derive(Debug, Clone, Default)]
    struct Restarts(Rc<RefCell<Vec<UnitName>>>);

    impl Workload for Restarts {
        fn run(&mut self, unit: &UnitName, _: &MemoryDisk, program: &Program) -> Option<Output> {
            assert_eq!(program.name, "restart-server");
            self.0.borrow_mut().push(unit.clone());
            Some(exited(0, "", ""))
        }

        fn copied(&self) -> Box<dyn Workload> {
            Box::new(Self(Rc::new(RefCell::new(self.0.borrow().clone()))))
        }
    }

    fn rolling(profile: Profile) -> (Sim, Restarts) {
        let config = json!({"options": {"version": {"type": "string", "default": "1"}}});
        let restarts = Restarts::default();
        let mut sim = model(profile, &charm("rolling", config, Value::Null));
        sim.install(restarts.clone());
        (sim, restarts)
    }

    fn upgrade(sim: &Sim) {
        let version = [("version".to_owned(), "2".to_owned())].into();
        sim.model().set_config("charm", &version).unwrap();
    }

    /// Who has the turn, as the operator would see it.
    fn runs(restarts: &Restarts) -> Vec<String> {
        let mut all: Vec<String> = restarts
            .0
            .borrow()
            .iter()
            .map(ToString::to_string)
            .collect();
        all.dedup();
        all
    }

    #[test]
    fn each_unit_makes_the_change_once_and_in_turn() {
        for profile in PROFILES {
            let (mut sim, restarts) = rolling(profile);
            sim.settle().unwrap();
            restarts.0.borrow_mut().clear();
            upgrade(&sim);
            sim.settle().unwrap();
            let mut all = runs(&restarts);
            assert_eq!(restarts.0.borrow().len(), 3, "{all:?}");
            all.sort();
            assert_eq!(all, ["charm/0", "charm/1", "charm/2"], "{profile:?}");
        }
    }

    #[test]
    fn a_unit_that_is_lost_with_its_turn_gives_it_back_when_it_is_removed() {
        for profile in PROFILES {
            let (mut sim, restarts) = rolling(profile);
            sim.settle().unwrap();
            restarts.0.borrow_mut().clear();
            upgrade(&sim);
            let leads = leader(&sim);
            let lost: UnitName = ["charm/0", "charm/1"]
                .iter()
                .map(|name| name.parse().unwrap())
                .find(|unit| *unit != leads)
                .unwrap();
            sim.model().kill_unit(&lost).unwrap();
            sim.settle().unwrap();
            sim.model().remove_unit(&lost).unwrap();
            sim.settle().unwrap();
            let restarted = runs(&restarts);
            assert_eq!(restarted.len(), 2, "{profile:?}: {restarted:?}");
            assert!(!restarted.contains(&lost.to_string()));
        }
    }

    #[test]
    fn a_kill_keeps_the_turns() {
        for profile in PROFILES {
            let play = |faults: &Faults| {
                let (mut sim, restarts) = rolling(profile);
                sim.settle().unwrap();
                restarts.0.borrow_mut().clear();
                upgrade(&sim);
                sim.settle_under(faults).unwrap();
                // One after the other: the runs of a unit that was killed are not parted by those of another.
                let mut all = runs(&restarts);
                all.sort();
                assert_eq!(
                    all,
                    ["charm/0", "charm/1", "charm/2"],
                    "{:?}",
                    faults.steps()
                );
            };
            let counted = Faults::none();
            play(&counted);
            for moment in (0..counted.moments()).step_by(9) {
                play(&Faults::at(moment));
            }
        }
    }
}
