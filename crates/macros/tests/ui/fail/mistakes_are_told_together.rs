use ensign::prelude::*;

#[when("a b")]
#[when_not("c d")]
#[hook("")]
fn a() {}

#[when("a")]
#[hook("install")]
fn b(&self) {}

fn calls_still_resolve() {
    a();
}

fn main() {}
