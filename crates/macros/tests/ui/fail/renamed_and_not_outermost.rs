use ensign::prelude::*;
use ensign::when as w;

#[when_not("b")]
#[w("a")]
fn h() {}

fn main() {}
