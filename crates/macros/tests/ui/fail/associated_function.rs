use ensign::prelude::*;

struct Charm;

impl Charm {
    #[when("a")]
    fn h() {}
}

fn main() {}
