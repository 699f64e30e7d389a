use ensign::prelude::*;

#[when("a")]
#[id("two words")]
#[was("")]
#[before(OTHER)]
#[after()]
fn a() {}

#[when("a")]
#[id("x", "y")]
fn b() {}

fn main() {}
