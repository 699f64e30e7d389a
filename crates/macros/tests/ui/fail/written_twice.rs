use ensign::prelude::*;

#[when("a")]
#[id("x")]
#[id("y")]
fn a() {}

#[hook("install")]
#[hook("start")]
fn b() {}

#[action]
#[action("x")]
fn c() {}

#[only_once]
#[only_once]
fn d() {}

fn main() {}
