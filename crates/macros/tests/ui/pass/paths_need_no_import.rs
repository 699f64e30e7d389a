#[ensign::when("a")]
#[::ensign::when_not("b")]
#[ensign::prelude::only_once]
fn h(_ctx: &mut ensign::Context) -> ensign::Result {
    Ok(())
}

ensign::trigger!(when = "a", set = "b");

fn main() {}
