use ensign::prelude::*;

const BAD: Flag = Flag::new("not a flag!");

#[when(BAD)]
fn h() {}

fn main() {}
