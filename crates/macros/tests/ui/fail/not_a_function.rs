use ensign::prelude::*;

#[when("a")]
struct Charm;

#[sets("a")]
const X: u32 = 1;

trait Layer {
    #[when("a")]
    fn declared();
}

fn main() {}
