use ensign::prelude::*;

#[sets("a")]
fn a() {}

#[before("x")]
#[after("y")]
#[id("z")]
fn b() {}

#[not_unless("a")]
fn c() {}

fn main() {}
