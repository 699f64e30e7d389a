use ensign::when;

#[when("a")]
#[when_not("b")]
fn h() {}

fn main() {}
