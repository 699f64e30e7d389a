use ensign::prelude::*;

#[when]
fn a() {}

#[when_not()]
fn b() {}

#[when("a")]
#[when_any()]
fn c() {}

#[when("a")]
#[not_unless]
fn d() {}

#[when("a")]
#[sets()]
#[clears]
fn e() {}

fn main() {}
