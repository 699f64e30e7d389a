use ensign::prelude::*;

#[cfg_attr(all(), when("a"))]
#[allow(dead_code)]
#[cfg(not(test))]
#[when_not("b")]
#[cfg_attr(any(), when_not("never"))]
/// Documentation may stand anywhere.
fn here() {}

#[when("a")]
#[cfg(any())]
fn gone() {}

#[when("a")]
fn argument(#[cfg_attr(all(), allow(unused_variables))] ctx: &mut Context) {}

fn main() {}
