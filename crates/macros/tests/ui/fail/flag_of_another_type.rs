use ensign::prelude::*;

const NUMBER: u32 = 1;
const TEXT: &str = "a";

#[when(NUMBER)]
fn a() {}

#[when("a")]
#[when_not(TEXT)]
#[sets(TEXT)]
fn b() {}

#[when(MISSING)]
fn c() {}

ensign::trigger!(when = NUMBER, set = TEXT);

fn main() {}
