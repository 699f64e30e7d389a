use ensign::prelude::*;

#[only_once("a")]
fn h() {}

fn main() {}
