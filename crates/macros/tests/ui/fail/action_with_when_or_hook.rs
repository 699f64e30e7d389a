use ensign::prelude::*;

#[action("backup")]
#[when("a")]
fn a() {}

#[hook("install")]
#[action("backup")]
fn b() {}

fn main() {}
