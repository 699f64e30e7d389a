use ensign::prelude::*;

const IS_LEADER: Flag = Flag::new("leadership.is_leader");

#[when("db.connected")]
fn on_every_unit(_ctx: &mut Context, _leader: Leader) {}

#[when_any("leadership.is_leader", "db.connected")]
fn perhaps_on_the_leader(_ctx: &mut Context, _leader: ensign::leadership::Leader) {}

#[when_not("leadership.is_leader")]
fn on_the_others(_leader: Leader) {}

#[when(IS_LEADER)]
fn by_constant(_ctx: &mut Context, _leader: Leader) {}

#[hook("leader-elected")]
fn in_a_hook(_ctx: &mut Context, _leader: Leader) {}

#[action]
fn in_an_action(_ctx: &mut Context, _leader: Leader) {}

#[collect_metrics]
fn in_a_restricted_hook(_leader: Leader) {}

#[when("leadership.is_leader")]
fn maybe(_leader: Option<Leader>) {}

#[when("leadership.is_leader")]
fn borrowed(_ctx: &mut Context, _leader: &Leader) {}

fn main() {}
