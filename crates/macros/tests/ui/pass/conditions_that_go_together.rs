use ensign::prelude::*;

#[when_changed(config = "port")]
#[when_changed(leader = "k", file = "/etc/x",)]
#[when("a")]
#[when_any["b", "c"]]
#[only_once]
#[not_unless("d")]
fn flags() {}

#[only_once]
fn alone() {}

#[not_unless("a")]
#[hook("start")]
#[only_once()]
#[sets("a")]
fn hooks() {}

#[action]
#[was("x")]
fn back_up() {}

#[before("x")]
#[id("y")]
#[collect_metrics]
fn metrics() {}

fn main() {}
