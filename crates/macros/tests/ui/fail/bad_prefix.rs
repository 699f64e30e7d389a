use ensign::prelude::*;

#[when("a")]
#[sets("b*")]
#[clears("*", "c.*")]
fn h() {}

fn main() {}
