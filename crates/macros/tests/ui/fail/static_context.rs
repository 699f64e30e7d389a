use ensign::prelude::*;

#[when("a")]
fn h(_ctx: &'static mut Context) {}

fn main() {}
