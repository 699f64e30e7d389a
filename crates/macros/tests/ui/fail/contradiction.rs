use ensign::prelude::*;

#[when("a", "b")]
#[when_not("c", "a")]
fn h() {}

fn main() {}
