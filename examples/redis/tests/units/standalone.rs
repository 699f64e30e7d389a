//! One primary, and units that follow it.

use crate::world::{PROFILES, World};

#[test]
fn units_share_a_password_and_follow_one_primary() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        println!("{:?}", world.statuses("redis"));
        println!("{:?}", world.statuses("redis-client"));
        world.check();
        world.pass(2);
        println!("{:?}", world.statuses("redis"));
        println!("{:?}", world.statuses("redis-client"));
        for unit in world.units() {
            let model = world.sim.model();
            let last = model.history(&unit).last().cloned().unwrap();
            println!("{unit} {} {:?}", last.hook, last.tools);
        }
        let fleet = world.fleet.look();
        for run in &fleet.runs[fleet.runs.len() - 12..] {
            println!("{run:?}");
        }
    }
}
