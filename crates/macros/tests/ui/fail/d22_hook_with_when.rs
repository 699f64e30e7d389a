use ensign::prelude::*;

#[hook("install")]
#[when("a")]
fn a() {}

#[when_not("a")]
#[hook("install")]
fn b() {}

#[hook("install")]
#[when_changed(config = "port")]
fn c() {}

fn main() {}
