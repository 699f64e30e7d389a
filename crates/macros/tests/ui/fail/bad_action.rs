use ensign::prelude::*;

#[action("Back_up")]
fn a() {}

#[action("juju-run")]
fn b() {}

#[action]
fn _c() {}

#[action(NAME)]
fn d() {}

fn main() {}
