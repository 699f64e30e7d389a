use ensign::prelude::*;

#[when("a")]
fn a(ctx: &mut Context) {
    ctx. }

#[when("a")]
fn b(_ctx: &mut Context) -> Result {
    unknown()
}

fn main() {}
