//! A model whose units each have a service: a file with the passwords that it accepts, the used one first.

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim, UnitName};
use layer_rotation::Rotate;
use serde_json::Map;

const SERVICE: &str = "/etc/service";

/// A unit that leaves hands over what it has, and takes nothing new meanwhile.
#[hook("cluster-relation-departed")]
fn leave(ctx: &mut Context) -> Result {
    let departing = ctx.hook().relation().and_then(|r| r.departing_unit.clone());
    if departing == Some(ctx.unit().to_string()) {
        ctx.set_flag("leaving")?;
    }
    Ok(())
}

#[when("rotation.available")]
#[when_not("leaving")]
#[when_changed(leader = "rotation")]
fn configure(ctx: &mut Context) -> Result {
    let Some(passwords) = ctx.passwords()? else {
        return Ok(());
    };
    let also = passwords.also.as_ref().map_or("", |also| also.expose());
    let text = format!("{}\n{also}\n", passwords.current.expose());
    ctx.write_secret_file(SERVICE, text)?;
    ctx.passwords_applied(&passwords)
}

#[when("leadership.is_leader", "rotation.rotating")]
fn go_on(ctx: &mut Context) -> Result {
    ctx.passwords_go_on(|ctx, _| Ok(!ctx.config()?.bool("busy")?))
}

pub(crate) const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

pub(crate) struct World {
    pub(crate) sim: Sim,
}

impl World {
    pub(crate) fn deployed(profile: Profile, units: u32, options: &[(&str, &str)]) -> Self {
        use layer_rotation as _;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
        let crates = ["layer_status", "layer_rotation", "rotation"];
        let charm = Charm::linked(folder, &crates).unwrap();
        let mut sim = Sim::new(profile, 7);
        sim.deploy("shared", &charm, units).unwrap();
        let mut world = Self { sim };
        for (option, value) in options {
            world.set(option, value);
        }
        world.settle();
        world
    }

    pub(crate) fn copied(&self) -> Self {
        let sim = self.sim.copied();
        Self { sim }
    }

    pub(crate) fn set(&mut self, option: &str, value: &str) {
        let options = [(option.to_owned(), value.to_owned())].into();
        self.sim.model().set_config("shared", &options).unwrap();
    }

    /// Runs one operation, and looks whether anybody would be refused now; `false` when all is at rest.
    pub(crate) fn step(&mut self) -> bool {
        if let Some(operation) = self.sim.poll() {
            let ran = self.sim.run(&operation, &Faults::none());
            assert_eq!(ran.error, None, "{} {}", ran.unit, ran.name);
        } else if self.sim.model().settled().is_settled() || !self.sim.wait_for_timer() {
            return false;
        }
        self.nobody_is_refused();
        true
    }

    pub(crate) fn settle(&mut self) {
        while self.step() {}
    }

    /// Every unit runs `update-status` so often.
    pub(crate) fn pass(&mut self, rounds: usize) {
        for _ in 0..rounds {
            self.sim.advance(std::time::Duration::from_secs(400));
            self.settle();
        }
    }

    /// What the services of units that are there accept, the used one first.
    pub(crate) fn services(&self) -> BTreeMap<UnitName, Vec<String>> {
        let files = self.sim.files("shared", SERVICE).into_iter();
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        let known = files.filter_map(|(unit, text)| Some((unit, words(text?))));
        known.collect()
    }

    fn nobody_is_refused(&self) {
        let services = self.services();
        for (unit, passwords) in &services {
            for (at, accepted) in &services {
                assert!(
                    accepted.contains(&passwords[0]),
                    "{unit} is refused by {at}: {services:?}"
                );
            }
        }
    }

    /// The one password that all units that are there have, and no other.
    pub(crate) fn password(&self) -> String {
        let services = self.services();
        let all: BTreeSet<_> = services.values().collect();
        assert_eq!(all.len(), 1, "{services:?}");
        let only = services.into_values().next().unwrap();
        assert_eq!(only.len(), 1, "{only:?}");
        only[0].clone()
    }

    pub(crate) fn leader(&self) -> UnitName {
        let status = self.sim.model().status();
        status.applications["shared"].leader.clone().unwrap()
    }

    pub(crate) fn follower(&self) -> UnitName {
        let leader = self.leader();
        let mut units = self.services().into_keys();
        units.find(|unit| *unit != leader).unwrap()
    }

    pub(crate) fn status(&self, unit: &UnitName) -> String {
        let status = self.sim.model().status();
        let units = status.applications["shared"].units.iter();
        let unit = units.clone().find(|known| known.unit == *unit).unwrap();
        format!("{} {}", unit.workload.status, unit.workload.message)
    }

    /// Asks a unit for a new one; what it says, when all is done.
    pub(crate) fn rotate_on(&mut self, unit: &UnitName) -> String {
        let action = "rotate-password";
        let id = self.sim.model().run_action(unit, action, Map::new());
        let id = id.unwrap();
        self.settle();
        self.sim.model().action(id).unwrap().message.clone()
    }

    pub(crate) fn rotate(&mut self) {
        let leader = self.leader();
        assert_eq!(self.rotate_on(&leader), "");
    }
}
